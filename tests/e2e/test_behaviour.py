"""What pages do when somebody clicks, types and points, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import RunningPortal

READER = "ada"
MODEL = "/models/digit-reader/"


@contextmanager
def reading(browser: Browser, portal: RunningPortal, **look: Any) -> Iterator[tuple[Page, list[str]]]:
    """Yield a page of a new browser and what its console complained of."""
    context = browser.new_context(base_url=portal.base_url, **look)
    context.set_default_timeout(30_000)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page, wrong
    context.close()


def sign_in(page: Page, portal: RunningPortal, username: str = READER) -> None:
    """Sign in by mouse."""
    page.goto("/accounts/login/")
    page.get_by_label("User name or e-mail").fill(username)
    page.get_by_label("Password").fill(portal.demo_password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Home", level=1)).to_be_visible()


def complaints(page: Page) -> list[str]:
    """Return what axe finds wrong, and whether the page is wider than the screen."""
    violations = Axe().run(page).response["violations"]
    found = [f"{each['id']}: {[node['target'] for node in each['nodes']][:3]}" for each in violations]
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*found, "wider than the screen"] if wide else found


def tab_to(page: Page, field: str) -> None:
    """Go on with the tabulator until a field has the focus."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == field:
            return
    pytest.fail(f"{field} cannot be reached by keyboard")


@pytest.mark.browser
def test_reader_finds_a_model_by_keyboard_alone(browser: Browser, running_portal: RunningPortal) -> None:
    with reading(browser, running_portal) as (page, wrong):
        page.goto("/accounts/login/")
        for field, text in (("id_login", READER), ("id_password", running_portal.demo_password)):
            tab_to(page, field)
            page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Home", level=1)).to_be_visible()
        page.keyboard.press("/")
        page.keyboard.type("digit-reader")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/search/\?q=digit-reader"))
        link = page.get_by_role("main").get_by_role("link", name="digit-reader", exact=True)
        link.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="digit-reader", level=1)).to_be_visible()
        assert wrong == []


@pytest.mark.browser
def test_search_narrows_the_list_while_somebody_types(browser: Browser, running_portal: RunningPortal) -> None:
    with reading(browser, running_portal) as (page, wrong):
        sign_in(page, running_portal)
        page.goto("/models/")
        page.get_by_label("Words, metrics or properties").press_sequentially("digit", delay=20)
        expect(page).to_have_url(re.compile(r"q=digit"))
        expect(page.get_by_text("matching “digit”")).to_be_visible()
        page.locator("aside").get_by_role("link", name=re.compile("^Low")).first.click()
        expect(page).to_have_url(re.compile(r"q=digit&tier=low"))
        assert wrong == []


@pytest.mark.browser
def test_suggestions_are_walked_by_keyboard(browser: Browser, running_portal: RunningPortal) -> None:
    with reading(browser, running_portal) as (page, wrong):
        sign_in(page, running_portal)
        page.goto("/profile/")
        page.locator("body").press("/")
        page.keyboard.type("digit-reader 2.1", delay=20)
        box, option = page.locator("#search"), page.locator("#search-suggestions [role=option]").first
        expect(option).to_contain_text("digit-reader 2.1.0")
        expect(box).to_have_attribute("aria-expanded", "true")
        assert complaints(page) == []
        page.keyboard.press("Escape")
        expect(box).to_have_attribute("aria-expanded", "false")
        page.keyboard.type(".")
        page.keyboard.press("Backspace")
        expect(option).to_be_visible()
        page.keyboard.press("ArrowDown")
        expect(option).to_have_attribute("aria-selected", "true")
        expect(box).to_have_attribute("aria-activedescendant", str(option.get_attribute("id")))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="digit-reader 2.1.0", level=1)).to_be_visible()
        assert wrong == []


@pytest.mark.browser
def test_everything_works_without_scripts(browser: Browser, running_portal: RunningPortal) -> None:
    with reading(browser, running_portal, java_script_enabled=False) as (page, _):
        sign_in(page, running_portal)
        page.goto("/models/")
        page.get_by_label("Words, metrics or properties").fill("digit-reader")
        page.get_by_role("main").get_by_role("button", name="Search").click()
        page.get_by_role("link", name="digit-reader", exact=True).click()
        expect(page.get_by_role("heading", name="digit-reader", level=1)).to_be_visible()
        page.goto("/audit/")
        page.locator(".ledger summary").first.click()
        expect(page.get_by_text("Leaf hash").first).to_be_visible()
        page.locator("[popovertarget=person-menu]").click()
        page.get_by_role("button", name="Dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.browser
def test_question_before_withdrawing_opens_as_a_dialog(browser: Browser, running_portal: RunningPortal) -> None:
    with reading(browser, running_portal) as (page, wrong):
        sign_in(page, running_portal)
        page.goto("/promotions/?state=pending&mine=requested")
        page.locator("tbody a").first.click()
        page.get_by_role("link", name="Withdraw").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("heading")).to_contain_text("Withdraw")
        assert complaints(page) == []
        dialog.get_by_role("link", name="Cancel").click()
        expect(dialog).to_have_count(0)
        assert wrong == []


@pytest.mark.browser
def test_two_versions_are_ticked_and_compared_without_scripts(browser: Browser, running_portal: RunningPortal) -> None:
    with reading(browser, running_portal, java_script_enabled=False) as (page, _):
        sign_in(page, running_portal)
        page.goto(f"{MODEL}versions/")
        for version in ("1.1.0", "2.1.0"):
            page.get_by_label(f"Compare {version}").check()
        page.get_by_role("button", name="Compare the two ticked").click()
        expect(page).to_have_url(re.compile(r"compare/\?from=1\.1\.0&to=2\.1\.0"))
        expect(page.get_by_text("better").first).to_be_visible()
        page.goto("/lineage/")
        page.get_by_label("Words of the name").fill("digits train")
        page.get_by_role("main").get_by_role("button", name="Find").click()
        page.get_by_role("link", name="scikit-learn/digits train", exact=True).click()
        expect(page.get_by_role("heading", name="In production today because of it")).to_be_visible()
        expect(page.locator(".lineage-frame svg")).to_be_visible()
        expect(page.get_by_role("button", name="Zoom in")).to_have_count(0)


@pytest.mark.browser
def test_picture_of_lineage_moves_and_its_nodes_lead_on(browser: Browser, running_portal: RunningPortal) -> None:
    with reading(browser, running_portal) as (page, wrong):
        sign_in(page, running_portal)
        page.goto(f"{MODEL}lineage/")
        frame = page.locator("[data-pan]")
        before = frame.locator("svg").get_attribute("viewBox")
        page.get_by_role("button", name="Zoom in").click()
        assert frame.locator("svg").get_attribute("viewBox") != before
        frame.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("0")
        assert frame.locator("svg").get_attribute("viewBox") == before
        assert complaints(page) == []
        frame.locator("a").first.click()
        expect(page).to_have_url(re.compile(r"/lineage/\w+-[0-9a-f]{16}/"))
        assert wrong == []


@pytest.mark.browser
def test_plots_answer_to_the_pointer(browser: Browser, running_portal: RunningPortal) -> None:
    with reading(browser, running_portal) as (page, wrong):
        sign_in(page, running_portal)
        page.goto(MODEL)
        plot = page.locator("[data-plot]").first
        expect(plot.locator(".u-legend")).to_contain_text("2.1.0")
        plot.locator(".u-over").hover(position={"x": 2, "y": 20})
        expect(plot.locator(".u-legend")).to_contain_text("1.0.0")
        assert wrong == []
