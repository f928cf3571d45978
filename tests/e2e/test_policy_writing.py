"""Policies written in a real browser, with scripts and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import RunningPortal
from tests.e2e.test_behaviour import complaints, reading, sign_in

POLICY = "/admin/approvals/policy/"


@pytest.mark.browser
def test_officer_reads_what_a_policy_will_mean_while_writing_it(
    browser: Browser, running_portal: RunningPortal
) -> None:
    with reading(browser, running_portal) as (page, wrong):
        sign_in(page, running_portal, "iris")
        page.goto(POLICY)
        page.get_by_role("link", name="organisation: High to production").click()
        page.get_by_role("link", name="Write the next version").click()
        page.get_by_label("How many people").first.fill("4")
        expect(page.get_by_text("Four reviewers of the model or its team have to approve").first).to_be_visible()
        with page.expect_navigation():
            page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("Four reviewers of the model or its team instead of").first).to_be_visible()
        expect(page.get_by_role("heading", name="Open promotions")).to_be_visible()
        assert (complaints(page), wrong) == ([], [])


@pytest.mark.browser
def test_policy_is_written_without_scripts(browser: Browser, running_portal: RunningPortal) -> None:
    with reading(browser, running_portal, java_script_enabled=False) as (page, _):
        sign_in(page, running_portal, "iris")
        page.goto(f"{POLICY}add/")
        page.get_by_label("Of one model").fill("digit-reader")
        page.get_by_role("button", name="Add metric threshold").click()
        page.get_by_label("Metric", exact=True).fill("accuracy")
        page.get_by_label("At least").fill("0.9")
        with page.expect_navigation():
            page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("The metric accuracy has to be at least 0.9.").first).to_be_visible()
        page.get_by_role("button", name="Back to the form").click()
        expect(page.get_by_label("At least")).to_have_value("0.9")
