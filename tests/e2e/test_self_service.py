"""What scripts add to the pages of one's own: toasts, notices read by following them, dialogs, busy buttons."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import RunningPortal
from tests.e2e.test_behaviour import complaints, reading, sign_in

KEEPER = "priya"


@pytest.mark.browser
def test_toast_leaves_the_focus_alone_and_goes_unless_somebody_points_at_it(
    browser: Browser, running_portal: RunningPortal
) -> None:
    with reading(browser, running_portal) as (page, wrong):
        page.clock.install()
        sign_in(page, running_portal, KEEPER)
        page.goto("/inbox/preferences/")
        toast = page.get_by_role("status").filter(has_text="Your choice is stored.")
        for waits in (True, False):
            page.get_by_role("button", name="Save").click()
            expect(toast).to_be_visible()
            assert page.evaluate("document.activeElement === document.body")
            assert complaints(page) == []
            if waits:
                toast.locator(".note").hover()
            page.clock.fast_forward(20_000)
            expect(toast).to_have_count(1 if waits else 0)
            if waits:
                toast.get_by_role("button", name="Close this message").click()
                expect(toast).to_have_count(0)
                page.mouse.move(0, 0)
        assert wrong == []


@pytest.mark.browser
def test_notice_is_read_by_following_it(browser: Browser, running_portal: RunningPortal) -> None:
    with reading(browser, running_portal) as (page, wrong):
        sign_in(page, running_portal, KEEPER)
        page.goto("/inbox/?unread=1")
        notice = page.locator("a[data-notice]").first
        key = notice.get_attribute("data-notice")
        notice.click()
        page.wait_for_url(lambda url: "/inbox/" not in url)
        still_unread = page.locator(f'a[data-notice="{key}"]')
        # What the script sent may arrive after the next page was asked for.
        for _ in range(10):
            page.goto("/inbox/")
            if still_unread.count() == 0:
                break
        expect(still_unread).to_have_count(0)
        assert wrong == []


@pytest.mark.browser
@pytest.mark.parametrize("look", [{"color_scheme": "light"}, {"viewport": {"width": 390, "height": 844}}], ids=str)
def test_token_and_webhook_are_set_up_and_tried(
    browser: Browser, running_portal: RunningPortal, look: dict[str, object]
) -> None:
    with reading(browser, running_portal, **look) as (page, wrong):
        sign_in(page, running_portal, KEEPER)
        page.goto("/tokens/add/?holder=ci-bot")
        page.get_by_label("Name", exact=True).fill("integration tests")
        page.get_by_label("Report the result of checks").check()
        page.get_by_role("button", name="Create and show once").click()
        expect(page.get_by_text("It is shown this once only.")).to_be_visible()
        assert complaints(page) == []
        page.get_by_role("link", name="Done").click()
        page.get_by_role("link", name="Revoke integration tests").first.click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        expect(page.get_by_role("status").filter(has_text="no longer works")).to_be_visible()
        page.goto("/webhooks/")
        page.get_by_role("link", name="Payments deployer").click()
        webhook = page.url
        page.get_by_role("button", name="Send a test event").click()
        expect(page.get_by_text("The test event did not arrive.")).to_be_visible()
        for address in (webhook, f"{webhook}edit/", f"{webhook}redeliver/?which=all"):
            page.goto(address)
            assert complaints(page) == [], address
        page.goto(webhook)
        page.locator("section tbody a").first.click()
        expect(page.get_by_role("heading", name="Payload")).to_be_visible()
        assert complaints(page) == []
        assert wrong == []
