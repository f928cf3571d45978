"""`make screenshots`: writes a picture of every page into docs/pictures/pages, light on a desk and dark on a phone.

It starts a portal with the demonstration organisation, and looks at the pages of tests/e2e/pages.py as the first
persona of each, at the first place and with each query. ONLY chooses pages by a part of their name, ALL=1 takes both
widths in both themes, which is more than is kept in the repository.
"""

from __future__ import annotations

import base64
import os
import shutil
import sys
from pathlib import Path

import django
from playwright.sync_api import CDPSession, sync_playwright
from playwright.sync_api import Page as Tab

from tests.e2e import looking, places
from tests.e2e.admin_pages import ADMIN
from tests.e2e.conftest import ROOT, RunningPortal, started_portal
from tests.e2e.pages import OPEN, PAGES, State, states
from tests.infrastructure import services

FOLDER = ROOT / "docs" / "pictures" / "pages"
QUALITY, TALLEST, LIMIT = 60, 2000, 9 * 1024 * 1024
USUAL = {1440: "light", 390: "dark"}


def main() -> None:
    """Take every picture anew."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_portal.settings")
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    django.setup()
    only = os.environ.get("ONLY", "")
    if not only:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with started_portal(DEMO="1", DEMO_PASSWORD="a-password-for-pictures") as portal:
        take(portal, only)
    size = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{len(list(FOLDER.iterdir()))} pictures, {size / 1024 / 1024:.1f} MB, in {FOLDER.relative_to(ROOT)}")
    if size > LIMIT and not os.environ.get("ALL"):
        sys.exit(f"They may take {LIMIT / 1024 / 1024:.0f} MB.")


def take(portal: RunningPortal, only: str) -> None:
    """Visit every state without an act and keep its picture."""
    everything = bool(os.environ.get("ALL"))
    found, people = places.prepared(portal, hard=False), looking.signed_in_people(portal)
    wanted: dict[tuple[str, str], State] = {}
    for page in (*PAGES, *OPEN, *ADMIN):
        for state in states(found, (page,)) if page.pictured and only in page.name else ():
            if state.act is None and shown(state):
                wanted[state.persona, state.label] = state
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=services.browser_path(), args=["--no-sandbox"])
        for persona, cookies in people.items():
            for width, height in looking.WIDTHS.items():
                screen = {"width": width, "height": height}
                with looking.looking(browser, portal, cookies, viewport=screen) as (tab, _):
                    session = tab.context.new_cdp_session(tab)
                    for state in (state for (who, _), state in wanted.items() if who == persona):
                        tab.goto(state.address, wait_until="networkidle")
                        for theme in looking.THEMES if everything else (USUAL[width],):
                            tab.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                            picture(tab, session, FOLDER / f"{state.label}-{width}-{theme}.webp")
        browser.close()


def shown(state: State) -> bool:
    """Tell whether a state belongs into the pictures: those of the demonstration, not those made to be hard."""
    return state.place in ("", "model", "event") or state.place.startswith("promotion ") or len(state.page.at) == 1


def picture(tab: Tab, session: CDPSession, path: Path) -> None:
    """Write the page from its top, cut where it gets very long, as WebP."""
    size = tab.evaluate("[document.documentElement.clientWidth, document.documentElement.scrollHeight]")
    clip = {"x": 0, "y": 0, "width": size[0], "height": min(size[1], TALLEST), "scale": 1}
    options = {"format": "webp", "quality": QUALITY, "clip": clip, "captureBeyondViewport": True}
    path.write_bytes(base64.b64decode(session.send("Page.captureScreenshot", options)["data"]))


if __name__ == "__main__":
    main()
