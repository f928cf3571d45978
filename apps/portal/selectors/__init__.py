"""Answers for pages that mix subjects."""
