"""The shell scripts: they parse, and they walk the whole path against a registry with and without jq."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples.stub_registry import TOKEN, StubRegistry

SCRIPTS = sorted((Path(__file__).parents[2] / "examples" / "ci").glob("*.sh"))
TOOLS = (
    *("bash", "curl", "sha256sum", "base64", "mktemp", "dirname", "date", "sleep", "find", "sort"),
    *("sed", "tr", "cut", "cat", "rm", "mv", "mkdir"),
)


# Quotes, an umlaut and a leading hyphen: what people really write.
REASON = '-20 % errors, "best" für now'


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """What a training job leaves behind: two bodies and a folder of artifacts, one with an awkward name."""
    (tmp_path / "out" / "config").mkdir(parents=True)
    (tmp_path / "out" / "weights.bin").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "out" / "config" / "run 1.json").write_text('{"seed": 7}')
    model = {"name": "a-model", "team": "a-team", "risk_tier": "low", "description": 'Says "yes".'}
    (tmp_path / "model.json").write_text(json.dumps(model))
    (tmp_path / "version.json").write_text(json.dumps({"version": "1.2.0", "metrics": {"auc": 0.9}}))
    return tmp_path


@pytest.fixture(params=["jq", "python3"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A PATH with jq, or one that has python3 only."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, f"{tool} is needed to test the scripts"
        (folder / tool).symlink_to(found)
    parser = shutil.which("jq") if request.param == "jq" else sys.executable
    assert parser, "jq is needed to test the scripts"
    (folder / request.param).symlink_to(parser)
    return str(folder)


def run(
    script: str, *arguments: object, url: str, path: str = os.environ["PATH"], token: str = TOKEN
) -> subprocess.CompletedProcess[str]:
    """Run a script of the folder as a pipeline does."""
    file = next(each for each in SCRIPTS if each.name == script)
    return subprocess.run(
        [str(file), *map(str, arguments)],
        env={"PATH": path, "REGISTRY_URL": url, "REGISTRY_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_script_parses(script: Path) -> None:
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_script_stops_at_the_first_error(script: Path) -> None:
    runs = os.access(script, os.X_OK)
    assert runs == (script.name != "lib.sh")
    assert not runs or "\nset -eu -o pipefail\n" in script.read_text()


def test_whole_path_ends_with_verified_artifacts(registry: StubRegistry, release: Path, path: str) -> None:
    bodies = (release / "model.json", release / "version.json", release / "out")
    done = run("register.sh", *bodies, url=registry.url, path=path)
    assert (done.returncode, done.stdout) == (0, "1.2.0\n"), done.stderr
    assert registry.versions["a-model", "1.2.0"]["state"] == "ready"
    assert registry.models["a-model"]["description"] == 'Says "yes".'

    asked = run("promote.sh", "a-model", "1.2.0", "production", REASON, url=registry.url, path=path)
    assert registry.promotions[0]["reason"] == REASON
    check = run("report_check.sh", asked.stdout.strip(), "ci", "passed", "fine", url=registry.url, path=path)
    assert check.returncode == 0, check.stderr
    assert registry.checks == [{"name": "ci", "status": "passed", "summary": "fine", "evidence_digest": "e" * 64}]

    waited = run("wait.sh", asked.stdout.strip(), 20, 0.05, url=registry.url, path=path)
    assert waited.returncode == 0, waited.stderr
    fetched = run("fetch_production.sh", "a-model", release / "deployed", url=registry.url, path=path)
    assert (fetched.returncode, fetched.stdout) == (0, "1.2.0\n"), fetched.stderr
    for file in ("weights.bin", "config/run 1.json"):
        assert (release / "deployed" / file).read_bytes() == (release / "out" / file).read_bytes()


def test_pipeline_does_it_in_one_go(registry: StubRegistry, release: Path) -> None:
    registry.states = ["executed"]
    bodies = (release / "model.json", release / "version.json", release / "out")
    done = run("pipeline.sh", *bodies, "Monthly", release / "deployed", url=registry.url)
    assert done.returncode == 0, done.stderr
    assert "a-model 1.2.0 is in production and verified" in done.stderr


def test_second_registration_changes_nothing(registry: StubRegistry, release: Path) -> None:
    bodies = (release / "model.json", release / "version.json", release / "out")
    run("register.sh", *bodies, url=registry.url)
    answered = len(registry.posts)
    again = run("register.sh", *bodies, url=registry.url)
    assert (again.returncode, again.stdout) == (0, "1.2.0\n")
    assert "registered already" in again.stderr
    assert len(registry.posts) == answered


def test_corrupt_download_leaves_nothing(registry: StubRegistry, release: Path, path: str) -> None:
    registry.artifacts["a-model", "1.2.0", "weights.bin"] = b"weights"
    registry.production["a-model"] = "1.2.0"
    registry.corrupt_downloads = True
    done = run("fetch_production.sh", "a-model", release / "deployed", url=registry.url, path=path)
    assert done.returncode == 7
    assert "weights.bin does not have the SHA-256" in done.stderr
    assert not list(release.glob("deployed*"))


def test_artifact_outside_the_folder_is_refused(registry: StubRegistry, release: Path) -> None:
    registry.artifacts["a-model", "1.2.0", "../escaped"] = b"weights"
    registry.production["a-model"] = "1.2.0"
    done = run("fetch_production.sh", "a-model", release / "deployed", url=registry.url)
    assert done.returncode == 7
    assert "unsafe path" in done.stderr
    assert not (release / "escaped").exists()


@pytest.mark.parametrize(("states", "seconds", "code"), [(["open", "rejected"], 60, 4), (["open"], 1, 5)])
def test_wait_tells_how_the_promotion_ended(registry: StubRegistry, states: list[str], seconds: int, code: int) -> None:
    registry.promotions.append({"model": "a-model", "version": "1.2.0"})
    registry.states = states
    done = run("wait.sh", 1, seconds, 0.05, url=registry.url)
    assert done.returncode == code
    assert states[-1] in done.stderr


@pytest.mark.parametrize("script", ["register.sh", "promote.sh"])
def test_refusal_ends_the_script_with_its_code(registry: StubRegistry, release: Path, script: str, path: str) -> None:
    arguments = {
        "register.sh": (release / "model.json", release / "version.json", release / "out"),
        "promote.sh": ("a-model", "1.2.0", "production", "Monthly"),
    }[script]
    done = run(script, *arguments, url=registry.url, token="wrong", path=path)
    assert done.returncode == 3
    assert "401" in done.stderr
    assert done.stdout == ""
    assert (registry.models, registry.promotions) == ({}, [])


def test_missing_settings_are_named(registry: StubRegistry) -> None:
    done = run("wait.sh", 1, url=registry.url, token="")
    assert done.returncode == 2
    assert "REGISTRY_TOKEN" in done.stderr


def test_token_is_not_on_any_command_line() -> None:
    assert all("REGISTRY_TOKEN" not in line for script in SCRIPTS for line in curl_lines(script))


def curl_lines(script: Path) -> list[str]:
    """Lines that pass options to curl as arguments."""
    return [line for line in script.read_text().splitlines() if "--header" in line or "--user" in line]
