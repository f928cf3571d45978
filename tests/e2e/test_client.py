"""The Python client and its command line against a running portal, over good networks and bad ones."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from registry_portal_client import Ended, Registry
from registry_portal_client.cli import main
from registry_portal_client.errors import EXIT_CODES
from tests.e2e.clients import SECONDS, Client, signed_in
from tests.e2e.conftest import ROOT, RunningPortal
from tests.e2e.cutting import Cutter

MIB = 1024 * 1024
METADATA = {"intended_use": "Sorts parcels.", "task": "classification", "framework": "none", "limitations": "A test."}


@pytest.fixture(scope="module")
def token(running_portal: RunningPortal) -> str:
    """Return the token of a pipeline that contributes to the team operations."""
    return running_portal.manage("create_token", "ada", "--service-account", "train-bot").strip()


@pytest.fixture(scope="module")
def reviewers(running_portal: RunningPortal) -> list[Client]:
    """Return two people who review for operations."""
    password, scopes = running_portal.demo_password, ("models:read", "promotions:decide")
    return [signed_in(running_portal.base_url, name, password, *scopes) for name in ("leo", "yuki")]


@pytest.fixture
def cli(
    running_portal: RunningPortal,
    token: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """Return the command line, as a pipeline of the running portal uses it."""
    for name, value in environment(running_portal, token, tmp_path).items():
        monkeypatch.setenv(name, value)
    return CommandLine(capsys)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Return a folder of artifacts that no other test has: one awkward name, one larger file."""
    folder = tmp_path / "out"
    (folder / "config").mkdir(parents=True)
    (folder / "weights.bin").write_bytes(os.urandom(3 * MIB))
    (folder / "config" / "run 1%.json").write_text(json.dumps({"seed": time.time_ns()}))
    (folder / "empty").touch()
    return folder


@pytest.fixture(scope="module")
def model(running_portal: RunningPortal, token: str) -> str:
    """Return a low-risk model of operations."""
    registry = Registry(running_portal.base_url, token)
    registry.ensure_model({"name": "parcel-sorter", "team": "operations", "risk_tier": "low"})
    return "parcel-sorter"


def test_pipeline_walks_from_files_to_verified_production(
    cli: CommandLine, release: Path, tmp_path: Path, reviewers: list[Client], running_portal: RunningPortal
) -> None:
    name, into = "parcel-weigher", tmp_path / "deployed"
    (tmp_path / "metadata.json").write_text(json.dumps(METADATA))
    new = ("--create-model", "--team", "operations", "--risk-tier", "low")
    about = ("--metrics", "auc=0.95", "loss=0.1", "--parameters", "depth=3", "--metadata", tmp_path / "metadata.json")
    came = ("--dataset", "name=parcels,namespace=warehouse,version=2026-10", "--run-id", "7", "--run-system", "cron")
    came += ("--repository", "https://bot:secret@git.example.org/parcels.git", "--commit", "d4e5f6")
    register = ("register", name, "--version", "1.0.0", "--artifact", release, *new, *about, *came)
    assert cli(*register).out == "1.0.0\n"
    assert "next: registry-portal request parcel-weigher 1.0.0" in cli.err
    version = reviewers[0].get(f"models/{name}/versions/1.0.0/").json()
    assert (version["state"], version["metrics"]) == ("ready", {"auc": 0.95, "loss": 0.1})
    assert (version["parameters"], version["lineage"]["run"]) == ({"depth": 3}, {"id": "7", "system": "cron"})
    assert version["lineage"]["code"] == {"repository": "https://git.example.org/parcels", "commit": "d4e5f6"}

    ask = ("request", name, "1.0.0", "--to", "production", "--reason", "-20 % errors, für jetzt")
    promotion = cli(*ask).out.strip()
    assert cli(*ask).out.strip() == promotion
    assert "next: registry-portal wait" in cli.err
    assert "can decide" in cli("promote-status", promotion).out
    assert cli("wait", promotion, "--timeout", "0", code=4).out == ""
    assert cli("fetch", name, "--into", into, code=7).out == ""

    deciding = threading.Thread(target=decide, args=(reviewers, int(promotion), running_portal.demo_password))
    deciding.start()
    assert cli("wait", promotion, "--timeout", f"{SECONDS}s", "--interval", "0.5").out == "1.0.0\n"
    deciding.join()
    assert "is executed" in cli.err
    assert json.loads(cli("promote-status", name, "1.0.0", "--json").out)["state"] == "executed"

    assert cli("fetch", name, "--into", into).out == "1.0.0\n"
    assert contents(into) == contents(release)
    assert cli("fetch", name, "--into", into).out == "1.0.0\n"
    assert "already, byte for byte" in cli.err
    assert cli("fetch", name, "--version", "1", "--into", tmp_path / "again").out == "1.0.0\n"
    assert "0 received, 3 from the cache" in cli.err
    assert cli("fetch", name, "--at", "2020-01-01T00:00:00Z", "--into", tmp_path / "then", code=7).out == ""


def test_same_registration_again_changes_nothing_and_other_bytes_make_another(
    cli: CommandLine, release: Path, model: str, reviewers: list[Client]
) -> None:
    register = ("register", model, "--bump", "minor", "--artifact", release, "--metrics", "auc=0.5", "--no-code")
    first = cli(*register).out.strip()
    before = reviewers[0].get(f"models/{model}/versions/{first}/").json()
    assert cli(*register).out.strip() == first
    assert "registered already" in cli.err
    assert reviewers[0].get(f"models/{model}/versions/{first}/").json() == before

    (release / "weights.bin").write_bytes(b"retrained")
    second = cli(*register).out.strip()
    assert second != first
    assert "1 sent, 2 known to the registry" in cli.err
    assert cli("register", model, "--version", first, "--artifact", release, "--no-code", code=6).out == ""
    assert "artifact weights.bin has other bytes" in cli.err
    assert "metrics" in cli.err
    assert reviewers[0].get(f"models/{model}/versions/{first}/").json() == before


def test_cut_upload_goes_on_and_known_bytes_are_not_sent(
    running_portal: RunningPortal, token: str, release: Path, model: str, reviewers: list[Client]
) -> None:
    with Cutter(running_portal.base_url, up=[MIB, 2 * MIB], down=[100]) as network:
        registry = Registry(network.url, token, backoff=0.01)
        done = registry.register(model, [release], bump="minor")
        assert network.cuts == 3
        assert {"config/run 1%.json", "weights.bin"} <= set(done.sent)  # another test may have sent an empty file
        network.sent = 0
        twin = registry.register(model, {"weights/again.bin": release / "weights.bin"}, bump="minor")
        assert twin.linked == ["weights/again.bin"]
        assert network.sent < MIB
    version = reviewers[0].get(f"models/{model}/versions/{done.version['version']}/").json()
    assert (version["state"], len(version["artifacts"])) == ("ready", 3)
    assert twin.version["number"] == done.version["number"] + 1


def test_killed_registration_goes_on_where_it_stopped(
    running_portal: RunningPortal, token: str, release: Path, tmp_path: Path, model: str
) -> None:
    (release / "a-first.bin").write_bytes(os.urandom(MIB))
    command = [sys.executable, "-m", "registry_portal_client", "register", model, "--bump", "patch", "--no-code"]
    with Cutter(running_portal.base_url, up=[2 * MIB] * 100) as network:
        variables = environment(running_portal, token, tmp_path) | {"REGISTRY_URL": network.url}
        variables["PYTHONPATH"] = str(ROOT / "clients" / "python")
        killed = subprocess.Popen([*command, "--artifact", str(release)], env=variables, stderr=subprocess.PIPE)
        end = time.monotonic() + SECONDS
        while not network.cuts and time.monotonic() < end:
            time.sleep(0.02)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        network.up.clear()
        again = subprocess.run(
            [*command, "--artifact", str(release)], env=variables, capture_output=True, text=True, check=False
        )
    assert again.returncode == 0, again.stderr
    assert "1 sent, 0 known to the registry, 3 there already" in again.stderr
    assert "\r" not in again.stderr
    assert token not in again.stderr
    version = Registry(running_portal.base_url, token).version(model, again.stdout.strip())
    assert (version["state"], len(version["artifacts"])) == ("ready", 4)


def test_cut_download_goes_on_where_it_stopped(
    running_portal: RunningPortal, token: str, release: Path, tmp_path: Path, model: str
) -> None:
    done = Registry(running_portal.base_url, token).register(model, [release], bump="minor")
    with Cutter(running_portal.base_url, down=[MIB, MIB, MIB // 2]) as network:
        registry = Registry(network.url, token, backoff=0.01)
        fetched = registry.fetch(model, tmp_path / "to", version=done.version["version"], cache=tmp_path / "cache")
        assert network.cuts == 3
        assert network.received < 3.5 * MIB
    assert fetched.received == ["config/run 1%.json", "empty", "weights.bin"]
    assert contents(tmp_path / "to") == contents(release)


def test_rejected_promotion_ends_the_wait_and_can_be_asked_for_anew(
    cli: CommandLine, release: Path, model: str, reviewers: list[Client], running_portal: RunningPortal
) -> None:
    version = cli("register", model, "--bump", "minor", "--artifact", release, "--no-code").out.strip()
    ask = ("request", model, version, "--to", "production", "--reason", "Try")
    promotion = int(cli(*ask).out)
    reviewers[0].decide(promotion, running_portal.demo_password, "reject", "Too few parcels")
    assert cli("wait", promotion, code=3).out == ""
    assert "ended as rejected" in cli.err
    assert "Too few parcels" in cli("promote-status", promotion).out
    assert int(cli(*ask).out) == promotion
    anew = int(cli(*ask, "--anew").out)
    assert anew != promotion
    registry = Registry(running_portal.base_url, os.environ["REGISTRY_TOKEN"])
    with pytest.raises(Ended):
        registry.wait(promotion, 0)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("whoami",), 0, ""),
        (("register", "parcel-sorter", "--bump", "minor"), 2, "at least one artifact"),
        (("register", "parcel-sorter", "--bump", "minor", "--artifact", "missing"), 2, "no such file"),
        (("register", "parcel-sorter", "--artifact", "FILE"), 2, "which version"),
        (("register", "no-such-model", "--bump", "minor", "--artifact", "FILE"), 7, "404"),
        (("register", "parcel-sorter", "--version", "one", "--artifact", "FILE"), 8, "version: "),
        (("register", "parcel-sorter", "--bump", "minor", "--metrics", "auc=high", "--artifact", "FILE"), 8, "auc"),
        (("register", "new", "--create-model", "--team", "clinical-ai", "--risk-tier", "low", "--bump", "minor",
          "--artifact", "FILE"), 8, "unknown_team"),
        (("request", "parcel-sorter", "99.0.0", "--to", "staging"), 7, "unknown_version"),
        (("wait", "999999"), 7, "no promotion"),
        (("promote-status", "parcel-sorter", "99.0.0"), 2, "nobody asked"),
        (("fetch", "parcel-sorter", "--alias", "nobody", "--into", "to"), 7, "unknown_version"),
    ],
)  # fmt: skip
def test_exit_code_and_words_say_what_was_wrong(
    arguments: tuple[str, ...], code: int, said: str, cli: CommandLine, release: Path, model: str
) -> None:
    given = [str(release / "empty") if each == "FILE" else each for each in arguments]
    cli(*given, code=code)
    assert said in cli.err


def test_unknown_token_is_not_allowed_and_not_shown(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, release: Path, model: str
) -> None:
    monkeypatch.setenv("REGISTRY_TOKEN", "rp_unknown_token")
    cli("register", model, "--bump", "minor", "--artifact", release, code=5)
    assert "invalid_token" in cli.err
    assert "next: " in cli.err
    assert "rp_unknown_token" not in cli.err


def test_example_of_the_command_line_reaches_production(
    running_portal: RunningPortal, token: str, reviewers: list[Client], release: Path, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "registry-portal"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m registry_portal_client "$@"\n')
    command.chmod(0o755)
    (tmp_path / "version.json").write_text(json.dumps({"version": "1.0.0", "metrics": {"auc": 0.9}}))
    variables = environment(running_portal, token, tmp_path) | {"PYTHONPATH": str(ROOT / "clients" / "python")}
    variables["PATH"] = f"{command.parent}:{variables['PATH']}"
    said = (tmp_path / "version.json", release, "First parcels", tmp_path / "deployed")
    script = str(ROOT / "examples" / "ci" / "command_line.sh")
    running = subprocess.Popen(
        [script, "parcel-reader", "operations", *map(str, said)],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + SECONDS
    while not (asked := reviewers[0].get("promotions/?model=parcel-reader").json()["results"]):
        assert time.monotonic() < end, "the example did not ask"
        assert running.poll() is None, running.communicate()
        time.sleep(0.2)
    decide(reviewers, asked[0]["id"], running_portal.demo_password)
    out, err = running.communicate(timeout=SECONDS)
    assert (running.returncode, out) == (0, "1.0.0\n1.0.0\n"), err
    assert contents(tmp_path / "deployed") == contents(release)


def test_every_exit_code_is_documented() -> None:
    table = (ROOT / "clients" / "python" / "README.md").read_text()
    assert EXIT_CODES
    for code, meaning in EXIT_CODES.items():
        assert f"| {code} | {meaning} |" in table


class CommandLine:
    """The command line in this process; what it said last is in `out` and `err`."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *arguments: object, code: int = 0) -> CommandLine:
        """Run a command, expecting an exit code."""
        found = main([str(each) for each in arguments])
        self.out, self.err = self._capsys.readouterr()
        assert found == code, self.err
        assert code == 0 or self.err.startswith("error: ") or "\nerror: " in self.err
        return self


def environment(portal: RunningPortal, token: str, folder: Path) -> dict[str, str]:
    """Return the variables of a pipeline, with nothing of this user's own."""
    own = {"REGISTRY_CACHE": str(folder / "cache"), "REGISTRY_CONFIG": str(folder / "config")}
    return {**os.environ, "REGISTRY_URL": portal.base_url, "REGISTRY_TOKEN": token, **own}


def decide(reviewers: list[Client], promotion: int, password: str) -> None:
    """Let everybody approve."""
    for reviewer in reviewers:
        reviewer.decide(promotion, password)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}
