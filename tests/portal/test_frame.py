"""The frame of every page: errors that say what to do, colours, sign-in, inbox, profile, security headers."""

from __future__ import annotations

import re

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from apps.accounts.models import User
from apps.audit import outbox
from apps.core import errors
from apps.notifications.models import Notice
from apps.portal.middleware import PortalErrorMiddleware
from tests import factories
from tests.factories import browser

PAGES = (
    "portal:home",
    "portal:catalogue",
    "approvals:promotions",
    "portal:ledger",
    "portal:export",
    "portal:inventory",
    "inbox:messages",
    "accounts:profile",
    "accounts:tokens",
    "accounts:add-token",
    "accounts:service-accounts",
    "accounts:add-service-account",
    "webhooks:list",
    "webhooks:add",
    "inbox:preferences",
)


@pytest.mark.parametrize("name", PAGES)
def test_pages_hold_no_inline_script_or_style(name: str, reviewer: User):
    response = browser(reviewer).get(reverse(name))
    assert not re.search(rb"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", response.content)
    assert "unsafe" not in response["Content-Security-Policy"]


def test_address_of_nothing_is_a_page_with_a_way_on(reviewer: User):
    response = browser(reviewer).get("/nowhere/")
    assert response.status_code == 404
    assert reverse("portal:catalogue").encode() in response.content


@pytest.mark.parametrize("error", [errors.Forbidden, errors.Conflict, errors.Unavailable, errors.NotFound])
def test_refusal_that_no_form_shows_becomes_a_page(error: type[errors.PortalError], db: None):
    request = RequestFactory().get("/promotions/")
    response = PortalErrorMiddleware(lambda _: None).process_exception(request, error("Because of this."))
    assert response is not None
    assert response.status_code == error.status
    assert error is errors.NotFound or "Because of this." in response.content.decode()


@pytest.mark.parametrize(("path", "error"), [("/api/v1/models/", errors.Forbidden("No.")), ("/", ValueError("defect"))])
def test_api_and_defects_are_left_to_others(path: str, error: Exception):
    assert PortalErrorMiddleware(lambda _: None).process_exception(RequestFactory().get(path), error) is None


def test_form_without_its_secret_is_refused_with_a_page(reviewer: User):
    client = Client(enforce_csrf_checks=True)
    client.force_login(reviewer, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.post(reverse("portal:theme"), {"theme": "dark"})
    assert response.status_code == 403
    assert b"out of date" in response.content


def test_colours_are_remembered(reviewer: User):
    client = browser(reviewer)
    response = client.post(reverse("portal:theme"), {"theme": "dark"}, headers={"Referer": "http://testserver/models/"})
    assert response["Location"] == "http://testserver/models/"
    assert b'data-theme="dark"' in client.get(reverse("portal:home")).content


@pytest.mark.parametrize("theme", ["neon", ""])
def test_unknown_colours_change_nothing(reviewer: User, theme: str):
    response = browser(reviewer).post(
        reverse("portal:theme"), {"theme": theme}, headers={"Referer": "https://evil.example/"}
    )
    assert response["Location"] == "/"
    assert "theme" not in response.cookies


def test_sign_in_leads_where_somebody_wanted_to_go(reviewer: User):
    form = {"login": reviewer.username, "password": factories.PASSWORD, "next": "/promotions/"}
    assert Client().post(reverse("account_login"), form)["Location"] == "/promotions/"


def test_wrong_password_says_so_without_telling_which_half(reviewer: User):
    response = Client().post(reverse("account_login"), {"login": reviewer.username, "password": "wrong"})
    assert b"not correct" in response.content


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
def test_sign_on_pages_wear_the_portals_frame(name: str, db: None):
    response = Client().get(reverse(name))
    assert response.status_code == 200
    assert b"css/app.css" in response.content


@pytest.mark.parametrize("name", ["account_logout", "account_change_password", "account_reauthenticate"])
def test_pages_of_the_own_account_wear_the_portals_frame(name: str, reviewer: User):
    response = browser(reviewer).get(reverse(name))
    assert response.status_code == 200
    assert b"css/app.css" in response.content


def test_inbox_counts_and_marks_as_read(promotion: object, reviewer: User):
    outbox.drain()
    client, count = browser(reviewer), Notice.objects.visible_to(reviewer).unread().count()
    assert count
    assert f"Inbox, {count} unread" in client.get(reverse("inbox:messages")).content.decode()
    first = Notice.objects.visible_to(reviewer).first()
    client.post(reverse("inbox:read"), {"notice": first.pk})
    assert Notice.objects.visible_to(reviewer).unread().count() == count - 1
    client.post(reverse("inbox:read"))
    assert not Notice.objects.visible_to(reviewer).unread().exists()


def test_inbox_of_somebody_else_stays_unread(promotion: object, reviewer: User, stranger: User):
    outbox.drain()
    notice = Notice.objects.visible_to(reviewer).first()
    browser(stranger).post(reverse("inbox:read"), {"notice": notice.pk})
    assert Notice.objects.get(pk=notice.pk).read_at is None
