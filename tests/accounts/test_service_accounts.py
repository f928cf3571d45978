"""Programs' accounts: owned by a person, without a password, never signed in."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from apps.accounts import actions, events
from apps.accounts.models import User
from apps.core.actors import SYSTEM
from apps.core.errors import Conflict, Forbidden
from tests import factories
from tests.assertions import assert_audited, assert_unchanged


def test_person_creates_a_service_account_under_themselves(stranger: User) -> None:
    with assert_audited(events.SERVICE_ACCOUNT_CREATED, actor=stranger):
        bot = actions.create_service_account("train-bot", "Training", stranger, actor=stranger)
    assert bot.owner == stranger
    assert not bot.has_usable_password()
    assert not bot.is_staff


def test_administrator_creates_one_under_another_person(administrator: User, stranger: User) -> None:
    with assert_audited(events.SERVICE_ACCOUNT_CREATED, actor=administrator) as recorded:
        bot = actions.create_service_account("train-bot", "Training", stranger, actor=administrator)
    assert bot.owner == stranger
    assert recorded.audience == [stranger.pk]


@pytest.mark.parametrize("persona", ["owner", "auditor", "pipeline", "superuser"])
def test_others_create_none_under_another_person(personas: dict[str, User], persona: str) -> None:
    with assert_unchanged(User), pytest.raises(Forbidden):
        actions.create_service_account("bot", "Bot", personas["stranger"], actor=personas[persona])


@pytest.mark.parametrize("actor", ["pipeline", "administrator"])
def test_service_account_owns_no_service_account(personas: dict[str, User], actor: str) -> None:
    with assert_unchanged(User), pytest.raises(Forbidden) as refusal:
        actions.create_service_account("bot", "Bot", personas["pipeline"], actor=personas[actor])
    assert refusal.value.code == "service_account"


def test_deactivated_person_owns_no_new_service_account(administrator: User) -> None:
    gone = factories.person(is_active=False)
    with assert_unchanged(User), pytest.raises(Conflict) as refusal:
        actions.create_service_account("bot", "Bot", gone, actor=administrator)
    assert refusal.value.code == "deactivated"


def test_database_refuses_a_service_account_under_a_service_account(pipeline: User) -> None:
    with assert_unchanged(User), pytest.raises(IntegrityError), transaction.atomic():
        factories.service_account(pipeline)


@pytest.mark.parametrize("field", ["is_staff", "is_superuser"])
def test_database_refuses_a_service_account_in_the_admin(pipeline: User, field: str) -> None:
    with assert_unchanged(User), pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=pipeline.pk).update(**{field: True})


def test_service_account_cannot_have_a_password(pipeline: User, administrator: User) -> None:
    with assert_unchanged(pipeline), pytest.raises(Forbidden) as refusal:
        actions.change_password(pipeline, factories.PASSWORD, actor=administrator)
    assert refusal.value.code == "service_account"


@pytest.mark.parametrize("address", ["/accounts/login/", "/admin/login/"])
def test_service_account_cannot_sign_in_even_with_a_password(pipeline: User, address: str) -> None:
    pipeline.set_password(factories.PASSWORD)
    pipeline.save()
    page = factories.browser(None)
    page.post(address, {"login": "pipeline", "username": "pipeline", "password": factories.PASSWORD}, follow=True)
    assert "_auth_user_id" not in page.session


def test_session_of_a_service_account_is_ended(pipeline: User) -> None:
    page = factories.browser(pipeline)
    assert page.get("/api/v1/me/").status_code == 401
    assert "_auth_user_id" not in page.session


@pytest.mark.parametrize("persona", ["contributor", "administrator"])
def test_owner_and_administrator_deactivate_it(personas: dict[str, User], persona: str) -> None:
    pipeline = personas["pipeline"]
    with assert_audited(events.USER_DEACTIVATED, pipeline, actor=personas[persona]):
        actions.deactivate_user(pipeline, actor=personas[persona])
    pipeline.refresh_from_db()
    assert not pipeline.is_active


@pytest.mark.parametrize("persona", ["owner", "reviewer", "auditor", "stranger", "superuser"])
def test_others_do_not_manage_it(personas: dict[str, User], persona: str) -> None:
    pipeline = personas["pipeline"]
    for act in (
        lambda actor: actions.deactivate_user(pipeline, actor=actor),
        lambda actor: actions.hand_over_service_account(pipeline, actor, actor=actor),
        lambda actor: actions.create_token(pipeline, "mine", ["models:read"], actor=actor),
    ):
        with assert_unchanged(User, *pipeline.tokens.all()), pytest.raises(Forbidden) as refusal:
            act(personas[persona])
        assert refusal.value.code == "not_owner"


def test_owner_hands_it_over(contributor: User, pipeline: User, owner: User) -> None:
    with assert_audited(events.SERVICE_ACCOUNT_HANDED_OVER, pipeline, actor=contributor) as recorded:
        actions.hand_over_service_account(pipeline, owner, actor=contributor)
    pipeline.refresh_from_db()
    assert pipeline.owner == owner
    assert (recorded.data["before"], recorded.data["after"]) == (contributor.urn, owner.urn)


def test_it_is_not_handed_to_a_deactivated_person(contributor: User, pipeline: User) -> None:
    gone = factories.person(is_active=False)
    with assert_unchanged(pipeline), pytest.raises(Conflict):
        actions.hand_over_service_account(pipeline, gone, actor=contributor)


def test_person_cannot_be_handed_over(administrator: User, stranger: User, owner: User) -> None:
    with assert_unchanged(stranger), pytest.raises(Conflict) as refusal:
        actions.hand_over_service_account(stranger, owner, actor=administrator)
    assert refusal.value.code == "not_service_account"


def test_it_stops_with_its_owner_and_works_again_for_the_next(contributor: User, pipeline: User, owner: User) -> None:
    program = factories.api(pipeline)
    actions.deactivate_user(contributor, actor=SYSTEM)
    assert program.get("/api/v1/me/").status_code == 401
    actions.hand_over_service_account(pipeline, owner, actor=SYSTEM)
    assert program.get("/api/v1/me/").status_code == 200
