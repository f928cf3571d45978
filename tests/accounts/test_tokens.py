"""Tokens: who gets which, how long they live, and that each request asks anew."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.accounts import actions, events, policies
from apps.accounts.actions.tokens import DEFAULT_LIFETIME, LONGEST_LIFETIME
from apps.accounts.api import authentication
from apps.accounts.models import ApiToken, User
from apps.accounts.roles import InstanceRole, Scope
from apps.accounts.tokens import SHAPE, digest_of
from apps.core import clock
from apps.core.actors import SYSTEM
from apps.core.errors import Conflict, Forbidden, Invalid
from tests import factories
from tests.assertions import assert_audited, assert_unchanged

ME = "/api/v1/me/"


def bearer(credential: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=credential)
    return client


def test_person_creates_a_token_for_themselves(stranger: User) -> None:
    with assert_audited(events.TOKEN_CREATED, actor=stranger) as recorded:
        token, plaintext = actions.create_token(stranger, "laptop", ["models:read"], actor=stranger)
    assert recorded.event.subject_id == str(token.pk)
    assert SHAPE.fullmatch(plaintext)
    assert plaintext.split("_")[1] == token.prefix


def test_token_is_stored_as_a_hash_alone(stranger: User) -> None:
    with assert_audited(events.TOKEN_CREATED) as recorded:
        token, plaintext = actions.create_token(stranger, "laptop", ["models:read"], actor=stranger)
    secret = plaintext.partition(f"{token.prefix}_")[2]
    token.refresh_from_db()
    assert token.digest == digest_of(plaintext)
    assert secret not in str(vars(token)) + recorded.event.body


@pytest.mark.parametrize("persona", ["contributor", "administrator"])
def test_owner_and_administrator_create_a_token_for_a_service_account(personas: dict[str, User], persona: str) -> None:
    with assert_audited(events.TOKEN_CREATED, actor=personas[persona]) as recorded:
        token, _ = actions.create_token(personas["pipeline"], "ci", ["models:write"], actor=personas[persona])
    assert token.user == personas["pipeline"]
    assert recorded.audience == [personas["contributor"].pk]


def test_service_account_creates_no_token_for_itself(pipeline: User) -> None:
    with assert_unchanged(ApiToken), pytest.raises(Forbidden) as refusal:
        actions.create_token(pipeline, "forever", ["models:write"], actor=pipeline)
    assert refusal.value.code == "not_owner"


@pytest.mark.parametrize("persona", ["administrator", "owner", "pipeline", "superuser"])
def test_nobody_creates_a_token_for_another_person(personas: dict[str, User], persona: str) -> None:
    with assert_unchanged(ApiToken), pytest.raises(Forbidden) as refusal:
        actions.create_token(personas["stranger"], "yours", ["models:read"], actor=personas[persona])
    assert refusal.value.code == "not_holder"


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"scopes": []}, "scopes", "empty"),
        ({"scopes": ["models:read", "root"]}, "scopes", "unknown_scope"),
        ({"name": " "}, "name", "invalid"),
        ({"name": "x" * 101}, "name", "invalid"),
        ({"lifetime": timedelta(0)}, "expires_at", "in_the_past"),
        ({"lifetime": timedelta(days=366)}, "expires_at", "too_long"),
    ],
)
def test_wrong_token_is_refused_by_field(stranger: User, wrong: dict[str, object], field: str, code: str) -> None:
    given: dict[str, object] = {"name": "laptop", "scopes": ["models:read"], **wrong}
    with assert_unchanged(ApiToken), pytest.raises(Invalid) as refusal:
        actions.create_token(stranger, **given, actor=stranger)  # type: ignore[arg-type]
    assert [(error.field, error.code) for error in refusal.value.errors] == [(field, code)]


@pytest.mark.parametrize("scope", [Scope.PROMOTIONS_DECIDE, Scope.ACCOUNTS_MANAGE])
def test_token_of_a_program_neither_decides_nor_manages(contributor: User, pipeline: User, scope: str) -> None:
    with assert_unchanged(ApiToken), pytest.raises(Invalid) as refusal:
        actions.create_token(pipeline, "ci", [scope], actor=contributor)
    assert refusal.value.errors[0].code == "scope_not_usable"
    assert scope not in policies.usable_scopes(pipeline)


@pytest.mark.parametrize(("asked", "lives"), [(None, DEFAULT_LIFETIME), (LONGEST_LIFETIME, LONGEST_LIFETIME)])
def test_token_lives_90_days_or_as_asked(stranger: User, asked: timedelta | None, lives: timedelta) -> None:
    token, _ = actions.create_token(stranger, "laptop", ["models:read"], lifetime=asked, actor=stranger)
    assert abs(token.expires_at - clock.now() - lives) < timedelta(minutes=1)


@pytest.mark.parametrize("persona", ["pipeline", "contributor", "administrator"])
def test_holder_owner_and_administrator_revoke_at_once(personas: dict[str, User], persona: str) -> None:
    token, plaintext = actions.create_token(personas["pipeline"], "ci", ["models:read"], actor=SYSTEM)
    client = bearer(f"Bearer {plaintext}")
    assert client.get(ME).status_code == 200
    with assert_audited(events.TOKEN_REVOKED, token, actor=personas[persona]):
        actions.revoke_token(token, actor=personas[persona])
    assert client.get(ME).status_code == 401


@pytest.mark.parametrize("persona", ["owner", "auditor", "stranger", "superuser"])
def test_others_revoke_nothing(personas: dict[str, User], persona: str) -> None:
    token, _ = actions.create_token(personas["pipeline"], "ci", ["models:read"], actor=SYSTEM)
    with assert_unchanged(token), pytest.raises(Forbidden) as refusal:
        actions.revoke_token(token, actor=personas[persona])
    assert refusal.value.code == "not_holder"


def test_revoking_twice_is_a_conflict(stranger: User) -> None:
    token, _ = actions.create_token(stranger, "laptop", ["models:read"], actor=stranger)
    actions.revoke_token(token, actor=stranger)
    with assert_unchanged(token), pytest.raises(Conflict):
        actions.revoke_token(token, actor=stranger)


@pytest.mark.parametrize("user", ["", "anything", "stranger", "ä"])
def test_token_is_accepted_as_the_password_of_any_user_name(stranger: User, user: str) -> None:
    encoded = base64.b64encode(f"{user}:{factories.token(stranger)}".encode()).decode()
    assert bearer(f"Basic {encoded}").get(ME).json()["username"] == "stranger"


@pytest.mark.parametrize(
    "credential",
    ["Bearer ", "Bearer x", f"Bearer rp_{'a' * 10}_{'b' * 43}", "Basic !", "Basic eA==", "Basic /w==", "Bearer a b"],
)
def test_wrong_credential_gets_401_with_a_challenge(db: None, credential: str) -> None:
    answer = bearer(credential).get(ME)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert answer["WWW-Authenticate"] == 'Bearer realm="Registry Portal"'


def test_no_credential_gets_401_with_a_challenge(db: None) -> None:
    answer = APIClient().get(ME)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="Registry Portal"'


def test_password_is_no_token(stranger: User) -> None:
    encoded = base64.b64encode(f"stranger:{factories.PASSWORD}".encode()).decode()
    assert bearer(f"Basic {encoded}").get(ME).status_code == 401


def test_expired_token_is_refused(stranger: User) -> None:
    client = factories.api(stranger)
    ApiToken.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert client.get(ME).status_code == 401


@pytest.mark.parametrize("gone", ["pipeline", "contributor"])
def test_token_of_a_deactivated_holder_or_owner_is_refused(personas: dict[str, User], gone: str) -> None:
    client = factories.api(personas["pipeline"])
    User.objects.filter(pk=personas[gone].pk).update(is_active=False)
    assert client.get(ME).status_code == 401


def test_authentication_is_one_statement_that_also_notes_the_use(stranger: User) -> None:
    plaintext = factories.token(stranger)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = authentication.find(plaintext)
        assert found is not None
        assert found[0].instance_roles() == frozenset()
    assert len(queries) == 1
    assert found[0] == stranger
    assert ApiToken.objects.get().last_used_at is not None


def test_use_is_noted_at_most_once_a_minute(stranger: User) -> None:
    plaintext = factories.token(stranger)
    earlier = clock.now() - timedelta(seconds=30)
    ApiToken.objects.update(last_used_at=earlier)
    authentication.find(plaintext)
    assert ApiToken.objects.get().last_used_at == earlier
    ApiToken.objects.update(last_used_at=earlier - timedelta(minutes=1))
    authentication.find(plaintext)
    assert ApiToken.objects.get().last_used_at > earlier


def test_instance_roles_come_with_the_token_and_are_of_now(administrator: User) -> None:
    plaintext = factories.token(administrator)
    found = authentication.find(plaintext)
    assert found is not None
    assert found[0].instance_roles() == {InstanceRole.ADMINISTRATOR}
    administrator.groups.clear()
    found = authentication.find(plaintext)
    assert found is not None
    assert found[0].instance_roles() == frozenset()


def test_token_of_a_request_is_named_in_the_audit_log(stranger: User) -> None:
    plaintext = factories.token(stranger)
    with assert_audited(events.SERVICE_ACCOUNT_CREATED) as recorded:
        bearer(f"Bearer {plaintext}").post("/api/v1/service-accounts/", {"username": "bot", "name": "Bot"})
    assert recorded.event.content["auth"] == {"method": "token", "token": plaintext.split("_")[1]}


def test_token_wins_over_a_session(stranger: User, owner: User) -> None:
    page = factories.browser(owner)
    answer = page.get(ME, HTTP_AUTHORIZATION=f"Bearer {factories.token(stranger)}").json()
    assert (answer["username"], answer["authenticated_by"]) == ("stranger", "token")
