"""Where somebody is signed in: what they read of it, and how they end it."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache, caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts import actions, browsers, events, selectors, tasks
from apps.accounts.models import User
from apps.core.errors import Conflict, Forbidden
from tests import factories
from tests.assertions import assert_audited, assert_unchanged

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
    "Safari/537.36 Edg/140.0.0.0"
)
PROFILE = reverse("accounts:profile")
OTHERS = reverse("accounts:end-other-sessions")


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    """Start every test with no attempts counted."""
    cache.clear()


def signed_in(user: User, agent: str = FIREFOX, address: str = "10.0.0.1") -> Client:
    """Return a browser in which somebody signed in by password."""
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    client.post("/accounts/login/", {"login": user.username, "password": factories.PASSWORD})
    return client


def gets_in(client: Client) -> bool:
    """Tell whether the browser is still signed in."""
    return client.get(PROFILE).status_code == 200


def noted(client: Client) -> UserSession:
    """Return what is noted of a browser's session."""
    return UserSession.objects.get(session_key=client.session.session_key)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (SAFARI, "Safari on iPhone"),
        (EDGE, "Edge on Windows"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "Unknown browser"),
        ("<script>" * 100, ("<script>" * 100)[:60]),
    ],
)
def test_browser_is_named_in_words(agent: str, words: str):
    assert browsers.named(agent) == words


def test_profile_lists_ones_own_sessions_alone(stranger: User, reviewer: User):
    here, there = signed_in(stranger), signed_in(stranger, SAFARI, "10.0.0.2")
    signed_in(reviewer, EDGE, "10.9.9.9")
    page = unescape(here.get(PROFILE).content.decode())
    for words in ("Firefox on Linux", "this one", "10.0.0.1", "Safari on iPhone", "10.0.0.2", "Sign out all others"):
        assert words in page
    assert "10.9.9.9" not in page
    assert here.session.session_key not in page
    assert reverse("accounts:end-session", args=[noted(there).pk]) in page
    assert reverse("accounts:end-session", args=[noted(here).pk]) not in page


def test_only_session_offers_no_sign_out_of_others(stranger: User):
    assert "Sign out all others" not in signed_in(stranger).get(PROFILE).content.decode()


def test_hostile_browser_name_is_text(stranger: User):
    page = signed_in(stranger, '"><script>alert(1)</script>').get(PROFILE).content.decode()
    assert "<script>alert(1)" not in page


def test_ended_session_is_out_at_once_and_it_is_audited(stranger: User):
    here, there = signed_in(stranger), signed_in(stranger, SAFARI, "10.0.0.2")
    with assert_audited(events.SESSION_ENDED, stranger, actor=stranger) as recorded:
        here.post(reverse("accounts:end-session", args=[noted(there).pk]))
    assert recorded.personal["browsers"] == ["Safari on iPhone at 10.0.0.2"]
    assert not gets_in(there)
    assert gets_in(here)


def test_all_others_are_signed_out_and_this_one_stays(stranger: User, reviewer: User):
    here = signed_in(stranger)
    others = [signed_in(stranger, SAFARI, f"10.0.0.{number}") for number in (2, 3)]
    bystander = signed_in(reviewer, EDGE)
    with assert_audited(events.SESSION_ENDED, stranger, actor=stranger):
        here.post(OTHERS)
    assert [gets_in(client) for client in (here, bystander, *others)] == [True, True, False, False]
    with assert_unchanged(UserSession, Session):
        assert "There was no other session." in here.post(OTHERS, follow=True).content.decode()


def test_session_of_somebody_else_is_not_found(stranger: User, reviewer: User):
    mine, theirs = signed_in(stranger), signed_in(reviewer, EDGE)
    assert gets_in(mine)
    with assert_unchanged(UserSession, Session):
        assert mine.post(reverse("accounts:end-session", args=[noted(theirs).pk])).status_code == 404
    assert gets_in(theirs)


def test_nobody_ends_the_sessions_of_others_not_even_administrators(stranger: User, administrator: User):
    client = signed_in(stranger)
    with assert_unchanged(UserSession, Session):
        with pytest.raises(Forbidden):
            actions.end_session(stranger, noted(client).pk, actor=administrator)
        with pytest.raises(Forbidden):
            actions.end_other_sessions(stranger, but="", actor=administrator)


def test_session_that_is_over_is_neither_listed_nor_ended_twice(stranger: User):
    here, there = signed_in(stranger), signed_in(stranger, SAFARI)
    row = noted(there)
    Session.objects.filter(session_key=row.session_key).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert [each.pk for each in selectors.sessions_of(stranger, here.session.session_key)] == [noted(here).pk]
    assert here.post(reverse("accounts:end-session", args=[row.pk])).status_code == 404
    actions.end_session(stranger, row.pk, actor=stranger)
    with pytest.raises(Conflict):
        actions.end_session(stranger, row.pk, actor=stranger)


def test_new_password_ends_other_sessions_and_forgets_them(stranger: User):
    here, there = signed_in(stranger), signed_in(stranger, SAFARI, "10.0.0.2")
    new = "another-good-passphrase"
    form = {"oldpassword": factories.PASSWORD, "password1": new, "password2": new}
    assert here.post("/accounts/password/change/", form).status_code == 302
    assert [gets_in(here), gets_in(there)] == [True, False]
    listed = selectors.sessions_of(stranger, here.session.session_key)
    assert [(each.is_this, each.address) for each in listed] == [(True, "10.0.0.1")]


def test_sweep_forgets_what_nobody_can_use_any_more(stranger: User):
    in_use, over, gone = signed_in(stranger), signed_in(stranger, SAFARI), signed_in(stranger, EDGE)
    keys = {name: client.session.session_key for name, client in (("use", in_use), ("over", over), ("gone", gone))}
    Session.objects.filter(pk=keys["over"]).update(expire_date=timezone.now() - timedelta(seconds=1))
    Session.objects.filter(pk=keys["gone"]).delete()
    assert tasks.forget_expired_sessions() == 1
    assert not Session.objects.filter(pk=keys["over"]).exists()
    # What is noted is left for as long as a session may still be about to be written.
    assert UserSession.objects.filter(user=stranger).count() == 3
    UserSession.objects.update(created_at=timezone.now() - timedelta(hours=13))
    assert tasks.forget_expired_sessions() == 0
    assert list(UserSession.objects.filter(user=stranger).values_list("session_key", flat=True)) == [keys["use"]]
    assert gets_in(in_use)


def test_last_seen_follows_the_browser_but_not_with_every_page(stranger: User):
    client = signed_in(stranger)
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(hours=2), ip="10.0.0.9")
    gets_in(client)
    assert noted(client).ip == "10.0.0.1"
    UserSession.objects.update(ip="10.0.0.9")
    gets_in(client)
    assert noted(client).ip == "10.0.0.9"
    caches["local"].clear()
    gets_in(client)
    assert timezone.now() - noted(client).last_seen_at < timedelta(minutes=1)


def test_sessions_are_in_no_admin_list(superuser: User):
    assert factories.browser(superuser).get("/admin/usersessions/usersession/").status_code == 404
