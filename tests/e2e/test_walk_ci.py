"""The shell scripts of examples/ci against a running portal: a pipeline waits while two reviewers decide."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.e2e.clients import SECONDS, Client, signed_in
from tests.e2e.conftest import ROOT, RunningPortal

SCRIPTS = ROOT / "examples" / "ci"
BUNDLE = ROOT / "examples" / "demo_bundle"
MODEL = "form-reader"


def test_scripts_take_a_version_into_production_and_fetch_it(running_portal: RunningPortal, tmp_path: Path) -> None:
    portal = running_portal
    token = portal.manage("create_token", "ada", "--service-account", "train-bot").strip()
    write_bodies(tmp_path)
    with pipeline(portal, token, tmp_path) as running:
        promotion = asked(Client(portal.base_url, token))
        for name in ("leo", "yuki"):
            reviewer = signed_in(portal.base_url, name, portal.demo_password, "models:read", "promotions:decide")
            reviewer.decide(promotion, portal.demo_password)
        said, complained = running.communicate(timeout=SECONDS)
    assert running.returncode == 0, complained
    assert said == ""
    assert f"{MODEL} 1.0.0 is in production" in complained
    assert {file.name for file in (tmp_path / "deployed").iterdir()} == {file.name for file in artifacts().iterdir()}


def test_script_of_a_stranger_is_refused(running_portal: RunningPortal, tmp_path: Path) -> None:
    write_bodies(tmp_path)
    with pipeline(running_portal, "rp_unknown_token", tmp_path) as running:
        _, complained = running.communicate(timeout=SECONDS)
    assert running.returncode == 3
    assert "401" in complained


def artifacts() -> Path:
    """Return the folder of a trained version's files."""
    return BUNDLE / "artifacts" / "digit-reader" / "1.1.0"


def write_bodies(folder: Path) -> None:
    """Write what a training job leaves behind for the scripts."""
    index: dict[str, Any] = json.loads((BUNDLE / "bundle.json").read_text())
    model = next(model for model in index["models"] if model["name"] == "digit-reader")
    content = next(version for version in model["versions"] if version["version"] == "1.1.0")
    version = {name: content[name] for name in ("metrics", "parameters", "metadata", "lineage")} | {"version": "1.0.0"}
    about = {"name": MODEL, "team": "operations", "risk_tier": "low", "description": "Reads forms."}
    (folder / "model.json").write_text(json.dumps(about))
    (folder / "version.json").write_text(json.dumps(version))


def pipeline(portal: RunningPortal, token: str, folder: Path) -> subprocess.Popen[str]:
    """Start the whole path as a CI job does."""
    files = [str(folder / "model.json"), str(folder / "version.json"), str(artifacts())]
    environment = {**os.environ, "REGISTRY_URL": portal.base_url, "REGISTRY_TOKEN": token, "WAIT_SECONDS": str(SECONDS)}
    return subprocess.Popen(
        [str(SCRIPTS / "pipeline.sh"), *files, "First reader of forms", str(folder / "deployed")],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def asked(reader: Client) -> int:
    """Wait until the pipeline has asked for its promotion; return the promotion's id."""
    end = time.monotonic() + SECONDS
    while not (found := reader.get(f"promotions/?model={MODEL}").json()["results"]):
        assert time.monotonic() < end, "the pipeline did not ask"
        time.sleep(0.2)
    return int(found[0]["id"])
