"""Zip archives and what is made of them: PyTorch, Keras, NumPy; only the central directory is read, nothing unpacked.

Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.12 to 4.3.16.
"""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

from apps.models.formats.reader import Malformed, Reader

NAMES = frozenset({"zip", "pytorch", "torchscript", "keras", "numpy_archive"})
END = b"PK\x05\x06"
END_SIZE = 22
LONGEST_COMMENT = 65_535
LOCATOR, END_64, ENTRY = b"PK\x06\x07", b"PK\x06\x06", b"PK\x01\x02"
LOCATOR_SIZE = 20
MAX_DIRECTORY = 16 * 1024 * 1024
MAX_MEMBERS = 65_536
PICKLES = (".pkl", ".pickle", ".pt", ".pth", ".joblib", ".bin")


def ends_as_archive(file: BinaryIO, size: int) -> bool:
    """Tell whether the file ends with a zip archive's end record."""
    return _end(file, size) is not None


def read(reader: Reader) -> tuple[str, dict[str, Any]]:
    """Return what the archive is, judged by its members' names, and counts."""
    found = _end(reader.file, reader.size)
    if found is None:
        raise Malformed("The archive has no end record.")
    position, tail = found
    count, length, start = struct.unpack("<HII", tail[10:20])
    if count == 0xFFFF or 0xFFFFFFFF in (length, start):
        count, length, start = _end_64(reader, position)
    if count > MAX_MEMBERS or length > MAX_DIRECTORY or start + length > position:
        raise Malformed("The archive's directory is larger than is read, or lies outside the file.")
    reader.go(start)
    members = [_member(reader) for _ in range(count)]
    return _facts(members)


def _end(file: BinaryIO, size: int) -> tuple[int, bytes] | None:
    """Return position and bytes of the end record whose comment ends exactly at the file's end."""
    start = max(0, size - END_SIZE - LONGEST_COMMENT)
    file.seek(start)
    tail = file.read(size - start)
    place = tail.rfind(END)
    while place >= 0:
        if len(tail) - place >= END_SIZE and place + END_SIZE + int.from_bytes(
            tail[place + 20 : place + 22], "little"
        ) == len(tail):
            return start + place, tail[place : place + END_SIZE]
        place = tail.rfind(END, 0, place)
    return None


def _end_64(reader: Reader, position: int) -> tuple[int, int, int]:
    """Return count, length and start of the directory from the zip64 records."""
    reader.go(position - LOCATOR_SIZE)
    if reader.take(4) != LOCATOR:
        raise Malformed("The archive's zip64 locator is missing.")
    reader.skip(4)
    reader.go(reader.unpack("Q"))
    if reader.take(4) != END_64:
        raise Malformed("The archive's zip64 record is missing.")
    reader.skip(28)
    return reader.unpack("Q"), reader.unpack("Q"), reader.unpack("Q")


def _member(reader: Reader) -> tuple[str, bool]:
    """Return a member's name and whether it is encrypted."""
    head = reader.take(46)
    if head[:4] != ENTRY:
        raise Malformed("The archive's directory is broken.")
    flags = int.from_bytes(head[8:10], "little")
    name, extra, comment = struct.unpack("<HHH", head[28:34])
    text = reader.take(name).decode("utf-8" if flags & 0x800 else "cp437", errors="replace")
    reader.skip(extra + comment)
    return text, bool(flags & 1)


def _facts(members: list[tuple[str, bool]]) -> tuple[str, dict[str, Any]]:
    names = [name for name, _ in members]
    facts: dict[str, Any] = {"members": len(members), "pickles": sum(name.lower().endswith(PICKLES) for name in names)}
    if any(encrypted for _, encrypted in members):
        facts["encrypted"] = True
    if len(set(names)) != len(names):
        facts["repeated_names"] = True
    if any(_is_hostile(name) for name in names):
        facts["hostile_names"] = True
    return _kind(set(names)), facts


def _is_hostile(name: str) -> bool:
    return (
        name.startswith(("/", "\\")) or "\x00" in name or ".." in name.replace("\\", "/").split("/") or name[1:2] == ":"
    )


def _kind(names: set[str]) -> str:
    inner = {name.partition("/")[2] for name in names}
    if "data.pkl" in inner or "data.pkl" in names:
        scripted = "constants.pkl" in inner and any(name.startswith("code/") for name in inner)
        return "torchscript" if scripted else "pytorch"
    if {"config.json", "metadata.json"} <= names and "model.weights.h5" in names:
        return "keras"
    if names and all(name.endswith(".npy") for name in names):
        return "numpy_archive"
    return "zip"
