"""Signing: the password anew, and few wrong ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import connections, transaction

from apps.accounts import actions
from apps.accounts.actions import signatures
from apps.accounts.models import User
from apps.core import clock
from apps.core.actors import SYSTEM
from apps.core.errors import Forbidden
from tests import factories


def attempt(user: User, password: str) -> str:
    """Return the code of the refusal, or `signed`."""
    try:
        actions.verify_password(user, password)
    except Forbidden as error:
        return error.code
    return "signed"


def test_right_password_is_answered_with_the_databases_time(reviewer: User) -> None:
    before = clock.now()
    assert before <= actions.verify_password(reviewer, factories.PASSWORD) <= before + timedelta(minutes=1)


@pytest.mark.parametrize("password", ["", "wrong", factories.PASSWORD + " ", factories.PASSWORD.upper()])
def test_wrong_password_is_refused(reviewer: User, password: str) -> None:
    assert attempt(reviewer, password) == "signature_refused"


def test_tenth_wrong_password_is_the_last_within_15_minutes(reviewer: User) -> None:
    assert [attempt(reviewer, "wrong") for _ in range(10)] == ["signature_refused"] * 10
    assert attempt(reviewer, factories.PASSWORD) == "signature_locked"


def test_lock_concerns_one_person(reviewer: User, second_reviewer: User) -> None:
    for _ in range(10):
        attempt(reviewer, "wrong")
    assert attempt(second_reviewer, factories.PASSWORD) == "signed"


def test_lock_ends_with_its_time(reviewer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "WINDOW_SECONDS", 0)
    for _ in range(10):
        attempt(reviewer, "wrong")
    assert attempt(reviewer, factories.PASSWORD) == "signed"


def test_right_password_forgets_the_wrong_ones(reviewer: User) -> None:
    for _ in range(2):
        for _ in range(9):
            attempt(reviewer, "wrong")
        assert attempt(reviewer, factories.PASSWORD) == "signed"


def test_wrong_passwords_count_although_the_act_rolls_back(reviewer: User) -> None:
    for _ in range(10):
        with pytest.raises(Forbidden), transaction.atomic():
            actions.verify_password(reviewer, "wrong")
    assert attempt(reviewer, factories.PASSWORD) == "signature_locked"


@pytest.mark.django_db(transaction=True)
def test_attempts_in_parallel_do_not_outrun_the_limit() -> None:
    user = factories.person()

    def one(_: int) -> str:
        try:
            return attempt(user, "wrong")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as executor:
        outcomes = list(executor.map(one, range(24)))
    cache.clear()
    assert outcomes.count("signature_refused") == 10
    assert outcomes.count("signature_locked") == 14


def test_password_is_compared_with_the_one_of_now(reviewer: User) -> None:
    actions.change_password(User.objects.get(pk=reviewer.pk), "another good long password", actor=reviewer)
    assert attempt(reviewer, factories.PASSWORD) == "signature_refused"
    assert attempt(reviewer, "another good long password") == "signed"


def test_person_deactivated_meanwhile_signs_nothing(reviewer: User) -> None:
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    assert attempt(reviewer, factories.PASSWORD) == "signature_refused"


def test_service_account_signs_nothing(pipeline: User) -> None:
    User.objects.filter(pk=pipeline.pk).update(password=make_password(factories.PASSWORD))
    assert attempt(pipeline, factories.PASSWORD) == "signature_refused"


def test_person_without_a_password_signs_nothing_with_an_empty_one(db: None) -> None:
    user = actions.create_user("sso", "Sso Only", "sso@example.org", actor=SYSTEM)
    assert attempt(user, "") == "signature_refused"


def test_signing_with_an_old_hash_keeps_the_session(reviewer: User, settings: object) -> None:
    page = factories.browser(reviewer)
    settings.PASSWORD_HASHERS = [  # type: ignore[attr-defined]
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert attempt(reviewer, factories.PASSWORD) == "signed"
    assert page.get("/api/v1/me/").status_code == 200
