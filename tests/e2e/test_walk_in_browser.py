"""People sign in with a browser, see why a promotion waits for them or not, and sign on its page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.e2e.conftest import RunningPortal

PROMOTION = "digit-reader 2.1.0 to production"
MILLISECONDS = 30_000


def is_wrong(message: ConsoleMessage) -> bool:
    """Tell whether the browser complains, of more than a form that was not accepted."""
    return message.type == "error" and "400 (Bad Request)" not in message.text


@contextmanager
def signed_in(browser: Browser, portal: RunningPortal, username: str) -> Iterator[Page]:
    """Yield a page of a person's own browser, just signed in; nothing may be refused or fail in it."""
    context = browser.new_context(base_url=portal.base_url)
    context.set_default_timeout(MILLISECONDS)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if is_wrong(message) else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto("/accounts/login/")
    page.get_by_label("User name or e-mail").fill(username)
    page.get_by_label("Password").fill(portal.demo_password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Home", level=1)).to_be_visible()
    yield page
    context.close()
    assert wrong == []


def look(page: Page) -> None:
    """Read as the owner of the program that asked why one cannot decide."""
    page.get_by_role("link", name=PROMOTION).first.click()
    expect(page.get_by_text("Your service account train-bot asked for this promotion")).to_be_visible()
    expect(page.get_by_role("button", name="Sign and send")).to_have_count(0)


def approve(page: Page, password: str) -> None:
    """Go from the front page to the promotion that waits for one more approval, and sign it."""
    page.get_by_role("link", name=PROMOTION).first.click()
    expect(page.get_by_text("1 of 2 approvals")).to_be_visible()
    page.get_by_label("Approve", exact=True).check()
    page.get_by_role("button", name="Sign and send").click()
    expect(page.get_by_text("Give your password")).to_be_visible()
    page.get_by_label("Approve", exact=True).check()
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign and send").click()
    expect(
        page.get_by_text("2 of 2 approvals").or_(page.get_by_text("nothing is left to decide")).first
    ).to_be_visible()


def see_executed(page: Page) -> None:
    """Read the promotion again until the worker has moved the version."""
    executed = page.get_by_text("Moved to production.")
    end = time.monotonic() + MILLISECONDS / 1000
    while not executed.count() and time.monotonic() < end:
        page.reload()
    expect(executed.first).to_be_visible()
    expect(page.get_by_text("nothing is left to decide")).to_be_visible()


@pytest.mark.browser
def test_reviewer_signs_the_last_approval_in_a_browser(browser: Browser, running_portal: RunningPortal) -> None:
    with signed_in(browser, running_portal, "ada") as page:
        look(page)
    with signed_in(browser, running_portal, "yuki") as page:
        approve(page, running_portal.demo_password)
        see_executed(page)
        page.goto("/models/digit-reader/versions/2.1.0/")
        expect(page.locator(".badge", has_text="Production").first).to_be_visible()
