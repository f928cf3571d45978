"""Browser sessions: who gets in, how often one may try, and what a new password does."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from apps.accounts import actions, events
from apps.accounts.models import User
from apps.core.actors import SYSTEM
from tests import factories
from tests.assertions import assert_audited, assert_unchanged

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    """Start every test with no attempts counted."""
    cache.clear()


def sign_in(login: str, password: str = factories.PASSWORD, client: Client | None = None, address: str = "") -> Client:
    client = client or Client(REMOTE_ADDR=address or "127.0.0.1")
    client.post(LOGIN, {"login": login, "password": password})
    return client


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("login", ["stranger", "stranger@example.org", "Stranger@Example.org"])
def test_person_signs_in_by_user_name_or_address(stranger: User, login: str) -> None:
    assert signed_in(sign_in(login))


@pytest.mark.parametrize("password", ["", "wrong"])
def test_wrong_password_opens_nothing(stranger: User, password: str) -> None:
    assert not signed_in(sign_in("stranger", password))


def test_deactivated_person_does_not_get_in(stranger: User) -> None:
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    assert not signed_in(sign_in("stranger"))


def test_five_wrong_passwords_lock_the_name_even_from_elsewhere(stranger: User) -> None:
    for number in range(5):
        sign_in("stranger", "wrong", address=f"10.0.0.{number}")
    assert not signed_in(sign_in("stranger", address="10.0.0.9"))


def test_one_address_tries_ten_names_a_minute(stranger: User) -> None:
    for number in range(10):
        sign_in(f"guess-{number}", "wrong", address="10.0.0.1")
    assert not signed_in(sign_in("stranger", address="10.0.0.1"))
    assert signed_in(sign_in("stranger", address="10.0.0.2"))


def test_nobody_signs_up(db: None) -> None:
    form = {
        "username": "me",
        "email": "me@example.org",
        "password1": factories.PASSWORD,
        "password2": factories.PASSWORD,
    }
    with assert_unchanged(User):
        Client().post("/accounts/signup/", form)


@pytest.mark.parametrize("name", ["account_email", "account_request_login_code", "account_confirm_email"])
def test_pages_that_write_past_the_actions_are_not_there(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_new_password_is_audited_and_ends_the_other_sessions(stranger: User) -> None:
    page, elsewhere = sign_in("stranger"), sign_in("stranger")
    form = {"oldpassword": factories.PASSWORD, "password1": "a quite new password", "password2": "a quite new password"}
    with assert_audited(events.PASSWORD_CHANGED, stranger, actor=stranger) as recorded:
        page.post("/accounts/password/change/", form)
    assert recorded.event.content["auth"] == {"method": "session"}
    assert page.get("/api/v1/me/").status_code == 200
    assert elsewhere.get("/api/v1/me/").status_code == 401


@pytest.mark.parametrize("wrong", [{"oldpassword": "wrong"}, {"password1": "short", "password2": "short"}])
def test_wrong_change_of_password_changes_nothing(stranger: User, wrong: dict[str, str]) -> None:
    form = {"oldpassword": factories.PASSWORD, "password1": "a quite new password", "password2": "a quite new password"}
    page = sign_in("stranger")
    with assert_unchanged(stranger):
        page.post("/accounts/password/change/", {**form, **wrong})


def test_person_without_a_password_gets_one_by_mail(db: None) -> None:
    person = actions.create_user("ada", "Ada Kim", "ada@example.org", actor=SYSTEM)
    page = Client()
    page.post("/accounts/password/reset/", {"email": "ada@example.org"})
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    form_address: Any = page.get(link.partition("testserver")[2] or link, follow=True).redirect_chain[-1][0]
    with assert_audited(events.PASSWORD_CHANGED, person, actor=person):
        page.post(form_address, {"password1": factories.PASSWORD, "password2": factories.PASSWORD})
    assert signed_in(sign_in("ada"))


def test_session_acts_are_noted_as_such(stranger: User) -> None:
    page = factories.browser(stranger)
    with assert_audited(events.SERVICE_ACCOUNT_CREATED, actor=stranger) as recorded:
        page.post("/api/v1/service-accounts/", {"username": "bot", "name": "Bot"}, content_type="application/json")
    assert recorded.event.content["auth"] == {"method": "session"}
    assert recorded.event.content["request"]


def test_session_cannot_be_used_from_a_foreign_page(stranger: User) -> None:
    page = Client(enforce_csrf_checks=True)
    page.force_login(stranger, backend="allauth.account.auth_backends.AuthenticationBackend")
    with assert_unchanged(User):
        answer = page.post(
            "/api/v1/service-accounts/", {"username": "bot", "name": "Bot"}, content_type="application/json"
        )
    assert answer.status_code == 403
