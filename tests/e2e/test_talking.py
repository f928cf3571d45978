"""Talking about a promotion in a browser, and ending a session of another one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import RunningPortal
from tests.e2e.test_behaviour import complaints, reading, sign_in

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.mark.browser
def test_name_is_completed_and_the_link_to_the_comment_unfolds_its_thread(
    browser: Browser, running_portal: RunningPortal
) -> None:
    with reading(browser, running_portal) as (page, wrong):
        sign_in(page, running_portal)
        page.goto("/promotions/?state=pending&mine=requested")
        page.locator("tbody a").first.click()
        promotion = page.url
        new = page.locator(".thread-new")
        if new.get_attribute("open") is None:
            new.locator("summary").click()
        field, options = new.locator("textarea"), page.locator("#mentions [role=option]")
        field.press_sequentially("Is region 4 in it, @", delay=20)
        expect(options.first).to_have_attribute("aria-selected", "true")
        assert complaints(page) == []
        field.press("ArrowDown")
        expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        expect(field).to_have_attribute("aria-activedescendant", str(options.nth(1).get_attribute("id")))
        asked = options.nth(1).get_attribute("data-username")
        field.press("Enter")
        expect(field).to_have_value(f"Is region 4 in it, @{asked} ")
        expect(page.locator("#mentions")).to_be_hidden()
        field.press_sequentially("or @", delay=20)
        expect(options.first).to_be_visible()
        field.press("Escape")
        expect(page.locator("#mentions")).to_be_hidden()
        field.fill(f"Is region 4 in it, @{asked}?")
        new.get_by_role("button", name="Start thread").click()
        thread = page.locator("details.thread").filter(has_text=f"Is region 4 in it, @{asked}?")
        expect(thread).to_have_attribute("open", "")
        thread.get_by_role("button", name="Resolve thread").click()
        expect(thread.locator("summary").first).to_contain_text("Resolved")
        comment = str(thread.locator(".remarks li").first.get_attribute("id"))
        page.goto(f"{promotion.partition('#')[0]}#{comment}")
        page.reload()
        expect(thread).to_have_attribute("open", "")
        expect(page.locator(f"#{comment}")).to_be_in_viewport()
        assert wrong == []


@pytest.mark.browser
def test_session_of_another_browser_is_ended_from_the_profile(browser: Browser, running_portal: RunningPortal) -> None:
    with (
        reading(browser, running_portal, user_agent=FIREFOX) as (forgotten, _),
        reading(browser, running_portal) as (page, wrong),
    ):
        sign_in(forgotten, running_portal)
        sign_in(page, running_portal)
        page.goto("/profile/")
        row = page.locator("tr").filter(has_text="Firefox on Linux")
        expect(row).to_have_count(1)
        row.get_by_role("button", name=re.compile("^Sign out Firefox on Linux")).click()
        expect(row).to_have_count(0)
        forgotten.goto("/promotions/")
        expect(forgotten).to_have_url(re.compile("/accounts/login/"))
        page.goto("/promotions/")
        expect(page.get_by_role("heading", name="Promotions", level=1)).to_be_visible()
        assert wrong == []
