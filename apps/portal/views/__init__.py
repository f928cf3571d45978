"""Pages that mix subjects."""
