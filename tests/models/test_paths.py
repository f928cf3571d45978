"""Artifact paths: hostile names are refused, plain ones kept as they are."""

from __future__ import annotations

import pytest

from apps.core.errors import Invalid
from apps.models import paths

HOSTILE = [
    "", "/etc/passwd", "..", "../x", "a/../b", "a/..", "a//b", "a/", "./a", "a/./b", "a\\b", "..\\x", "C:\\x", "c:x",
    "a\x00b", "a\nb", "a\x7fb", " a", "a ", "a/ b", "a /b", "a.", "a/b.", "%2e%2e/x", "a%2Fb", "a%5cb", "%252e",
    "a%00", "CON", "nul.txt", "a/com1", "lpt9.log", "AUX", "a" * 501, "a/" + "b" * 256, "\u202egnp.exe", "a\u200bb",
    "e\u0301.bin", "a|b", "a?b", 'a"b', "a*b", "a<b", "\ud800", "é" * 130,
]  # fmt: skip
PLAIN = [
    "model.onnx", "weights/model.safetensors", "a/b/c/d.bin", ".hidden", "a..b", "...a", "con1", "console/x", "100%",
    "a%20b", "données/é.bin", "日本語.txt", "a b.txt", "-rf", "~x", "a" * 255, "@x", "x+y=z",
]  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE)
def test_a_hostile_path_is_refused_with_a_reason(path: str) -> None:
    with pytest.raises(Invalid) as refused:
        paths.checked(path)
    assert (refused.value.code, refused.value.errors[0].field) == ("invalid_path", "path")


@pytest.mark.parametrize("path", PLAIN)
def test_a_plain_path_is_kept(path: str) -> None:
    assert paths.checked(path) == path


@pytest.mark.parametrize(
    ("path", "other"),
    [("Model.bin", "model.bin"), ("a", "a/b"), ("a/b/c", "A/b"), ("straße", "STRASSE"), ("a/B", "a/b/c")],
)
def test_paths_that_cannot_lie_side_by_side_collide(path: str, other: str) -> None:
    assert paths.collision(path, ["z", other]) == other


@pytest.mark.parametrize(("path", "other"), [("a", "ab"), ("a/b", "a/bc"), ("a/b", "a/c"), ("x", "x")])
def test_other_paths_do_not_collide(path: str, other: str) -> None:
    assert paths.collision(path, [other]) is None
