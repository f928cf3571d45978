"""The commands create_token and create_administrator."""

from __future__ import annotations

import io
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.accounts import actions, events, grants
from apps.accounts.api import authentication
from apps.accounts.models import ApiToken, Team, User
from apps.accounts.roles import InstanceRole, Scope
from apps.accounts.tokens import SHAPE
from apps.core.actors import SYSTEM
from tests import factories
from tests.assertions import assert_audited, assert_unchanged


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_command_prints_one_usable_token_of_the_person(stranger: User) -> None:
    with assert_audited(events.TOKEN_CREATED, actor=SYSTEM):
        printed = run("create_token", "stranger")
    assert SHAPE.fullmatch(printed.removesuffix("\n"))
    found = authentication.find(printed.strip())
    assert found is not None
    assert (found[0], found[1].scopes) == (stranger, set(Scope.values))


def test_command_creates_the_service_account_under_the_person(stranger: User) -> None:
    with assert_audited(events.TOKEN_CREATED, actor=SYSTEM, also=("accounts.service_account.created",)):
        printed = run("create_token", "stranger", "--service-account", "train-bot")
    found = authentication.find(printed.strip())
    assert found is not None
    assert (found[0].username, found[0].owner) == ("train-bot", stranger)
    assert found[1].scopes == set(Scope.values) - {"promotions:decide", "accounts:manage"}


@pytest.mark.parametrize(
    ("persona", "roles"), [("owner", ["contributor"]), ("contributor", ["contributor"]), ("reviewer", [])]
)
def test_new_service_account_contributes_where_its_owner_does(
    team: Team, personas: dict[str, User], persona: str, roles: list[str]
) -> None:
    run("create_token", persona, "--service-account", "train-bot")
    assert grants.roles_on(User.objects.get(username="train-bot"), team) == roles


def test_command_uses_the_service_account_that_is_there(contributor: User, pipeline: User) -> None:
    run("create_token", "contributor", "--service-account", "pipeline", "--scope", "models:read")
    assert ApiToken.objects.get().user == pipeline


def test_command_gives_the_scopes_named(stranger: User) -> None:
    run("create_token", "stranger", "--scope", "models:read", "--scope", "audit:read")
    assert set(ApiToken.objects.get().scopes) == {"models:read", "audit:read"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nobody"], "There is no user nobody"),
        (["stranger", "--scope", "root"], "'root' is no scope"),
        (["stranger", "--service-account", "bot", "--scope", "promotions:decide"], "service account cannot use"),
        (["stranger", "--service-account", "pipeline"], "not a service account of stranger"),
        (["contributor", "--service-account", "stranger"], "not a service account of contributor"),
        (["pipeline"], "is a service account; name its owner"),
        (["pipeline", "--service-account", "bot"], "owned by a person"),
        (["stranger", "--service-account", "a b"], "username"),
        (["gone"], "deactivated"),
        (["gone", "--service-account", "bot"], "deactivated"),
    ],
)
def test_command_refuses_in_one_line(pipeline: User, stranger: User, arguments: list[str], says: str) -> None:
    factories.person("gone", is_active=False)
    with assert_unchanged(User, ApiToken), pytest.raises(CommandError, match=says) as refusal:
        run("create_token", *arguments)
    assert "\n" not in str(refusal.value)


def test_first_administrator_is_made_on_the_command_line(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{factories.PASSWORD}\n"))
    run("create_administrator", "root", "--name", "Ada Kim", "--email", "ada@example.org")
    made = User.objects.get(username="root")
    assert made.instance_roles() == {InstanceRole.ADMINISTRATOR}
    assert made.check_password(factories.PASSWORD)
    actions.create_user("second", "Second", "second@example.org", actor=made)


def test_person_there_already_becomes_administrator(stranger: User) -> None:
    with assert_audited(events.INSTANCE_ROLE_GIVEN, stranger, actor=SYSTEM):
        run("create_administrator", "stranger")
    assert User.objects.get(pk=stranger.pk).is_staff
