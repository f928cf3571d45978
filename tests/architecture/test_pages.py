"""No page is forgotten by the browser tests, the budgets, the pictures and the benchmark."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern

from tests.architecture import url_table
from tests.architecture.test_urls import ROUTES
from tests.e2e.admin_pages import ADMIN
from tests.e2e.pages import OPEN, PAGES, PERSONAS

# Addresses that people read without being pages of the portal; every line says why.
NO_PAGES = {
    "portal:object": "sends on to the object's own page",
    "approvals:mentions": "the names that a script offers while somebody writes",
    "approvals:reply": "the page of the discussion, where a thread goes on",
    "approvals:resolve": "likewise",
    "approvals:reopen": "likewise",
    "webhooks:ping": "sends a test event from the webhook's own page",
    "health-live": "for probes",
    "health-ready": "for probes",
    "api-schema": "a document",
    "account_set_password": "for accounts without a password, of which there are none",
    "account_reset_password_from_key": "needs a letter's link",
    "account_reset_password_from_key_done": "is what a refused link shows too",
}

# The same for the admin.
NO_ADMIN_PAGES = {
    "login": "sends on to the portal's sign-in page",
    "logout": "takes a POST only",
    "password_change": "sends on to the portal's page for it",
    "password_change_done": "is never reached",
    "autocomplete": "answers programs; no list offers it",
    "jsi18n": "a script",
    "view_on_site": "no table names a page of its own to it",
    "accounts_teamgroupobjectpermission_change": "no group has permissions on a team",
    "accounts_idempotentanswer_change": "answers are kept for a day, and the demonstration's are gone",
    "notifications_digest_change": "the demonstration sends no digests",
    "notifications_digestline_change": "likewise",
}


def pages() -> set[str]:
    """Return the name of every address that is read and has no side effect."""
    readable = (url_table.READ.keys() | url_table.PUBLIC) - NO_PAGES.keys()
    return {name for name in readable if name in url_table.PUBLIC or not name.startswith("api-")}


def test_every_page_is_in_the_table_of_pages() -> None:
    listed = {page.name for page in (*PAGES, *OPEN)}
    assert pages() - listed == set(), "pages without a line in tests/e2e/pages.py"
    assert listed - pages() == set(), "lines without a page"


def admin_addresses() -> set[str]:
    """Return the name of every address of the admin; exports are files."""
    found = [each for item in admin.site.get_urls() for each in getattr(item, "url_patterns", [item])]
    assert all(isinstance(each, URLPattern) for each in found)
    return {each.name for each in found if each.name and not each.name.endswith("_export")}


def test_every_page_of_the_admin_is_in_its_table() -> None:
    listed = {page.name.removeprefix("admin:") for page in ADMIN}
    wanted = admin_addresses() - NO_ADMIN_PAGES.keys()
    assert wanted - listed == set(), "pages without a line in tests/e2e/admin_pages.py"
    assert listed - wanted == set(), "lines without a page"


def test_exceptions_are_addresses() -> None:
    assert NO_PAGES.keys() - ROUTES.keys() == set()
    assert NO_ADMIN_PAGES.keys() - admin_addresses() == set()


def test_pages_are_for_personas() -> None:
    assert {persona for page in (*PAGES, *ADMIN) for persona in page.by} == PERSONAS.keys()
