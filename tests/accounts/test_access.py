"""Who can do what, and through which grant: as the policies say it, for whom it may be told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.accounts import access, actions, events, grants
from apps.accounts import policies as account_policies
from apps.accounts.models import Team, TeamUserObjectPermission, User
from apps.accounts.roles import DUTIES, InstanceRole, Permission, Role
from apps.approvals import policies as approval_policies
from apps.core.actors import SYSTEM
from apps.models import policies as model_policies
from apps.models.models import RegisteredModel
from apps.notifications import policies as webhook_policies
from tests import factories
from tests import registry_factories as registry
from tests.assertions import assert_audited, assert_unchanged
from tests.factories import browser

PAGE, ROLES = "/admin/accounts/user/access/", "/admin/accounts/user/roles/"


@pytest.fixture
def model(team: Team, contributor: User) -> RegisteredModel:
    """A model of the team."""
    return registry.registered_model(team, actor=contributor, name="card-fraud")


def test_each_grant_of_a_person_is_a_line(team: Team, model: RegisteredModel, reviewer: User, auditor: User) -> None:
    actions.give_role(reviewer, Role.CONTRIBUTOR, model, actor=SYSTEM)
    actions.give_instance_role(reviewer, InstanceRole.AUDITOR, actor=SYSTEM)
    found = access.of_person(reviewer, auditor)
    assert [(line.where, line.through) for line in found.lines] == [
        ("the whole portal", "the role Auditor over the portal"),
        ("team Cards", "Reviewer of the team Cards"),
        ("registered model card-fraud", "Contributor of the registered model card-fraud"),
    ]
    assert found.lines[1].may == ("see models and their versions", "decide on promotions")


def test_administrator_is_not_told_of_models_they_may_not_see(
    model: RegisteredModel, stranger: User, administrator: User
) -> None:
    actions.give_role(stranger, Role.REVIEWER, model, actor=SYSTEM)
    found = access.of_person(stranger, administrator)
    assert (found.lines, found.hidden) == ((), 1)
    assert "card-fraud" not in browser(administrator).get(PAGE, {"person": "stranger"}).content.decode()


def test_what_a_deactivated_person_was_given_is_said_not_to_hold(reviewer: User, auditor: User) -> None:
    actions.deactivate_user(reviewer, reason="Left", actor=SYSTEM)
    found = access.of_person(User.objects.get(pk=reviewer.pk), auditor)
    assert len(found.lines) == 1
    assert "deactivated" in found.nothing_counts


@pytest.mark.parametrize("permission", Permission)
def test_those_named_on_an_object_are_those_whom_the_grants_let_act(
    model: RegisteredModel, personas: dict[str, User], permission: Permission
) -> None:
    actions.give_role(personas["stranger"], Role.OWNER, model, actor=SYSTEM)
    actions.deactivate_user(personas["third"], reason="Left", actor=SYSTEM)
    named = {line.user for line in dict(access.of_object(model).by_act).get(str(permission.label), [])}
    people = {user for user in named if not user.is_service_account}
    assert people == set(grants.holders(permission, [model, model.team]))


def test_open_model_is_said_to_be_seen_by_everybody(team: Team, model: RegisteredModel) -> None:
    opened = registry.registered_model(team, name="open", visibility="organisation")
    assert (access.of_object(model).everybody_sees, access.of_object(opened).everybody_sees) == (False, True)


MEANT: dict[str, Callable[[User, RegisteredModel], object]] = {
    "see every team, model and promotion": lambda u, m: grants.reads_everything(u),
    "set policies and metadata standards": lambda u, m: (
        approval_policies.can_set_policy(u) and model_policies.can_set_standard(u)
    ),
    "change the risk tier of any model": lambda u, m: model_policies.can_change_tier(u, m, "low"),
    "manage the webhooks of the organisation": lambda u, m: webhook_policies.can_create(u, None),
    "create, deactivate and reactivate people and programs": lambda u, m: account_policies.can_manage_accounts(u),
    "create teams, and give and take roles on them": lambda u, m: account_policies.can_manage_roles(u, m.team),
    "give and take roles over the portal": lambda u, m: account_policies.can_give_instance_role(u, m.registered_by),
}


@pytest.mark.parametrize("role", InstanceRole)
def test_duties_are_what_the_policies_say(model: RegisteredModel, role: str) -> None:
    holder = factories.person(roles=(role,))
    holds = {duty for duty, allowed in MEANT.items() if allowed(holder, model)}
    assert holds == set(DUTIES[role]) & MEANT.keys()


@pytest.mark.parametrize("persona", ["compliance", "auditor", "administrator", "superuser"])
def test_page_says_who_can_act_on_a_team(team: Team, personas: dict[str, User], persona: str) -> None:
    page = browser(personas[persona]).get(PAGE, {"team": team.slug})
    assert page.status_code == 200
    assert "Reviewer of the team Cards" in page.content.decode()


@pytest.mark.parametrize("query", [{"person": "no-one"}, {"model": "no-such"}, {"person": "a\0b"}, {"team": "none"}])
def test_page_says_kindly_that_nothing_was_found(auditor: User, query: dict[str, str]) -> None:
    page = browser(auditor).get(PAGE, query)
    assert page.status_code == 200
    assert "Through" not in page.content.decode()


def test_page_is_for_those_who_enter_the_admin(owner: User) -> None:
    assert browser(owner).get(PAGE).status_code == 302


def test_administrator_gives_and_takes_a_role_on_a_team(team: Team, stranger: User, administrator: User) -> None:
    form = {"act": "give", "username": "stranger", "role": "reviewer", "team": "cards"}
    with assert_audited(events.ROLE_GIVEN, team, actor=administrator):
        answer = browser(administrator).post(ROLES, form)
    assert answer["Location"] == f"{PAGE}?person=stranger"
    assert grants.roles_on(stranger, team) == ["reviewer"]
    with assert_audited(events.ROLE_TAKEN, team, actor=administrator):
        browser(administrator).post(ROLES, {**form, "act": "take"})
    assert grants.roles_on(stranger, team) == []


def test_administrator_gives_a_role_over_the_portal(stranger: User, administrator: User) -> None:
    with assert_audited(events.INSTANCE_ROLE_GIVEN, stranger, actor=administrator):
        browser(administrator).post(ROLES, {"act": "give", "username": "stranger", "role": "auditor"})
    assert User.objects.get(pk=stranger.pk).instance_roles() == {"auditor"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"username": "no-one"}, "Nobody has this user name"),
        ({"team": ""}, "Choose a team, or name a model"),
        ({"role": "auditor"}, "over the whole portal; choose neither"),
        ({"model": "card-fraud", "team": ""}, "no model of this name that you may see"),
        ({"username": "reviewer"}, "is reviewer of Cards already"),
        ({"username": "pipeline"}, "cannot be a reviewer"),
    ],
)
def test_wrong_role_is_refused_with_the_reason(
    personas: dict[str, User], model: RegisteredModel, given: dict[str, str], said: str
) -> None:
    form = {"act": "give", "username": "stranger", "role": "reviewer", "team": "cards", **given}
    with assert_unchanged(TeamUserObjectPermission, User.groups.through):
        page = browser(personas["administrator"]).post(ROLES, form)
    assert said in page.content.decode()


@pytest.mark.parametrize("persona", ["compliance", "auditor", "superuser"])
def test_others_give_no_role(team: Team, personas: dict[str, User], persona: str) -> None:
    form = {"act": "give", "username": "stranger", "role": "reviewer", "team": "cards"}
    with assert_unchanged(TeamUserObjectPermission):
        assert browser(personas[persona]).post(ROLES, form).status_code == 403
