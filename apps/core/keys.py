"""Ids that come as text, from addresses and from the log."""

from __future__ import annotations

LONGEST = 18  # Digits that a bigint holds for certain.


def key_in(text: str) -> int | None:
    """Return the id that a text is, or None where it cannot be one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else None
