"""Headers that lie: huge counts, deep nesting, duplicate keys, cut files and claims beyond the file."""

from __future__ import annotations

import io
import json
import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.models import formats
from apps.models.formats.reader import shown
from tests.models import headers
from tests.models.headers import recognised

TENSOR = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
DEEP = b'{"__metadata__":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}"


def safetensors(header: object, data: int = 4) -> bytes:
    """Return a file with a header given as JSON data."""
    return headers.safetensors_raw(json.dumps(header).encode(), b"\x00" * data)


def nested_arrays(depth: int) -> bytes:
    """Return a GGUF array of arrays of arrays."""
    return struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * depth + struct.pack("<IQ", 4, 0)


HOSTILE = {
    "safetensors claims a longer header than the file": headers.safetensors_raw(b'{"a":1}', length=2**30),
    "safetensors header of 100 MB": headers.safetensors_raw(b'{"a":1}' + b" " * 9_000_000),
    "safetensors nested too deeply": headers.safetensors_raw(DEEP),
    "safetensors with a key twice": headers.safetensors_raw(
        b'{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        b"\x00" * 4,
    ),
    "safetensors with white space first": headers.safetensors_raw(b" " + json.dumps({"a": TENSOR}).encode(), bytes(4)),
    "safetensors with a path as name": safetensors({"../../etc/x": TENSOR}),
    "safetensors with NUL in a name": safetensors({"a\x00b": TENSOR}),
    "safetensors with a gap": safetensors({"a": TENSOR, "b": {**TENSOR, "data_offsets": [8, 12]}}, 12),
    "safetensors with overlap": safetensors({"a": TENSOR, "b": {**TENSOR, "data_offsets": [2, 6]}}, 6),
    "safetensors with trailing bytes": safetensors({"a": TENSOR}, 9),
    "safetensors with a huge shape": safetensors({"a": {**TENSOR, "shape": [2**52, 2**52]}}),
    "safetensors with a negative shape": safetensors({"a": {**TENSOR, "shape": [-1, -1]}}),
    "safetensors with shape true": safetensors({"a": {**TENSOR, "shape": [True]}}),
    "safetensors with an unknown type": safetensors({"a": {**TENSOR, "dtype": "F7"}}),
    "safetensors with other metadata": safetensors({"__metadata__": {"a": 1}}, 0),
    "safetensors with NaN": headers.safetensors_raw(b'{"a":NaN}'),
    "safetensors that is no object": headers.safetensors_raw(b'{"a":1} x'),
    "gguf that ends early": b"GGUF" + struct.pack("<I", 3),
    "gguf of another version": b"GGUF" + struct.pack("<IQQ", 99, 0, 0),
    "gguf with 2**60 entries": headers.gguf_raw([], count=2**60),
    "gguf with 2**60 tensors": headers.gguf_raw([], tensors=2**60),
    "gguf with an array of 2**60 numbers": headers.gguf_raw([("a", struct.pack("<IIQ", 9, 4, 2**60))]),
    "gguf with an array of 2**60 texts": headers.gguf_raw([("a", struct.pack("<IIQ", 9, 8, 2**60))]),
    "gguf with a text of 2**63 bytes": headers.gguf_raw([("a", struct.pack("<IQ", 8, 2**63))]),
    "gguf with a long key": headers.gguf_raw([("k" * 70_000, headers.gguf_value(1))]),
    "gguf with nested arrays": headers.gguf_raw([("a", nested_arrays(10_000))]),
    "gguf with an unknown type": headers.gguf_raw([("a", struct.pack("<I", 77))]),
    "gguf with too many dimensions": headers.gguf_raw([], headers.gguf_text("w") + struct.pack("<I", 9), tensors=1),
    "gguf with an impossible tensor": headers.gguf({}, {"w": ([2**40, 2**40], 0)}),
    "onnx with too many dimensions": headers.onnx(headers.field(5, headers.field(1, b"\x01" * 100))),
    "onnx with an impossible tensor": headers.onnx(headers.field(5, headers.field(1, 2**60))),
    "onnx with a part beyond its whole": headers.onnx(headers.field(5, b"\x08\x01", length=99)),
    "onnx with a broken part": headers.onnx(b"\x07\x00"),
    "onnx with an endless number": headers.onnx(b"\x08" + b"\xff" * 11),
    "numpy with a long header": headers.npy("{'descr': '<f4'}", length=60_000),
    "numpy without a shape": headers.npy("{'descr': '<f4', 'shape': __import__('os')}"),
    "numpy with an impossible shape": headers.npy("{'descr': '<f4', 'shape': (99999999999999999999, 9999999)}"),
    "zip without an end": b"PK\x03\x04" + b"\x00" * 100,
    "zip with a directory outside": b"PK\x03\x04" + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 9, 9, 500, 2**31, 0),
    "zip64 with a record outside": b"PK\x03\x04" + b"PK\x06\x07" + struct.pack("<IQI", 0, 2**60, 1)
    + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0),
    "zip with a broken directory": headers.archive(["a", "b"]).replace(b"PK\x01\x02", b"XX\x01\x02"),
    "pickle without an end": b"\x80\x04\x95" + b"\x00" * 20,
}  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_lying_header_is_told_as_malformed_at_once(content: bytes) -> None:
    began = time.process_time()
    found = recognised(content)
    assert time.process_time() - began < 1
    assert found.facts["malformed"].endswith(".")


@pytest.mark.parametrize(
    "content",
    [
        headers.onnx(headers.field(2, b"") * 1_000_000),
        headers.gguf_raw([("a", struct.pack("<IIQ", 9, 8, 5_000_000) + bytes(40_000_000))]),
        headers.gguf_raw([("a", headers.gguf_value(1))] * 60_000, tensors=60_000, rest=bytes(2_000_000)),
    ],
    ids=["onnx fields", "gguf texts", "gguf entries"],
)
def test_an_endless_header_that_does_not_lie_comes_to_an_end(content: bytes) -> None:
    began = time.process_time()
    assert "malformed" in recognised(content).facts
    assert time.process_time() - began < 5


def test_a_large_vocabulary_is_passed_over() -> None:
    entries = {"general.architecture": "llama", "tokens": ["token"] * 300_000}
    assert recognised(headers.gguf(entries, {"w": ([4, 8], 0)})).facts["parameters"] == 32


def test_external_tensors_of_onnx_are_told() -> None:
    tensor = headers.field(1, 3) + headers.field(2, 1) + headers.field(13, b"../x") + headers.field(14, 1)
    facts = recognised(headers.onnx(headers.field(5, tensor))).facts
    assert (facts["external_tensors"], facts["parameters"], facts["dtypes"]) == (1, 3, ["float32"])


def test_text_from_files_is_cleaned_before_it_is_shown() -> None:
    assert shown("a\x1b[31m\u202eb" + "c" * 200) == "a�[31m�b" + "c" * 92


SEEDS = [
    headers.safetensors({"w": ("F32", [2, 3])}, {"format": "pt"}),
    headers.gguf({"general.architecture": "llama", "a": ["x"], "n": 1}, {"w": ([4], 0)}),
    headers.onnx(headers.field(5, headers.field(1, 3) + headers.field(2, 1))),
    headers.npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"),
    headers.archive(["archive/data.pkl", "b"]),
    b"\x80\x04K\x01.",
]


@settings(max_examples=300, deadline=1000)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=8)), max_size=4),
    st.integers(0, 400),
)
def test_no_damage_to_a_file_makes_a_reader_raise(seed: bytes, edits: list[tuple[int, bytes]], cut: int) -> None:
    content = bytearray(seed)
    for place, change in edits:
        content[place : place + len(change)] = change
    held = bytes(content[: len(content) - cut] if cut < len(content) else content)
    found = formats.recognise(io.BytesIO(held), len(held))
    assert len(json.dumps(found.facts)) < 10_000
