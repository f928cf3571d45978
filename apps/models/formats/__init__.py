"""Recognising model files by their bytes, never by their names, and never loading them.

Each reader is given a seekable file and its size, and returns small facts; limits follow the hazards found in the
official readers (huge counts, deep nesting, duplicate keys, claims beyond the file).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from apps.models.formats import archive, arrays, compressed, documents, gguf, onnx, pickles, safetensors
from apps.models.formats.reader import Malformed, Reader

HEAD = 64 * 1024


@dataclass(frozen=True)
class Recognised:
    """The format's name, empty where unknown, and facts; `malformed` among them says what is wrong."""

    format: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


# Tried in this order; a test sees the first bytes and the size, a reader the file.
Test = Callable[[bytes, int], bool]
Read = Callable[[Reader], tuple[str, dict[str, Any]]]
FORMATS: tuple[tuple[str, Test, Read | None], ...] = (
    ("gguf", lambda head, size: head.startswith(b"GGUF"), gguf.read),
    ("numpy", lambda head, size: head.startswith(b"\x93NUMPY"), arrays.read),
    ("zip", lambda head, size: head.startswith((b"PK\x03\x04", b"PK\x05\x06")), archive.read),
    ("hdf5", lambda head, size: head.startswith(b"\x89HDF\r\n\x1a\n"), None),
    ("gzip", lambda head, size: head.startswith(b"\x1f\x8b\x08"), compressed.read_gzip),
    ("zstd", lambda head, size: head.startswith(b"\x28\xb5\x2f\xfd"), None),
    ("bzip2", lambda head, size: head[:3] == b"BZh" and head[4:10] == b"1AY&SY", compressed.read_bzip2),
    ("xz", lambda head, size: head.startswith(b"\xfd7zXZ\x00"), compressed.read_xz),
    ("zlib", compressed.looks_like_zlib, compressed.read_zlib),
    ("tflite", lambda head, size: head[4:8] == b"TFL3", None),
    ("tar", lambda head, size: head[257:262] == b"ustar", None),
    ("pickle", pickles.looks_like, pickles.read),
    ("safetensors", safetensors.looks_like, safetensors.read),
    ("onnx", onnx.looks_like, onnx.read),
    ("json", documents.looks_like, documents.read),
)


def recognise(file: BinaryIO, size: int) -> Recognised:
    """Return what a file is; never raises for what it holds."""
    file.seek(0)
    head = file.read(min(HEAD, size))
    for name, test, read in FORMATS:
        if test(head, size):
            found = _read(name, read, file, size)
            if found.format:
                return _with_trailing_archive(found, file, size)
    return _with_trailing_archive(Recognised(), file, size)


def _read(name: str, read: Read | None, file: BinaryIO, size: int) -> Recognised:
    if read is None:
        return Recognised(name)
    try:
        found, facts = read(Reader(file, size))
    except Malformed as error:
        return Recognised(name, {"malformed": str(error)})
    except (ValueError, OverflowError, RecursionError, MemoryError):
        return Recognised(name, {"malformed": "The header cannot be read."})
    return Recognised(found, facts)


def _with_trailing_archive(found: Recognised, file: BinaryIO, size: int) -> Recognised:
    """Add a fact where a zip archive is appended to something else: readers disagree on what such a file is."""
    if found.format in archive.NAMES or not archive.ends_as_archive(file, size):
        return found
    return Recognised(found.format, {**found.facts, "appended_archive": True})
