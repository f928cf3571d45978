"""The table of who may do what to accounts; everything not named is refused, with a sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.accounts import actions, events, grants, policies
from apps.accounts.models import Team, User
from apps.accounts.policies import Acting
from apps.accounts.roles import Role
from apps.core.actors import SYSTEM
from apps.core.verdicts import Verdict
from tests import factories, registry_factories
from tests.assertions import assert_audited

Question = Callable[[Acting, dict[str, User]], Verdict]

MATRIX: dict[str, tuple[Question, set[str]]] = {
    "manage accounts": (lambda actor, others: policies.can_manage_accounts(actor), {"administrator"}),
    "deactivate a person": (lambda actor, others: policies.can_deactivate(actor, others["second"]), {"administrator"}),
    "deactivate a program": (
        lambda actor, others: policies.can_deactivate(actor, others["program"]),
        {"contributor", "administrator"},
    ),
    "reactivate a person": (lambda actor, others: policies.can_reactivate(actor, others["gone"]), {"administrator"}),
    "change a password": (
        lambda actor, others: policies.can_change_password(actor, others["second"]),
        {"administrator"},
    ),
    "create a program for another": (
        lambda actor, others: policies.can_create_service_account(actor, others["second"]),
        {"administrator"},
    ),
    "manage a program": (
        lambda actor, others: policies.can_manage_service_account(actor, others["program"]),
        {"contributor", "administrator"},
    ),
    "give a role over the portal": (
        lambda actor, others: policies.can_give_instance_role(actor, others["second"]),
        {"administrator"},
    ),
    "take a role over the portal": (
        lambda actor, others: policies.can_take_instance_role(actor, others["second"]),
        {"administrator"},
    ),
    "create a person's token": (lambda actor, others: policies.can_create_token(actor, others["second"]), set()),
    "create a program's token": (
        lambda actor, others: policies.can_create_token(actor, others["program"]),
        {"contributor", "administrator"},
    ),
}


@pytest.fixture
def others(personas: dict[str, User]) -> dict[str, User]:
    """Whom the acts are done to."""
    return {
        "second": factories.person("second"),
        "gone": factories.person("gone", is_active=False),
        "program": factories.service_account(personas["contributor"], "program"),
    }


@pytest.mark.parametrize("verb", MATRIX)
def test_personas_may_do_what_the_table_says(personas: dict[str, User], others: dict[str, User], verb: str) -> None:
    ask, allowed = MATRIX[verb]
    verdicts = {name: ask(persona, others) for name, persona in personas.items()}
    assert {name for name, verdict in verdicts.items() if verdict} == allowed
    for verdict in verdicts.values():
        assert verdict or (verdict.reason.endswith(".") and verdict.code != "forbidden")


@pytest.mark.parametrize("verb", sorted(MATRIX))
def test_the_portal_itself_may(others: dict[str, User], verb: str) -> None:
    assert MATRIX[verb][0](SYSTEM, others)


def test_roles_on_a_model_are_given_by_its_owners_and_its_teams(team: Team, personas: dict[str, User]) -> None:
    model = registry_factories.registered_model(team, actor=personas["contributor"])
    may = {name for name, persona in personas.items() if policies.can_manage_roles(persona, model)}
    assert may == {"owner"}


def test_owner_of_one_model_has_no_say_over_its_team(team: Team, owner: User, stranger: User) -> None:
    model = registry_factories.registered_model(team, actor=owner)
    with assert_audited(events.ROLE_GIVEN, model, actor=owner):
        actions.give_role(stranger, Role.OWNER, model, actor=owner)
    assert policies.can_manage_roles(stranger, model)
    assert not policies.can_manage_roles(stranger, team)


def test_role_on_a_model_is_given_over_http(team: Team, owner: User, stranger: User) -> None:
    model = registry_factories.registered_model(team, actor=owner, name="card-fraud")
    answer = factories.api(owner).post(
        "/api/v1/models/card-fraud/grants/", {"username": "stranger", "role": "reviewer"}, format="json"
    )
    assert answer.status_code == 200
    assert grants.roles_on(stranger, model) == ["reviewer"]
    assert factories.api(factories.person()).get("/api/v1/models/card-fraud/grants/").status_code == 404


def test_everybody_but_programs_and_the_deactivated_may_sign_in(personas: dict[str, User]) -> None:
    assert {name for name, persona in personas.items() if not policies.can_sign_in(persona)} == {"pipeline"}
    assert not policies.can_sign_in(factories.person(is_active=False))


def test_program_and_its_owner_are_one_person(contributor: User, pipeline: User, owner: User) -> None:
    sibling = factories.service_account(contributor)
    assert policies.same_person(contributor, pipeline)
    assert policies.same_person(pipeline, sibling)
    assert not policies.same_person(owner, pipeline)
    assert not policies.same_person(SYSTEM, SYSTEM)
