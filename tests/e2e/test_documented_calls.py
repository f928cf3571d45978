"""The commands of the API's document, run as they stand: the path of a pipeline and of its reviewer."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.e2e.clients import signed_in
from tests.e2e.conftest import ROOT, RunningPortal

Run = Callable[..., str]


@pytest.fixture(scope="module")
def commands() -> dict[str, str]:
    """Return the shell command of each operation."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load((ROOT / "docs" / "openapi.yaml").read_text(), Loader=loader)
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    shown = {each["operationId"]: each.get("x-codeSamples", [{"source": ""}]) for each in operations}
    return {name: samples[0]["source"] for name, samples in shown.items()}


@pytest.fixture
def run(running_portal: RunningPortal, commands: dict[str, str], tmp_path: Path) -> Run:
    """Return a function that runs a documented command in a shell and proves the status of its answer."""
    token = running_portal.manage("create_token", "ada", "--service-account", "train-bot").strip()
    (tmp_path / "model.onnx").write_bytes(b"test")

    def running(operation: str, status: int, *, token: str = token, **replaced: str) -> str:
        command = f"{commands[operation]} --write-out '\\n%{{http_code}}'"
        for old, new in replaced.items():
            assert old in command, command
            command = command.replace(old, new)
        variables = {**os.environ, "REGISTRY_URL": running_portal.base_url, "REGISTRY_TOKEN": token}
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
        )
        body, _, found = done.stdout.rpartition("\n")
        assert found == str(status), f"{command}\n{done.stdout}\n{done.stderr}"
        return body

    return running


def test_documented_commands_walk_the_path_of_a_pipeline(
    run: Run, running_portal: RunningPortal, tmp_path: Path
) -> None:
    password = running_portal.demo_password
    reviewer = signed_in(running_portal.base_url, "leo", password, "models:read", "promotions:decide")
    token = reviewer.session.headers["Authorization"].removeprefix("Bearer ")
    assert json.loads(run("me", 200))["username"] == "train-bot"
    run("models_create", 201)
    run("models_create", 409)
    run("models_retrieve", 200)
    run("versions_create", 201)
    run("artifacts_upload", 201)
    run("artifacts_link", 200)
    assert json.loads(run("versions_seal", 200))["state"] == "ready"
    run("versions_retrieve", 200)
    assert len(json.loads(run("versions_list", 200))["results"]) == 1
    assert run("models_production", 404)
    run("artifacts_download", 200)
    assert (tmp_path / "model.onnx").read_bytes() == b"test"
    promotion = str(json.loads(run("promotions_request", 201))["id"])
    assert json.loads(run("promotions_retrieve", 200, **{"118": promotion}))["state"] in {"open", "blocked"}
    assert len(json.loads(run("promotions_list", 200))["results"]) == 1
    decided = run("promotions_decide", 201, token=token, **{"118": promotion, "…": password})
    assert [decision["person"]["username"] for decision in json.loads(decided)["decisions"]] == ["leo"]
    run("evidence_attach", 201)
    assert json.loads(run("promotions_retrieve", 200, **{"118": promotion}))["round"] == 2
    assert json.loads(run("promotions_withdraw", 200, **{"118": promotion}))["state"] == "cancelled"
    run("models_versions_lineage", 200)
    run("lineage_datasets", 200)
    run("inventory_list", 200)
