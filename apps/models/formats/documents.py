"""Small JSON documents, such as configurations and evaluation reports."""

from __future__ import annotations

import json
from typing import Any

from apps.models.formats.reader import Reader

MAX_SIZE = 1024 * 1024


def looks_like(head: bytes, size: int) -> bool:
    """Tell from the first byte that is not white space."""
    return size <= MAX_SIZE and head.lstrip()[:1] in {b"{", b"["}


def read(reader: Reader) -> tuple[str, dict[str, Any]]:
    """Return the kind of the outermost value and its count of entries; no format where it is not JSON."""
    try:
        value = json.loads(reader.take(reader.size).decode())
    except (ValueError, RecursionError):
        return "", {}
    return "json", {"kind": "object" if isinstance(value, dict) else "list", "entries": len(value)}
