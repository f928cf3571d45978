"""train_and_register.py against a registry: what it sends, what it repeats, and its exit codes."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

import train_and_register
from demo_training.bundle import Bundle
from registry_client import Registry
from tests.examples.stub_registry import TOKEN, StubRegistry

VERSION = ("cultivar-classifier", "1.1.0")


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token where a pipeline keeps it, and no waiting between attempts."""
    monkeypatch.setenv("REGISTRY_TOKEN", TOKEN)
    monkeypatch.setattr("registry_client.time.sleep", lambda _: None)


def run(url: str, examples: Path, *more: str) -> int:
    """Register one version of the shipped bundle."""
    bundle = str(examples / "demo_bundle")
    return train_and_register.main(["--register", url, "--bundle", bundle, "--only", "@".join(VERSION), *more])


def shipped(examples: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Model and version as the shipped bundle has them."""
    pairs = Bundle.open(examples / "demo_bundle").versions()
    return next(pair for pair in pairs if (pair[0]["name"], pair[1]["version"]) == VERSION)


def test_version_is_registered_with_its_evidence_and_sealed(registry: StubRegistry, examples: Path) -> None:
    assert run(registry.url, examples) == 0
    model, version = shipped(examples)
    assert registry.models[model["name"]] == {
        name: model[name] for name in ("name", "team", "risk_tier", "description")
    }
    sent = registry.versions[VERSION]
    assert sent["state"] == "ready"
    for part in ("metrics", "parameters", "metadata", "lineage"):
        assert sent[part] == version[part]
    stored = {key[2]: hashlib.sha256(content).hexdigest() for key, content in registry.artifacts.items()}
    assert stored == {artifact["path"]: artifact["sha256"] for artifact in version["artifacts"]}


def test_second_run_changes_nothing(registry: StubRegistry, examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(registry.url, examples) == 0
    answered = len(registry.posts)
    assert run(registry.url, examples) == 0
    assert len(registry.posts) == answered
    assert "is registered already" in capsys.readouterr().err


def test_interrupted_run_is_continued(registry: StubRegistry, examples: Path) -> None:
    version = shipped(examples)[1]
    train_and_register.open_version(Registry(registry.url, TOKEN), VERSION[0], version, None)
    assert registry.versions[VERSION]["state"] == "pending"
    assert run(registry.url, examples) == 0
    assert registry.versions[VERSION]["state"] == "ready"
    assert len(registry.artifacts) == 3


def test_bump_leaves_the_version_to_the_registry(registry: StubRegistry, examples: Path) -> None:
    assert run(registry.url, examples, "--bump", "minor", "--team", "another-team") == 0
    assert list(registry.versions) == [("cultivar-classifier", "9.0.0")]
    assert registry.versions["cultivar-classifier", "9.0.0"]["bump"] == "minor"
    assert registry.models["cultivar-classifier"]["team"] == "another-team"


@pytest.mark.parametrize(("states", "code"), [(["open", "executed"], 0), (["open", "rejected"], 4), (["open"], 5)])
def test_promotion_is_followed_to_its_end(registry: StubRegistry, examples: Path, states: list[str], code: int) -> None:
    registry.states = states
    promote = ("--promote", "production", "--reason", "Monthly retraining", "--wait", "0.05")
    assert run(registry.url, examples, *promote) == code
    assert registry.promotions == [
        {
            "model": VERSION[0],
            "version": VERSION[1],
            "target_stage": "production",
            "reason": "Monthly retraining",
        }
    ]


def test_refusal_is_told_with_its_code(
    registry: StubRegistry,
    examples: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("REGISTRY_TOKEN", "wrong")
    assert run(registry.url, examples) == 3
    assert "401 not_authenticated" in capsys.readouterr().err
    assert registry.models == {}


def test_registry_that_does_not_answer_is_told(examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("http://127.0.0.1:9", examples) == 6
    assert "http://127.0.0.1:9/api/v1/" in capsys.readouterr().err


def test_missing_bundle_is_told(registry: StubRegistry, tmp_path: Path) -> None:
    assert train_and_register.main(["--register", registry.url, "--bundle", str(tmp_path)]) == 7


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ([], "--output DIR"),
        (["--output", "out", "--only", "no-such-model"], "no-such-model"),
        (["--output", "out", "--bundle", "in"], "--bundle"),
        (["--register", "localhost:8000"], "http://"),
        (["--output", "out", "--promote", "staging"], "--reason"),
        (["--register", "http://127.0.0.1:9", "--token-env", "NOT_SET_ANYWHERE"], "NOT_SET_ANYWHERE"),
    ],
)
def test_wrong_use_says_what_is_missing(arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        train_and_register.main(arguments)
    assert stopped.value.code == 2
    assert hint in capsys.readouterr().err


def test_upload_streams_from_the_file(registry: StubRegistry, tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"0123456789" * 300_000)
    Registry(registry.url, TOKEN).upload("a-model", "1.0.0", "folder/weights.bin", file)
    assert registry.artifacts["a-model", "1.0.0", "folder/weights.bin"] == file.read_bytes()
