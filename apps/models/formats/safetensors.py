"""safetensors: eight bytes of header length, a JSON header, then the tensors without gaps.

Format: https://github.com/huggingface/safetensors#format. Stricter than the official reader where two readers could
differ: duplicate keys, leading white space, names that are not plain text.
"""

from __future__ import annotations

import json
import math
from typing import Any

from apps.models.formats.reader import Malformed, Reader

MAX_HEADER = 8 * 1024 * 1024
MAX_TENSORS = 100_000
MAX_DIMENSIONS = 16
# Bits of one element.
DTYPES = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
    "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "C64": 64, "I64": 64, "U64": 64,
    "F64": 64,
}  # fmt: skip


def looks_like(head: bytes, size: int) -> bool:
    """Tell from the first bytes: a length followed by an opening brace, perhaps after white space."""
    return len(head) > 9 and head[8:64].lstrip()[:1] == b"{" and 2 <= int.from_bytes(head[:8], "little") <= 2**40


def read(reader: Reader) -> tuple[str, dict[str, Any]]:
    """Return the count of tensors and parameters and the element types."""
    length = reader.unpack("Q")
    if length > MAX_HEADER:
        raise Malformed(f"The header is longer than {MAX_HEADER:,} bytes.")
    text = reader.take(length)
    if not text.startswith(b"{"):
        raise Malformed("The header does not begin with an opening brace.")
    header = _parsed(text)
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise Malformed("__metadata__ is not an object of texts.")
    if len(header) > MAX_TENSORS:
        raise Malformed(f"More than {MAX_TENSORS:,} tensors.")
    return "safetensors", _facts(header, reader.left, len(metadata))


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text.decode(), object_pairs_hook=_without_duplicates, parse_constant=_refused)
    except RecursionError:
        raise Malformed("The header is nested too deeply.") from None
    except ValueError:
        raise Malformed("The header is not JSON.") from None
    if not isinstance(header, dict):
        raise Malformed("The header is not an object.")
    return header


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("A key appears twice in the header.")
    return found


def _refused(word: str) -> None:
    raise Malformed("The header holds a number that is not JSON.")


def _facts(tensors: dict[str, Any], data: int, metadata: int) -> dict[str, Any]:
    parameters, spans, dtypes = 0, [], set()
    for name, tensor in tensors.items():
        if not name.isprintable() or ".." in name.split("/"):
            raise Malformed("The name of a tensor is not plain text.")
        dtype, elements, span = _tensor(tensor)
        parameters += elements
        dtypes.add(dtype)
        spans.append(span)
    end = 0
    for begin, stop in sorted(spans):
        if begin != end:
            raise Malformed("The tensors overlap or leave gaps.")
        end = stop
    if end != data:
        raise Malformed("The tensors do not fill the file to its end.")
    return {"tensors": len(tensors), "parameters": parameters, "dtypes": sorted(dtypes), "metadata_entries": metadata}


def _tensor(tensor: Any) -> tuple[str, int, tuple[int, int]]:
    if not isinstance(tensor, dict) or set(tensor) != {"dtype", "shape", "data_offsets"}:
        raise Malformed("A tensor is not described by dtype, shape and data_offsets.")
    dtype, shape, offsets = tensor["dtype"], tensor["shape"], tensor["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise Malformed("A tensor has an unknown element type.")
    if not _are_sizes(shape) or len(shape) > MAX_DIMENSIONS or not _are_sizes(offsets) or len(offsets) != 2:
        raise Malformed("A tensor has an impossible shape or place.")
    elements = math.prod(shape)
    if elements * DTYPES[dtype] != (offsets[1] - offsets[0]) * 8:
        raise Malformed("A tensor's shape does not match its bytes.")
    return dtype, elements, (offsets[0], offsets[1])


def _are_sizes(value: Any) -> bool:
    return isinstance(value, list) and all(type(item) is int and 0 <= item < 2**53 for item in value)
