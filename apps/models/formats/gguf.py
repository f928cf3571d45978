"""GGUF, versions 2 and 3: counts, typed key-value pairs, tensor descriptions, then the tensors.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Texts such as chat templates are never rendered.
"""

from __future__ import annotations

import math
from typing import Any

from apps.models.formats.reader import Malformed, Reader, shown

MAX_PAIRS = 65_536
MAX_TENSORS = 65_536
MAX_TEXT = 1024 * 1024
MAX_KEY = 65_535
MAX_DEPTH = 4
MAX_DIMENSIONS = 8
STRING, ARRAY = 8, 9
# Value type -> bytes.
WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
KEPT = {"general.architecture": "architecture", "general.name": "name", "general.license": "license"}
TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K",
    12: "Q4_K", 13: "Q5_K", 14: "Q6_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
    20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64",
    29: "IQ1_M", 30: "BF16", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
}  # fmt: skip


def read(reader: Reader) -> tuple[str, dict[str, Any]]:
    """Return version, counts, architecture, parameter count and tensor types."""
    reader.skip(4)
    version = reader.unpack("I")
    if version not in {2, 3}:
        raise Malformed("The GGUF version is not 2 or 3.")
    tensors, pairs = reader.unpack("Q"), reader.unpack("Q")
    if tensors > MAX_TENSORS or pairs > MAX_PAIRS:
        raise Malformed("The header counts more tensors or entries than any model has.")
    facts: dict[str, Any] = {"version": version, "tensors": tensors, "entries": pairs}
    for _ in range(pairs):
        key = _text(reader, MAX_KEY)
        value = _value(reader, reader.unpack("I"), 1, keep=key in KEPT)
        if key in KEPT and isinstance(value, str):
            facts[KEPT[key]] = shown(value)
        elif key.startswith("tokenizer.chat_template"):
            facts["chat_template"] = True
    described = [_tensor(reader) for _ in range(tensors)]
    facts["parameters"] = sum(elements for elements, _ in described)
    facts["dtypes"] = sorted({dtype for _, dtype in described})
    return "gguf", facts


def _text(reader: Reader, longest: int) -> str:
    length = reader.unpack("Q")
    if length > longest:
        raise Malformed("A text in the header is too long.")
    return reader.take(length).decode(errors="replace")


def _value(reader: Reader, kind: int, depth: int, keep: bool = False) -> str | None:
    if kind == STRING and keep:
        return _text(reader, MAX_TEXT)
    if kind == STRING:
        _skip_text(reader)
    elif kind == ARRAY:
        _skip_array(reader, depth)
    elif kind in WIDTHS:
        reader.skip(WIDTHS[kind])
    else:
        raise Malformed("An entry of the header has an unknown type.")
    return None


def _skip_text(reader: Reader) -> None:
    length = reader.unpack("Q")
    if length > MAX_TEXT:
        raise Malformed("A text in the header is too long.")
    reader.skip(length)


def _skip_array(reader: Reader, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Malformed("Arrays in the header are nested too deeply.")
    kind, count = reader.unpack("I"), reader.unpack("Q")
    if kind in WIDTHS:
        reader.skip(WIDTHS[kind] * count)
        return
    # Each text or array takes eight bytes at least.
    if count * 8 > reader.left:
        raise Malformed("The header claims more bytes than the file has.")
    if kind == STRING:
        reader.skip_texts(count, MAX_TEXT)
        return
    for _ in range(count):
        _value(reader, kind, depth + 1)


def _tensor(reader: Reader) -> tuple[int, str]:
    _text(reader, MAX_KEY)
    dimensions = reader.unpack("I")
    if dimensions > MAX_DIMENSIONS:
        raise Malformed("A tensor has too many dimensions.")
    elements = math.prod(reader.unpack("Q") for _ in range(dimensions))
    kind, offset = reader.unpack("I"), reader.unpack("Q")
    if elements > 2**53 or offset > reader.size:
        raise Malformed("A tensor lies outside the file.")
    return elements, TYPES.get(kind, f"type {kind}")
