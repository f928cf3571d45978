"""From sign-in to a signed decision with the keyboard alone, with scripts and without, on a desk and on a phone."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as Tab

from tests.e2e.clients import Client
from tests.e2e.conftest import RunningPortal
from tests.e2e.looking import looking
from tests.e2e.pages import PERSONAS
from tests.e2e.places import TEAM, person

FOCUS_RING = "(({ outlineStyle, boxShadow }) => outlineStyle + boxShadow)(getComputedStyle(document.activeElement))"
_numbers = count(1)


def asked(author: Client) -> dict[str, Any]:
    """Register a small model, and ask for its promotion to staging, which takes one reviewer."""
    name = f"keyed-{next(_numbers)}"
    author.post("models/", {"name": name, "team": TEAM, "risk_tier": "low", "description": "Small."})
    author.post(f"models/{name}/versions/", {"version": "1.0.0", "metrics": {"auc": 0.9}})
    author.send("PUT", f"models/{name}/versions/1.0.0/artifacts/model.bin", 201, data=name.encode())
    author.post(f"models/{name}/versions/1.0.0/seal/", {}, 200)
    body = {"model": name, "version": "1.0.0", "target_stage": "staging", "reason": "To be tried."}
    return dict(author.post("promotions/", body).json())


def tab_to(tab: Tab, wanted: str) -> None:
    """Go on with the tabulator until what has the focus matches a selector, and is shown to have it."""
    for _ in range(150):
        tab.keyboard.press("Tab")
        if tab.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            assert tab.evaluate(FOCUS_RING) != "nonenone", f"{wanted} does not show that it has the focus"
            return
    pytest.fail(f"{wanted} cannot be reached by keyboard")


def sign_in(tab: Tab, username: str, password: str) -> None:
    """Sign in by keyboard."""
    tab.goto("/accounts/login/")
    for field, text in (("#id_login", username), ("#id_password", password)):
        tab_to(tab, field)
        tab.keyboard.type(text)
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Home", level=1)).to_be_visible()


def decide(tab: Tab, promotion: dict[str, Any], password: str) -> None:
    """Go from the front page to the promotion and approve it, by keyboard."""
    tab_to(tab, f"main a[href='/promotions/{promotion['id']}/']")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name=re.compile(promotion["model"]), level=1)).to_be_visible()
    if not tab.locator("input[name=verdict]").first.is_visible():
        tab_to(tab, "details.decide > summary")
        tab.keyboard.press("Enter")
    tab_to(tab, "input[name=verdict]")
    tab.keyboard.press("Space")
    expect(tab.get_by_label("Approve", exact=True)).to_be_checked()
    tab_to(tab, "input[name=password]")
    tab.keyboard.type(password)
    tab_to(tab, "details.decide button[type=submit]")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("nothing is left to decide").or_(tab.get_by_text("1 of 1 approval")).first).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("width", [1440, 390])
def test_reviewer_signs_in_and_decides_by_keyboard_alone(
    browser: Browser, running_portal: RunningPortal, width: int, scripts: bool
) -> None:
    author = person(running_portal, "author", "models:read", "models:write", "promotions:request")
    promotion = asked(author)
    look: dict[str, Any] = {"viewport": {"width": width, "height": 844}, "java_script_enabled": scripts}
    with looking(browser, running_portal, {}, **look) as (tab, wrong):
        sign_in(tab, PERSONAS["reviewer"], running_portal.demo_password)
        decide(tab, promotion, running_portal.demo_password)
        assert wrong == []
    decided = author.until(promotion["id"], "executed")
    assert [(row["person"]["username"], row["verdict"]) for row in decided["decisions"]] == [
        (PERSONAS["reviewer"], "approve")
    ]


@pytest.mark.browser
def test_reader_finds_a_model_by_keyboard_alone(browser: Browser, running_portal: RunningPortal) -> None:
    with looking(browser, running_portal, {}) as (tab, wrong):
        sign_in(tab, PERSONAS["author"], running_portal.demo_password)
        tab.keyboard.press("/")
        tab.keyboard.type("digit-reader")
        tab.keyboard.press("Enter")
        expect(tab).to_have_url(re.compile(r"q=digit-reader"))
        tab_to(tab, "main a[href='/models/digit-reader/']")
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("heading", name="digit-reader", level=1)).to_be_visible()
        assert wrong == []
