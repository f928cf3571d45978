"""Model files are recognised by their bytes, whatever they are called."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from apps.models.formats import Recognised
from tests.models import headers
from tests.models.headers import recognised

BUNDLE = Path(settings.BASE_DIR) / "examples/demo_bundle/artifacts"


@pytest.mark.parametrize("path", sorted(BUNDLE.glob("*/*/*")), ids=lambda path: "/".join(path.parts[-3:]))
def test_every_file_of_the_demonstration_is_recognised(path: Path) -> None:
    found = recognised(path.read_bytes())
    expected = {".onnx": "onnx", ".safetensors": "safetensors", ".json": "json", ".joblib": "zlib"}[path.suffix]
    assert found.format == expected
    assert "malformed" not in found.facts
    assert len(json.dumps(found.facts)) < 1000


def test_onnx_tells_opset_producer_and_size() -> None:
    facts = recognised((BUNDLE / "digit-reader/1.0.0/model.onnx").read_bytes()).facts
    assert facts["opsets"]
    assert facts["nodes"] > 0
    assert {"producer", "ir_version", "dtypes", "inputs", "outputs"} <= set(facts)


def test_safetensors_tells_tensors_and_parameters() -> None:
    found = recognised(headers.safetensors({"w": ("F32", [2, 3]), "b": ("BF16", [3])}, {"format": "pt"}))
    facts = {"tensors": 2, "parameters": 9, "dtypes": ["BF16", "F32"], "metadata_entries": 1}
    assert found == Recognised("safetensors", facts)


def test_gguf_tells_architecture_and_types_but_no_template() -> None:
    entries = {"general.architecture": "llama", "tokenizer.chat_template": "{{ evil }}", "tokens": ["a", "b"], "n": 7}
    found = recognised(headers.gguf(entries, {"w": ([4, 8], 0), "b": ([8], 12)}))
    assert found.format == "gguf"
    assert found.facts == {
        "version": 3, "tensors": 2, "entries": 4, "architecture": "llama", "chat_template": True,
        "parameters": 40, "dtypes": ["F32", "Q4_K"],
    }  # fmt: skip


def test_numpy_tells_shape_and_pickled_objects() -> None:
    plain = recognised(headers.npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"))
    assert plain == Recognised("numpy", {"dtypes": ["<f4"], "shape": [3, 4], "parameters": 12})
    objects = recognised(headers.npy("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }"))
    assert objects.facts["pickled_objects"] is True


@pytest.mark.parametrize(
    ("members", "name"),
    [
        (["archive/data.pkl", "archive/data/0", "archive/version"], "pytorch"),
        (["m/data.pkl", "m/constants.pkl", "m/code/__torch__.py"], "torchscript"),
        (["config.json", "metadata.json", "model.weights.h5"], "keras"),
        (["a.npy", "b.npy"], "numpy_archive"),
        (["readme.txt"], "zip"),
    ],
)
def test_archives_are_told_apart_by_their_members(members: list[str], name: str) -> None:
    assert recognised(headers.archive(members)).format == name


def test_an_archive_beyond_the_old_counts_is_read() -> None:
    found = recognised(headers.archive([f"data/{index}" for index in range(65_536)]))
    assert (found.format, found.facts["members"]) == ("zip", 65_536)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (gzip.compress(b"x", mtime=0), Recognised("gzip")),
        (gzip.compress(pickle.dumps(1), mtime=0), Recognised("gzip", {"inside": "pickle"})),
        (bz2.compress(pickle.dumps(1)), Recognised("bzip2", {"inside": "pickle"})),
        (lzma.compress(pickle.dumps(1)), Recognised("xz", {"inside": "pickle"})),
        (zlib.compress(pickle.dumps(1)), Recognised("zlib", {"inside": "pickle"})),
        (b"x^2 + y^2", Recognised()),
        (b"\x28\xb5\x2f\xfd" + b"x" * 10, Recognised("zstd")),
        (b"\x89HDF\r\n\x1a\n" + b"\x00" * 10, Recognised("hdf5")),
        (b"{}", Recognised("json", {"kind": "object", "entries": 0})),
        (b"[1, 2]", Recognised("json", {"kind": "list", "entries": 2})),
        (pickle.dumps({"a": 1}, 2), Recognised("pickle", {"protocol": 2})),
        (pickle.dumps({"a": 1}, 5), Recognised("pickle", {"protocol": 5})),
        (pickle.dumps({"a": 1}, 0), Recognised("pickle", {"protocol": 0})),
        (b"cposix\nsystem\n(S'id'\ntR.", Recognised("pickle", {"protocol": 0})),
        (b"", Recognised()),
        (b"plain text", Recognised()),
        (b"{not json", Recognised()),
        (b"(computer science)", Recognised()),
        (b"\x08\x07 some other protobuf", Recognised()),
    ],
)
def test_other_files_are_recognised_or_left_alone(content: bytes, expected: Recognised) -> None:
    assert recognised(content) == expected


def test_bytes_count_whatever_the_file_is() -> None:
    content = pickle.dumps(["a"], 4) + headers.archive(["archive/data.pkl"])
    assert recognised(content).facts["appended_archive"] is True


def hostile_archive(name: str, **change: Any) -> bytes:
    """Return an archive with one member of this name."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        info = zipfile.ZipInfo(name)
        file.writestr(info, b"x")
    content = held.getvalue()
    if change.get("encrypted"):
        place = content.index(b"PK\x01\x02") + 8
        content = content[:place] + struct.pack("<H", 1) + content[place + 2 :]
    return content


@pytest.mark.parametrize("name", ["../../etc/x", "/etc/passwd", "a\\..\\b", "c:x"])
def test_hostile_member_names_are_told(name: str) -> None:
    assert recognised(hostile_archive(name)).facts["hostile_names"] is True


def test_encrypted_members_are_told() -> None:
    assert recognised(hostile_archive("a.bin", encrypted=True)).facts["encrypted"] is True
