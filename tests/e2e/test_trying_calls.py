"""Calls run from the API reference: as whoever is signed in, with a pasted token, and what is shown of the answer."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import RunningPortal
from tests.e2e.test_behaviour import complaints, reading, sign_in

REFERENCE = "/api/v1/docs/"


def opened(page: Page, operation: str) -> Locator:
    """Open the form of a call."""
    trial = page.locator(f"#{operation} [data-trial]")
    trial.locator("summary").click()
    return trial


def answer(trial: Locator) -> tuple[str, str]:
    """Return the status line and the body of what came back."""
    said = trial.get_by_role("status")
    expect(said).to_be_visible()
    return said.inner_text(), trial.locator("pre").inner_text()


@pytest.mark.browser
def test_signed_in_person_reads_and_writes_from_the_reference(browser: Browser, running_portal: RunningPortal) -> None:
    with reading(browser, running_portal) as (page, wrong):
        sign_in(page, running_portal)
        page.goto(REFERENCE)
        read = opened(page, "promotions-retrieve")
        number = read.get_by_role("textbox", name="promotion_id").input_value()
        read.get_by_role("button", name="Send GET").click()
        status, body = answer(read)
        assert (status, json.loads(body)["id"]) == ("200 OK", int(number))
        assert f'"promotion-{number}-round-' in read.locator("dl").inner_text()
        write = opened(page, "discussion-open")
        write.get_by_label("Body, JSON").fill('{"text": "Asked from the reference"}')
        write.get_by_role("button", name="Send POST", exact=True).press("Enter")
        sure = write.get_by_role("button", name="Yes, send POST")
        expect(sure).to_be_focused()
        assert complaints(page) == []
        write.get_by_role("button", name="Cancel").press("Enter")
        expect(sure).to_be_hidden()
        expect(write.get_by_role("status")).to_be_hidden()
        write.get_by_role("button", name="Send POST", exact=True).press("Enter")
        page.keyboard.press("Enter")
        status, body = answer(write)
        assert (status, json.loads(body)["text"]) == ("201 Created", "Asked from the reference")
        assert complaints(page) == []
        assert wrong == []
        page.goto(f"/promotions/{number}/")
        expect(page.get_by_text("Asked from the reference").first).to_be_attached()


@pytest.mark.browser
def test_refusals_are_told_in_words_and_a_pasted_token_counts(browser: Browser, running_portal: RunningPortal) -> None:
    token = running_portal.manage("create_token", "priya", "--scope", "models:read").strip()
    with reading(browser, running_portal) as (page, _):
        page.goto(REFERENCE)
        me = opened(page, "me")
        expect(me).to_contain_text("with no token yet")
        me.get_by_role("button", name="Send GET").click()
        assert answer(me)[0].startswith("401 Unauthorized: ")
        page.get_by_label("Token for “Try it”").fill(token)
        me.get_by_role("button", name="Send GET").click()
        expect(me.locator("pre")).to_contain_text('"username": "priya"')
        made = opened(page, "models-create")
        made.get_by_label("Body, JSON").fill("{")
        made.get_by_role("button", name="Send POST", exact=True).click()
        expect(made.locator("[data-trial-sure]")).to_contain_text("with the pasted token")
        made.get_by_role("button", name="Yes, send POST").click()
        assert answer(made)[0] == "403 Forbidden: This token lacks the scope models:write."
        page.route("**/api/v1/me/", lambda route: route.abort())
        me.get_by_role("button", name="Send GET").click()
        expect(me.get_by_role("status")).to_have_text("No answer: the portal cannot be reached.")
        assert complaints(page) == []
        assert token not in json.dumps(page.context.storage_state())
        page.reload()
        assert page.get_by_label("Token for “Try it”").input_value() == ""


@pytest.mark.browser
def test_artifact_is_not_loaded_and_a_long_answer_is_cut(browser: Browser, running_portal: RunningPortal) -> None:
    with reading(browser, running_portal) as (page, wrong):
        sign_in(page, running_portal, "noor")
        page.goto(REFERENCE)
        files = opened(page, "artifacts-download")
        files.get_by_role("button", name="Send GET").click()
        assert re.search(r"\d bytes that are not text\.", answer(files)[1])
        log = opened(page, "audit-events-export")
        log.get_by_role("button", name="Send GET").click()
        status, body = answer(log)
        assert (status, body.splitlines()[-1]) == ("200 OK", "… cut here; the command above gets all of it.")
        assert wrong == []


@pytest.mark.browser
def test_without_scripts_the_commands_remain(browser: Browser, running_portal: RunningPortal) -> None:
    with reading(browser, running_portal, java_script_enabled=False) as (page, _):
        page.goto(REFERENCE)
        expect(page.locator("#models-list pre").first).to_contain_text("$REGISTRY_URL/api/v1/models/")
        expect(page.get_by_text("Try it", exact=True).first).to_be_hidden()
        expect(page.locator("[data-trial]:not([hidden])")).to_have_count(0)
