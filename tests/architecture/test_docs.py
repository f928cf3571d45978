"""Every file that the documentation links to or names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "examples/README.md", ROOT / "clients/python/README.md"]
)
LINK = re.compile(r"\]\((?!https?://)([^)#]+)")
FILE = re.compile(r"`((?:apps|tests|docs|templates|static|registry_portal|examples|clients|benchmarks)/[\w/.-]*)`")


def places(page: Path) -> set[Path]:
    """Return what a page links to or names by its path."""
    text = page.read_text()
    return {page.parent / name for name in LINK.findall(text)} | {ROOT / name for name in FILE.findall(text)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_whatever_a_page_names_is_there(page: Path) -> None:
    assert {place for place in places(page) if not place.exists()} == set()


def test_scan_notices_what_is_not_there(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[gone](gone.md#there), `apps/gone/actions.py`, [elsewhere](https://example.org/gone.md)")
    assert places(page) == {tmp_path / "gone.md", ROOT / "apps/gone/actions.py"}
