"""What is to be registered is looked at before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry_portal_client import Registry, WrongUse
from registry_portal_client.cli import main
from registry_portal_client.registration import collected
from tests.clients.conftest import TOKEN, Liar


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return what a training job left: a file, and one in a folder."""
    (tmp_path / "out" / "config").mkdir(parents=True)
    (tmp_path / "out" / "weights.bin").write_bytes(b"weights")
    (tmp_path / "out" / "config" / "run.json").write_bytes(b"{}")
    return tmp_path / "out"


def test_folders_keep_their_inside_and_names_move_what_they_name(out: Path) -> None:
    assert [path for path, _ in collected([out])] == ["config/run.json", "weights.bin"]
    named = [("model/best.bin", out / "weights.bin"), ("settings", out / "config")]
    assert [path for path, _ in collected(named)] == ["model/best.bin", "settings/run.json"]
    assert collected(dict(named)) == collected(named)


def test_a_link_is_read_but_a_linked_folder_is_not_left_out_silently(out: Path) -> None:
    (out / "best.bin").symlink_to(out / "weights.bin")
    assert [path for path, _ in collected([out])] == ["best.bin", "config/run.json", "weights.bin"]
    (out / "more").symlink_to(out / "config", target_is_directory=True)
    with pytest.raises(WrongUse, match="neither a file nor a folder"):
        collected([out])


def test_what_cannot_be_an_artifact_is_refused_before_anything_is_sent(out: Path, liar: Liar) -> None:
    registry = Registry(liar.url, TOKEN)
    wrong: list[list[Path | str | tuple[str, Path | str]]] = [
        [out, out / "weights.bin"],
        [out / "missing"],
        [("../escaped", out / "weights.bin")],
        [("/absolute", out / "weights.bin")],
        [],
    ]
    for artifacts in wrong:
        with pytest.raises(WrongUse):
            registry.register("m", artifacts, version="1.0.0")
    with pytest.raises(WrongUse, match="which version"):
        registry.register("m", [out])
    with pytest.raises(WrongUse, match="which version"):
        registry.register("m", [out], version="1.0.0", bump="minor")
    assert liar.asked == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--metrics", "auc"], "write NAME=VALUE"),
        (["--dataset", "warehouse/cards"], "write name=cards"),
        (["--parent", "card-fraud"], "write MODEL@VERSION"),
        (["--content", "missing.json"], "cannot be read"),
        (["--create-model"], "needs the owning --team"),
    ],
)
def test_option_that_makes_no_sense_says_how_it_is_written(
    words: list[str],
    said: str,
    out: Path,
    liar: Liar,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("REGISTRY_URL", liar.url)
    monkeypatch.setenv("REGISTRY_TOKEN", TOKEN)
    assert main(["register", "m", "--version", "1.0.0", "--artifact", str(out), "--no-code", *words]) == 2
    assert said in capsys.readouterr().err
    assert liar.asked == []
