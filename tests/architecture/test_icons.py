"""Every symbol that pages draw is in the sprite, and the sprite holds no other."""

from __future__ import annotations

import re
from pathlib import Path

from apps.portal import wording

ROOT = Path(__file__).resolve().parents[2]
NAMED = set((ROOT / "static" / "icons.txt").read_text().split())


def test_sprite_holds_what_pages_draw() -> None:
    templates = "\n".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    drawn = set(re.findall(r'\{% icon "([^"]+)"', templates)) | {look.shape for look in wording.LOOKS.values()}
    assert drawn - NAMED == set(), "not in static/icons.txt"
    sources = [path for folder in ("apps", "templates", "static/js") for path in (ROOT / folder).rglob("*.*")]
    written = "\n".join(path.read_text() for path in sources if path.suffix in {".py", ".html", ".js"})
    assert {name for name in NAMED if f'"{name}"' not in written} == set(), "drawn by nothing"
