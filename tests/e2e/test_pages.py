"""Every page as the people who use it: accessible, without a complaint, never wider than the screen, steady.

What axe finds does not depend on who reads, so it looks at each state once for each width and theme: with all its
rules in light, with those about colour in dark, where nothing else differs.
"""

from __future__ import annotations

from itertools import groupby

import pytest
from playwright.sync_api import Browser

from tests.e2e.admin_pages import ADMIN
from tests.e2e.conftest import RunningPortal
from tests.e2e.looking import COLOUR, WIDTHS, Cookies, inaccessible, looking, visit
from tests.e2e.pages import OPEN, PAGES, Page, Place, State, others, states

pytestmark = pytest.mark.browser


def by_persona(found: list[State]) -> list[tuple[str, list[State]]]:
    """Return the states of each persona."""
    ordered = sorted(found, key=lambda state: state.persona)
    return [(persona, list(group)) for persona, group in groupby(ordered, key=lambda state: state.persona)]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("pages", [PAGES, OPEN, ADMIN], ids=["pages", "open pages", "admin"])
def test_pages_are_accessible_quiet_and_steady(
    browser: Browser,
    running_portal: RunningPortal,
    places: dict[str, Place],
    people: dict[str, Cookies],
    pages: tuple[Page, ...],
    width: int,
) -> None:
    found: dict[str, list[str]] = {}
    screen = {"width": width, "height": WIDTHS[width]}
    for persona, seen in by_persona(list(states(places, pages))):
        with looking(browser, running_portal, people[persona], viewport=screen, color_scheme="light") as (tab, wrong):
            for state in seen:
                lies = visit(tab, state)
                light = inaccessible(tab)
                tab.emulate_media(color_scheme="dark")
                found[state.label] = [*lies, *light, *inaccessible(tab, *COLOUR), *wrong]
                tab.emulate_media(color_scheme="light")
                wrong.clear()
    assert {label: each for label, each in found.items() if each} == {}


@pytest.mark.parametrize("pages", [PAGES, ADMIN], ids=["pages", "admin"])
def test_pages_are_quiet_and_steady_for_everybody_else(
    browser: Browser,
    running_portal: RunningPortal,
    places: dict[str, Place],
    people: dict[str, Cookies],
    pages: tuple[Page, ...],
) -> None:
    found: dict[tuple[str, str], list[str]] = {}
    for persona, seen in by_persona(list(others(places, pages))):
        screen = {"width": 390, "height": WIDTHS[390]}
        with looking(browser, running_portal, people[persona], viewport=screen, color_scheme="dark") as (tab, wrong):
            for state in seen:
                found[persona, state.label] = [*visit(tab, state), *wrong]
                wrong.clear()
    assert {key: each for key, each in found.items() if each} == {}


def test_widest_screen_and_forced_theme_show_the_same(
    browser: Browser, running_portal: RunningPortal, places: dict[str, Place], people: dict[str, Cookies]
) -> None:
    found: dict[str, list[str]] = {}
    seen = [state for state in states(places) if state.persona == "reviewer"]
    screen = {"width": 2560, "height": 1300}
    with looking(browser, running_portal, people["reviewer"], viewport=screen, forced_colors="active") as (tab, wrong):
        for state in seen:
            found[state.label] = [*visit(tab, state), *wrong]
    assert {label: each for label, each in found.items() if each} == {}
