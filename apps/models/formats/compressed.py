"""Compressed files: recognised, and at most a few bytes unpacked to tell whether a pickle lies inside."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Any

from apps.models.formats.reader import Reader

PEEK = 2
PACKED = 4096


def looks_like_zlib(head: bytes, size: int) -> bool:
    """Tell from a deflate header whose check holds (RFC 1950, section 2.2) and a first block that unpacks."""
    if len(head) < 6 or head[0] != 0x78 or int.from_bytes(head[:2]) % 31:
        return False
    try:
        return bool(zlib.decompressobj().decompress(head[:PACKED], PEEK))
    except zlib.error:
        return False


def read_zlib(reader: Reader) -> tuple[str, dict[str, Any]]:
    """Return zlib, and what lies inside."""
    return "zlib", _facts(reader, zlib.decompressobj().decompress)


def read_gzip(reader: Reader) -> tuple[str, dict[str, Any]]:
    """Return gzip, and what lies inside."""
    return "gzip", _facts(reader, zlib.decompressobj(16 + zlib.MAX_WBITS).decompress)


def read_bzip2(reader: Reader) -> tuple[str, dict[str, Any]]:
    """Return bzip2, and what lies inside."""
    return "bzip2", _facts(reader, bz2.BZ2Decompressor().decompress)


def read_xz(reader: Reader) -> tuple[str, dict[str, Any]]:
    """Return xz, and what lies inside."""
    return "xz", _facts(reader, lzma.LZMADecompressor(memlimit=64 * 1024 * 1024).decompress)


def _facts(reader: Reader, unpack: Callable[[bytes, int], bytes]) -> dict[str, Any]:
    try:
        inside = unpack(reader.take(min(reader.size, PACKED)), PEEK)
    except (zlib.error, lzma.LZMAError, OSError, EOFError):
        return {"malformed": "The file cannot be unpacked."}
    return {"inside": "pickle"} if len(inside) == PEEK and inside[0] == 0x80 and 2 <= inside[1] <= 5 else {}
