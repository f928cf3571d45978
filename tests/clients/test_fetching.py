"""What arrives is verified, stays in its folder, and is there whole or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from registry_portal_client import Corrupt, Different, Registry
from registry_portal_client.paths import manifest_digest
from tests.clients.conftest import Answer, Liar

BYTES = b"weights" * 1000


def file(path: str, content: bytes = BYTES) -> dict[str, Any]:
    """Return an artifact as the registry names it."""
    return {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def says_production(liar: Liar, *files: dict[str, Any], manifest: str = "") -> None:
    """Let the server say that a version with these files is in production."""
    version = {"model": "m", "version": "1.0.0", "number": 1, "stage": "production", "since": "", "until": None}
    digest = manifest or manifest_digest(files)  # type: ignore[arg-type]
    liar.says("models/m/production/", Answer({**version, "manifest_digest": digest, "artifacts": list(files)}))
    for each in files:
        liar.says(f"models/m/versions/1.0.0/artifacts/{each['path']}", Answer(BYTES))


def test_files_are_received_once_and_then_come_from_the_cache(liar: Liar, registry: Registry, tmp_path: Path) -> None:
    says_production(liar, file("a/weights.bin"), file("copy.bin"))
    first = registry.fetch("m", tmp_path / "one", cache=tmp_path / "cache")
    assert (first.received, first.cached) == (["a/weights.bin"], ["copy.bin"])
    second = registry.fetch("m", tmp_path / "two", cache=tmp_path / "cache")
    assert (second.received, second.cached) == ([], ["a/weights.bin", "copy.bin"])
    for folder in ("one", "two"):
        assert (tmp_path / folder / "a" / "weights.bin").read_bytes() == BYTES
    assert registry.fetch("m", tmp_path / "two", cache=tmp_path / "cache").was_there
    assert sum("artifacts" in path for _, path, _ in liar.asked) == 1


@pytest.mark.parametrize(
    "path",
    [
        *("../escaped", "a/../../escaped", "/etc/escaped", "C:/escaped", "a\\..\\escaped", "a//b", "./a", "", "a/.."),
        *("a\0b", "a\nb", "con", "a/nul.txt", "a/stream:x", " a", "a.", "x" * 501, "\u202egpj.exe"),
    ],
)
def test_path_that_would_leave_its_folder_is_refused(path: str, liar: Liar, registry: Registry, tmp_path: Path) -> None:
    says_production(liar, file("good.bin"), file(path))
    with pytest.raises(Corrupt, match=r"the path|no digest"):
        registry.fetch("m", tmp_path / "in" / "to", cache=tmp_path / "cache")
    assert list(tmp_path.iterdir()) == []
    assert len(liar.asked) == 1


@pytest.mark.parametrize("pair", [("a", "A"), ("a", "a/b"), ("A/b", "a"), ("é", "e\u0301")])
def test_paths_that_would_overwrite_one_another_are_refused(
    pair: tuple[str, str], liar: Liar, registry: Registry, tmp_path: Path
) -> None:
    says_production(liar, *map(file, pair))
    with pytest.raises(Corrupt, match=r"one file|in the file"):
        registry.fetch("m", tmp_path / "to", cache=tmp_path / "cache")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("digest", ["../../../escaped", "ABC", "0" * 63, ""])
def test_digest_that_is_none_names_no_file_of_the_cache(
    digest: str, liar: Liar, registry: Registry, tmp_path: Path
) -> None:
    says_production(liar, {**file("a"), "sha256": digest})
    with pytest.raises(Corrupt, match="no digest"):
        registry.fetch("m", tmp_path / "to", cache=tmp_path / "cache")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sent", [BYTES[:-1] + b"X", BYTES + b"more"])
def test_bytes_that_do_not_match_are_thrown_away(sent: bytes, liar: Liar, registry: Registry, tmp_path: Path) -> None:
    says_production(liar, file("good", BYTES))
    liar.says("models/m/versions/1.0.0/artifacts/good", Answer(sent))
    with pytest.raises(Corrupt):
        registry.fetch("m", tmp_path / "to", cache=tmp_path / "cache")
    assert not (tmp_path / "to").exists()
    assert [place.name for place in tmp_path.iterdir()] == ["cache"]
    liar.says("models/m/versions/1.0.0/artifacts/good", Answer(BYTES))
    registry.fetch("m", tmp_path / "to", cache=tmp_path / "cache")
    assert (tmp_path / "to" / "good").read_bytes() == BYTES


def test_list_of_files_that_is_not_the_manifest_is_refused(liar: Liar, registry: Registry, tmp_path: Path) -> None:
    says_production(liar, file("a"), manifest="0" * 64)
    with pytest.raises(Corrupt, match="manifest"):
        registry.fetch("m", tmp_path / "to", cache=tmp_path / "cache")
    assert list(tmp_path.iterdir()) == []


def test_damaged_cache_and_useless_rest_are_noticed(liar: Liar, registry: Registry, tmp_path: Path) -> None:
    says_production(liar, file("a"))
    registry.fetch("m", tmp_path / "one", cache=tmp_path / "cache")
    blob = next(place for place in (tmp_path / "cache").rglob("*") if place.name == file("a")["sha256"])
    blob.write_bytes(b"damaged")
    blob.with_name(f"{blob.name}.partial").write_bytes(b"useless")
    registry.fetch("m", tmp_path / "two", cache=tmp_path / "cache")
    assert (tmp_path / "two" / "a").read_bytes() == BYTES


def test_folder_with_other_content_stays_as_it_is(liar: Liar, registry: Registry, tmp_path: Path) -> None:
    says_production(liar, file("a"))
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "mine").write_text("mine")
    with pytest.raises(Different, match="other content"):
        registry.fetch("m", tmp_path / "to", cache=tmp_path / "cache")
    assert [place.name for place in (tmp_path / "to").iterdir()] == ["mine"]
    assert len(liar.asked) == 1
