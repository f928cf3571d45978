"""Creating, deactivating and bringing back accounts."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from apps.accounts import actions, events
from apps.accounts.models import ApiToken, Team, User
from apps.core.actors import SYSTEM
from apps.core.errors import Conflict, Forbidden, Invalid
from tests import factories
from tests.assertions import assert_audited, assert_unchanged

NEW = {"username": "ada", "name": "Ada Kim", "email": "ada@example.org", "password": factories.PASSWORD}


def test_administrator_creates_a_person_who_can_sign_in(administrator: User) -> None:
    with assert_audited(events.USER_CREATED, actor=administrator) as recorded:
        ada = actions.create_user(**NEW, actor=administrator)
    assert ada.check_password(factories.PASSWORD)
    assert not ada.is_staff
    assert not ada.is_superuser
    assert ada.is_active
    assert recorded.event.subject_id == str(ada.pk)


def test_event_of_a_new_person_keeps_the_name_out_of_the_leaf(administrator: User) -> None:
    with assert_audited(events.USER_CREATED) as recorded:
        actions.create_user(**NEW, actor=administrator)
    assert "Ada" not in recorded.event.body
    assert '"ada"' not in recorded.event.body
    assert recorded.personal == {"name": "Ada Kim", "username": "ada"}


@pytest.mark.parametrize("persona", ["owner", "compliance", "auditor", "stranger", "pipeline", "superuser"])
def test_others_cannot_create_people(personas: dict[str, User], persona: str) -> None:
    with assert_unchanged(User), pytest.raises(Forbidden) as refusal:
        actions.create_user(**NEW, actor=personas[persona])
    assert refusal.value.code == "not_administrator"


@pytest.mark.parametrize("taken", ["stranger", "Stranger", "STRANGER"])
def test_user_name_is_never_given_twice_whatever_its_case(stranger: User, taken: str) -> None:
    with assert_unchanged(User), pytest.raises(Conflict) as refusal:
        actions.create_user(taken, "Somebody", "new@example.org", actor=SYSTEM)
    assert refusal.value.code == "username_taken"


def test_user_name_of_a_deactivated_person_is_not_free(stranger: User) -> None:
    actions.deactivate_user(stranger, actor=SYSTEM)
    with assert_unchanged(User), pytest.raises(Conflict):
        actions.create_user("stranger", "Somebody Else", "else@example.org", actor=SYSTEM)


def test_email_address_belongs_to_one_person(stranger: User) -> None:
    with assert_unchanged(User), pytest.raises(Conflict):
        actions.create_user("newcomer", "Somebody", stranger.email.upper(), actor=SYSTEM)


@pytest.mark.parametrize(
    ("field", "value"),
    [("username", ""), ("username", "a b"), ("username", "x" * 151), ("email", "nowhere"), ("password", "short"),
     ("password", "ada@example.org"), ("name", "n" * 151)],
)  # fmt: skip
def test_person_with_a_wrong_field_is_refused_by_name(db: None, field: str, value: str) -> None:
    with assert_unchanged(User), pytest.raises(Invalid) as refusal:
        actions.create_user(**{**NEW, field: value}, actor=SYSTEM)
    assert [error.field for error in refusal.value.errors] == [field]


def test_deactivation_ends_sessions_and_tokens_at_once(stranger: User, administrator: User) -> None:
    page, api = factories.browser(stranger), factories.api(stranger)
    assert page.get("/api/v1/me/").status_code == api.get("/api/v1/me/").status_code == 200
    with assert_audited(events.USER_DEACTIVATED, stranger, actor=administrator) as recorded:
        actions.deactivate_user(stranger, actor=administrator, reason="Left the company")
    assert page.get("/api/v1/me/").status_code == api.get("/api/v1/me/").status_code == 401
    assert recorded.data["revoked_tokens"] == 1
    assert recorded.personal["reason"] == "Left the company"


def test_reactivation_revives_neither_sessions_nor_tokens(stranger: User) -> None:
    page, api = factories.browser(stranger), factories.api(stranger)
    actions.deactivate_user(stranger, actor=SYSTEM)
    with assert_audited(events.USER_REACTIVATED, stranger):
        actions.reactivate_user(stranger, factories.PASSWORD, actor=SYSTEM)
    assert page.get("/api/v1/me/").status_code == api.get("/api/v1/me/").status_code == 401
    stranger.refresh_from_db()
    assert stranger.is_active
    assert stranger.check_password(factories.PASSWORD)


def test_administrator_cannot_deactivate_themselves(administrator: User) -> None:
    with assert_unchanged(administrator), pytest.raises(Forbidden) as refusal:
        actions.deactivate_user(administrator, actor=administrator)
    assert refusal.value.code == "self_deactivation"


def test_last_administrator_stays(administrator: User) -> None:
    with assert_unchanged(administrator), pytest.raises(Conflict) as refusal:
        actions.deactivate_user(administrator, actor=SYSTEM)
    assert refusal.value.code == "last_administrator"


def test_deactivating_twice_is_a_conflict(stranger: User, administrator: User) -> None:
    actions.deactivate_user(stranger, actor=administrator)
    with assert_unchanged(stranger), pytest.raises(Conflict) as refusal:
        actions.deactivate_user(stranger, actor=administrator)
    assert refusal.value.code == "already_deactivated"


@pytest.mark.parametrize("persona", ["owner", "compliance", "pipeline", "superuser"])
def test_others_cannot_deactivate_people(personas: dict[str, User], persona: str) -> None:
    with assert_unchanged(User, ApiToken), pytest.raises(Forbidden):
        actions.deactivate_user(personas["stranger"], actor=personas[persona])


def test_person_changes_their_own_password_and_other_sessions_end(stranger: User) -> None:
    elsewhere = factories.browser(stranger)
    with assert_audited(events.PASSWORD_CHANGED, stranger, actor=stranger):
        actions.change_password(stranger, "another good long password", actor=stranger)
    assert elsewhere.get("/api/v1/me/").status_code == 401


def test_person_cannot_change_the_password_of_another(stranger: User, owner: User) -> None:
    with assert_unchanged(owner), pytest.raises(Forbidden):
        actions.change_password(owner, "another good long password", actor=stranger)


def test_administrator_creates_a_team(administrator: User) -> None:
    with assert_audited(events.TEAM_CREATED, actor=administrator):
        team = actions.create_team("risk", "Risk", actor=administrator)
    assert Team.objects.get(slug="risk") == team


@pytest.mark.parametrize("slug", ["", "Risk", "a b", "-a", "a--b", "x" * 61, "a\n"])
def test_team_with_an_illegal_slug_is_refused(administrator: User, slug: str) -> None:
    with assert_unchanged(Team), pytest.raises(Invalid) as refusal:
        actions.create_team(slug, "Risk", actor=administrator)
    assert refusal.value.errors[0].field == "slug"


def test_second_team_of_one_slug_is_a_conflict(team: Team, administrator: User) -> None:
    with assert_unchanged(Team), pytest.raises(Conflict) as refusal:
        actions.create_team(team.slug, "Again", actor=administrator)
    assert refusal.value.code == "team_exists"


def test_owner_of_a_team_cannot_create_another(owner: User) -> None:
    with assert_unchanged(Team), pytest.raises(Forbidden):
        actions.create_team("risk", "Risk", actor=owner)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM accounts_user WHERE id = %s",
        "UPDATE accounts_user SET username = 'renamed' WHERE id = %s",
        "UPDATE accounts_user SET pseudonym = gen_random_uuid() WHERE id = %s",
        "UPDATE accounts_user SET owner_id = id WHERE id = %s",
    ],
)
def test_database_keeps_accounts_who_they_are(stranger: User, statement: str) -> None:
    with assert_unchanged(User), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [stranger.pk])
