"""The table of settings and the requirement files say what is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r'environment\.(?:text|flag|number|numbers|listing)\(\s*"([A-Z_]+)"')
LISTED = re.compile(r"`([A-Z][A-Z_]+)`")
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))


def test_table_lists_every_setting_that_is_read_and_no_other() -> None:
    sources = [*ROOT.glob("registry_portal/**/*.py"), *ROOT.glob("apps/**/*.py")]
    read = {name for path in sources for name in READ.findall(path.read_text())}
    portal = (ROOT / "docs" / "settings.md").read_text().partition("## Several machines")[0]
    first_cells = [line.split("|")[1] for line in portal.splitlines() if line.startswith("| `")]
    assert {name for cell in first_cells for name in LISTED.findall(cell)} == read


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_requirements_are_pinned_hashed_and_name_no_address(path: Path) -> None:
    text = path.read_text()
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+(\[[a-z0-9,_-]+\])?==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_run_time_pins_are_the_same_in_every_file() -> None:
    pins = [dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", path.read_text(), re.MULTILINE)) for path in REQUIREMENTS]
    run = dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / "requirements" / "run.txt").read_text(), re.MULTILINE))
    for other in pins:
        assert {name: other[name] for name in run.keys() & other.keys()}.items() <= run.items()


def test_lock_of_front_end_packages_names_no_address_to_fetch_from() -> None:
    text = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert text.count('"integrity"') == text.count('"node_modules/')


def test_dependencies_of_the_project_are_all_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = {re.split(r"[\[><=]", entry)[0].lower() for entry in project["project"]["dependencies"]}
    pinned = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements" / "run.txt").read_text(), re.MULTILINE))
    assert names <= pinned
