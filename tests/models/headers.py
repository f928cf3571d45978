"""Small files of every format, made by hand so that each field can be a lie."""

from __future__ import annotations

import io
import json
import math
import struct
import zipfile
from typing import Any

from apps.models import formats
from apps.models.formats import Recognised

WIDTHS = {"F32": 4, "BF16": 2, "F16": 2, "I64": 8, "U8": 1}


def recognised(content: bytes) -> Recognised:
    """Recognise bytes."""
    return formats.recognise(io.BytesIO(content), len(content))


def safetensors_raw(header: bytes, data: bytes = b"", length: int | None = None) -> bytes:
    """Return a file with this header, its length claimed as `length`."""
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def safetensors(tensors: dict[str, tuple[str, list[int]]], metadata: dict[str, str] | None = None) -> bytes:
    """Return a correct file of zeros."""
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    end = 0
    for name, (dtype, shape) in tensors.items():
        start, end = end, end + math.prod(shape) * WIDTHS[dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
    return safetensors_raw(json.dumps(header).encode(), b"\x00" * end)


def gguf_text(text: str) -> bytes:
    """Return a GGUF string."""
    return struct.pack("<Q", len(text.encode())) + text.encode()


def gguf_value(value: Any) -> bytes:
    """Return a typed GGUF value: text, list of texts or number."""
    if isinstance(value, str):
        return struct.pack("<I", 8) + gguf_text(value)
    if isinstance(value, list):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(gguf_text(item) for item in value)
    return struct.pack("<Iq", 11, value)


def gguf_raw(pairs: list[tuple[str, bytes]], rest: bytes = b"", *, tensors: int = 0, count: int | None = None) -> bytes:
    """Return a header with these encoded entries, counted as `count`."""
    entries = b"".join(gguf_text(key) + value for key, value in pairs)
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, len(pairs) if count is None else count) + entries + rest


def gguf(entries: dict[str, Any], tensors: dict[str, tuple[list[int], int]]) -> bytes:
    """Return a correct header."""
    described = b"".join(
        gguf_text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, 0)
        for name, (shape, kind) in tensors.items()
    )
    return gguf_raw([(key, gguf_value(value)) for key, value in entries.items()], described, tensors=len(tensors))


def varint(value: int) -> bytes:
    """Return a protobuf number."""
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def field(number: int, content: bytes | int, length: int | None = None) -> bytes:
    """Return a protobuf field, its length claimed as `length`."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content) if length is None else length) + content


def onnx(graph: bytes, *more: bytes) -> bytes:
    """Return a model with this encoded graph."""
    return field(1, 8) + field(2, b"test") + field(7, graph) + field(8, field(2, 17)) + b"".join(more)


def npy(header: str, length: int | None = None) -> bytes:
    """Return an .npy header, its length claimed as `length`."""
    text = header.encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text) if length is None else length) + text


def archive(members: list[str]) -> bytes:
    """Return a zip archive of empty members."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for name in members:
            file.writestr(name, b"")
    return held.getvalue()
