"""ONNX: a protobuf message without a magic number, walked at its top levels only.

Field numbers from https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (ModelProto, GraphProto, TensorProto);
wire format from https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from apps.models.formats.reader import Malformed, Reader, shown

# ModelProto field -> wire type (0 number, 2 length-delimited).
MODEL = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT = 1, 5, 11, 12
MAX_TEXT = 4096
MAX_OPSETS = 64
MAX_DIMENSIONS = 16
FIXED = {1: 8, 5: 4}
ELEMENTS = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string", 9: "bool",
    10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16",
    17: "float8e4m3fn", 18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4",
}  # fmt: skip

# Field number, wire type, value (numbers) or length (delimited, positioned at its first byte).
Field = tuple[int, int, int]


def looks_like(head: bytes, size: int) -> bool:
    """Tell from the first bytes: `ir_version` comes first in every writer's output."""
    return len(head) > 2 and head[0] == 0x08 and 1 <= head[1] <= 100


def read(reader: Reader) -> tuple[str, dict[str, Any]]:
    """Return IR version, producer, operator sets and the graph's counts; no format where it is other protobuf."""
    if not _is_model(reader):
        return "", {}
    reader.go(0)
    facts: dict[str, Any] = {"ir_version": 0, "opsets": {}}
    for number, _, value in _fields(reader, reader.size):
        _note(reader, facts, number, value)
    return "onnx", facts


def _is_model(reader: Reader) -> bool:
    """Tell whether the whole file is one ModelProto with a version and a graph."""
    seen = set()
    try:
        for number, wire, _ in _fields(reader, reader.size):
            if MODEL.get(number) != wire:
                return False
            seen.add(number)
    except Malformed:
        return False
    return {1, 7} <= seen


def _note(reader: Reader, facts: dict[str, Any], number: int, value: int) -> None:
    if number == 1:
        facts["ir_version"] = value
    elif number in {2, 3}:
        facts["producer" if number == 2 else "producer_version"] = shown(_text(reader, value))
    elif number == 7:
        facts |= _graph(reader, reader.position + value)
    elif number == 8 and len(facts["opsets"]) < MAX_OPSETS:
        domain, version = _opset(reader, reader.position + value)
        facts["opsets"][domain] = version


def _opset(reader: Reader, end: int) -> tuple[str, int]:
    domain, version = "ai.onnx", 0
    for number, wire, value in _fields(reader, end):
        if number == 1 and wire == 2:
            domain = shown(_text(reader, value)) or domain
        elif number == 2 and wire == 0:
            version = value
    return domain, version


def _graph(reader: Reader, end: int) -> dict[str, Any]:
    counts = {GRAPH_NODE: 0, GRAPH_INITIALIZER: 0, GRAPH_INPUT: 0, GRAPH_OUTPUT: 0}
    parameters, dtypes, external = 0, set(), 0
    for number, wire, value in _fields(reader, end):
        if wire == 2 and number in counts:
            counts[number] += 1
        if wire == 2 and number == GRAPH_INITIALIZER:
            elements, dtype, outside = _tensor(reader, reader.position + value)
            parameters, external = parameters + elements, external + outside
            dtypes.add(dtype)
    names = {GRAPH_NODE: "nodes", GRAPH_INITIALIZER: "tensors", GRAPH_INPUT: "inputs", GRAPH_OUTPUT: "outputs"}
    facts: dict[str, Any] = {names[number]: count for number, count in counts.items()}
    facts |= {"parameters": parameters, "dtypes": sorted(dtypes)}
    return facts | ({"external_tensors": external} if external else {})


def _tensor(reader: Reader, end: int) -> tuple[int, str, bool]:
    """Return elements, element type, and whether the values lie in another file."""
    shape: list[int] = []
    dtype, external = 0, False
    for number, wire, value in _fields(reader, end):
        if number == 1 and wire == 0:
            shape.append(value)
        elif number == 1 and wire == 2:
            shape += _packed(reader, reader.position + value)
        elif number == 2 and wire == 0:
            dtype = value
        elif number == 13 or (number == 14 and value == 1):
            external = True
        if len(shape) > MAX_DIMENSIONS:
            raise Malformed("A tensor has too many dimensions.")
    elements = math.prod(shape)
    if elements > 2**53:
        raise Malformed("A tensor has an impossible shape.")
    return elements, ELEMENTS.get(dtype, f"type {dtype}"), external


def _packed(reader: Reader, end: int) -> list[int]:
    found: list[int] = []
    while reader.position < end and len(found) <= MAX_DIMENSIONS:
        found.append(_varint(reader))
    return found


def _fields(reader: Reader, end: int) -> Iterator[Field]:
    """Yield the fields up to `end`, passing over whatever the caller leaves of a delimited one."""
    if end > reader.size:
        raise Malformed("A part claims more bytes than the file has.")
    while reader.position < end:
        tag = _varint(reader)
        number, wire = tag >> 3, tag & 7
        if number == 0 or wire not in {0, 1, 2, 5}:
            raise Malformed("The protobuf encoding is broken.")
        value = 0
        if wire in FIXED:
            reader.skip(FIXED[wire])
        else:
            value = _varint(reader)
        if wire == 2 and reader.position + value > end:
            raise Malformed("A part claims more bytes than its whole has.")
        start = reader.position
        yield number, wire, value
        if wire == 2:
            reader.go(start + value)
    if reader.position != end:
        raise Malformed("A part ends inside another.")


def _varint(reader: Reader) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = reader.take(1)[0]
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value
    raise Malformed("A number is too long.")


def _text(reader: Reader, length: int) -> str:
    return reader.take(min(length, MAX_TEXT)).decode(errors="replace")
