"""The spine is kept, the contracts that keep it would notice, and no file has a name that says nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = sorted(path.parent.name for path in ROOT.glob("apps/*/apps.py"))
SAYING_NOTHING = {"utils", "util", "common", "helpers", "helper", "extras", "misc"}
TRESPASSES = {
    "The spine": ("apps/audit/trespass.py", "import apps.approvals.actions"),
    "The inside of an app": ("apps/models/querysets.py", "import apps.models.actions"),
    "Promotion has one door": ("apps/portal/trespass.py", "import apps.models.promotion"),
    "Only grants.py calls guardian": ("apps/portal/trespass.py", "import guardian.shortcuts"),
    "The domain does not import notifications": ("apps/lineage/trespass.py", "import apps.notifications.models"),
}


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a tree."""
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copied_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the sources that a test may spoil."""
    copy = tmp_path_factory.mktemp("tree")
    for name in ("apps", "registry_portal"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_contracts_are_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("contract", TRESPASSES)
def test_contract_notices_a_trespass(copied_tree: Path, contract: str) -> None:
    name, line = TRESPASSES[contract]
    path = copied_tree / name
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        done = lint(copied_tree)
    finally:
        path.unlink() if before is None else path.write_text(before)
    assert done.returncode == 1
    broken = done.stdout.partition("Broken contracts")[2]
    assert contract in " ".join(broken.split())


def test_every_app_has_its_place_on_the_spine() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    spine = {layer.removeprefix("apps.") for layer in contracts[0]["layers"]}
    assert {*APPS, "registry_portal"} == spine


@pytest.mark.parametrize("app", APPS)
def test_files_of_an_app_say_what_they_hold(app: str) -> None:
    paths = [path for path in (ROOT / "apps" / app).rglob("*") if "__pycache__" not in path.parts]
    assert not [path for path in paths if path.stem in SAYING_NOTHING]
    empty = [path for path in paths if path.suffix == ".py" and path.name != "__init__.py" and not path.stat().st_size]
    assert not empty
