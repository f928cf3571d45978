"""Who may make whom what: on a team, and over the whole portal."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType

from apps.accounts import actions, events, grants
from apps.accounts.models import Team, TeamUserObjectPermission, User
from apps.accounts.roles import BUNDLES, InstanceRole, Permission, Role
from apps.core.actors import SYSTEM
from apps.core.errors import Conflict, Forbidden, Invalid
from tests import factories
from tests.assertions import assert_audited, assert_unchanged
from tests.personas import PERSONAS

GIVERS = {"owner", "administrator"}


@pytest.mark.parametrize("persona", PERSONAS)
def test_roles_on_a_team_are_given_by_its_owners_and_administrators(
    personas: dict[str, User], team: Team, persona: str
) -> None:
    newcomer, role = factories.person("newcomer"), Role.REVIEWER
    if persona in GIVERS:
        with assert_audited(events.ROLE_GIVEN, team, actor=personas[persona]):
            actions.give_role(newcomer, role, team, actor=personas[persona])
        assert grants.roles_on(newcomer, team) == [role]
    else:
        with assert_unchanged(TeamUserObjectPermission), pytest.raises(Forbidden):
            actions.give_role(newcomer, role, team, actor=personas[persona])


@pytest.mark.parametrize("role", Role.values)
def test_role_is_its_bundle_of_permissions(team: Team, owner: User, stranger: User, role: str) -> None:
    actions.give_role(stranger, role, team, actor=owner)
    assert grants.permissions_on(stranger, team) == BUNDLES[role]


def test_event_of_a_role_names_the_person_by_pseudonym_only(team: Team, owner: User, stranger: User) -> None:
    with assert_audited(events.ROLE_GIVEN, team) as recorded:
        actions.give_role(stranger, Role.CONTRIBUTOR, team, actor=owner)
    assert recorded.data == {"user": stranger.urn, "role": "contributor"}
    assert recorded.personal == {"name": "Stranger"}
    assert recorded.audience == [stranger.pk]


@pytest.mark.parametrize("persona", sorted(GIVERS))
def test_nobody_makes_themselves_a_reviewer(personas: dict[str, User], team: Team, persona: str) -> None:
    with assert_unchanged(TeamUserObjectPermission), pytest.raises(Forbidden) as refusal:
        actions.give_role(personas[persona], Role.REVIEWER, team, actor=personas[persona])
    assert refusal.value.code == "self_grant"


def test_owner_makes_no_service_account_of_theirs_a_reviewer(team: Team, owner: User) -> None:
    program = factories.service_account(owner)
    with assert_unchanged(TeamUserObjectPermission), pytest.raises(Forbidden) as refusal:
        actions.give_role(program, Role.REVIEWER, team, actor=owner)
    assert refusal.value.code == "self_grant"


def test_service_account_of_another_cannot_be_a_reviewer_either(team: Team, owner: User, pipeline: User) -> None:
    with assert_unchanged(TeamUserObjectPermission), pytest.raises(Forbidden) as refusal:
        actions.give_role(pipeline, Role.REVIEWER, team, actor=owner)
    assert refusal.value.code == "service_account_reviewer"


def test_service_account_that_owns_a_team_gives_nobody_a_role(team: Team, contributor: User, pipeline: User) -> None:
    grants.give(Role.OWNER, pipeline, team)
    with assert_unchanged(TeamUserObjectPermission), pytest.raises(Forbidden) as refusal:
        actions.give_role(contributor, Role.REVIEWER, team, actor=pipeline)
    assert refusal.value.code == "service_account"


def test_owner_of_one_team_has_no_say_in_another(owner: User, stranger: User) -> None:
    other = factories.team("other")
    with assert_unchanged(TeamUserObjectPermission), pytest.raises(Forbidden):
        actions.give_role(stranger, Role.CONTRIBUTOR, other, actor=owner)


def test_role_held_already_is_a_conflict(team: Team, owner: User, reviewer: User) -> None:
    with assert_unchanged(TeamUserObjectPermission), pytest.raises(Conflict) as refusal:
        actions.give_role(reviewer, Role.REVIEWER, team, actor=owner)
    assert refusal.value.code == "role_already_held"


def test_unknown_role_is_refused_with_the_known_ones(team: Team, owner: User, stranger: User) -> None:
    with assert_unchanged(TeamUserObjectPermission), pytest.raises(Invalid, match="contributor, owner, reviewer"):
        actions.give_role(stranger, "king", team, actor=owner)


def test_deactivated_person_gets_no_role(team: Team, owner: User) -> None:
    gone = factories.person(is_active=False)
    with assert_unchanged(TeamUserObjectPermission), pytest.raises(Conflict) as refusal:
        actions.give_role(gone, Role.CONTRIBUTOR, team, actor=owner)
    assert refusal.value.code == "deactivated"


def test_owner_takes_a_role_back(team: Team, owner: User, reviewer: User) -> None:
    with assert_audited(events.ROLE_TAKEN, team, actor=owner):
        actions.take_role(reviewer, Role.REVIEWER, team, actor=owner)
    assert grants.permissions_on(reviewer, team) == set()


def test_taking_one_of_two_roles_leaves_what_the_other_gives(team: Team, owner: User, reviewer: User) -> None:
    grants.give(Role.CONTRIBUTOR, reviewer, team)
    actions.take_role(reviewer, Role.CONTRIBUTOR, team, actor=owner)
    assert grants.permissions_on(reviewer, team) == BUNDLES[Role.REVIEWER]


def test_role_of_a_deactivated_person_can_be_taken(team: Team, owner: User, reviewer: User) -> None:
    actions.deactivate_user(reviewer, actor=SYSTEM)
    actions.take_role(reviewer, Role.REVIEWER, team, actor=owner)
    assert not TeamUserObjectPermission.objects.filter(user=reviewer).exists()


def test_reviewer_lays_down_their_own_role_but_nobody_elses(team: Team, reviewer: User, second_reviewer: User) -> None:
    with assert_unchanged(TeamUserObjectPermission), pytest.raises(Forbidden):
        actions.take_role(second_reviewer, Role.REVIEWER, team, actor=reviewer)
    actions.take_role(reviewer, Role.REVIEWER, team, actor=reviewer)
    assert grants.roles_on(reviewer, team) == []


def test_role_that_is_not_held_cannot_be_taken(team: Team, owner: User, stranger: User) -> None:
    with assert_unchanged(TeamUserObjectPermission), pytest.raises(Conflict) as refusal:
        actions.take_role(stranger, Role.OWNER, team, actor=owner)
    assert refusal.value.code == "role_not_held"


@pytest.mark.parametrize("persona", PERSONAS)
def test_roles_over_the_portal_are_given_by_administrators_alone(personas: dict[str, User], persona: str) -> None:
    newcomer, role = factories.person("newcomer"), InstanceRole.COMPLIANCE_OFFICER
    if persona == "administrator":
        with assert_audited(events.INSTANCE_ROLE_GIVEN, newcomer, actor=personas[persona]):
            newcomer = actions.give_instance_role(newcomer, role, actor=personas[persona])
        assert newcomer.instance_roles() == {role}
        assert newcomer.is_staff
    else:
        with assert_unchanged(User, User.groups.through), pytest.raises(Forbidden) as refusal:
            actions.give_instance_role(newcomer, role, actor=personas[persona])
        assert refusal.value.code == "not_administrator"


def test_administrator_gives_themselves_no_role_over_the_portal(administrator: User) -> None:
    with assert_unchanged(User, User.groups.through), pytest.raises(Forbidden) as refusal:
        actions.give_instance_role(administrator, InstanceRole.AUDITOR, actor=administrator)
    assert refusal.value.code == "self_grant"


def test_service_account_holds_no_role_over_the_portal(administrator: User, pipeline: User) -> None:
    with assert_unchanged(User, User.groups.through), pytest.raises(Forbidden) as refusal:
        actions.give_instance_role(pipeline, InstanceRole.AUDITOR, actor=administrator)
    assert refusal.value.code == "service_account"


def test_taking_the_last_role_closes_the_admin(administrator: User, auditor: User) -> None:
    with assert_audited(events.INSTANCE_ROLE_TAKEN, auditor, actor=administrator):
        taken = actions.take_instance_role(auditor, InstanceRole.AUDITOR, actor=administrator)
    assert not taken.is_staff
    assert not grants.reads_everything(User.objects.get(pk=auditor.pk))


def test_last_administrator_cannot_lay_down_the_role(administrator: User) -> None:
    with assert_unchanged(User, User.groups.through), pytest.raises(Conflict) as refusal:
        actions.take_instance_role(administrator, InstanceRole.ADMINISTRATOR, actor=administrator)
    assert refusal.value.code == "last_administrator"


def test_administrator_who_lost_the_role_meanwhile_can_do_nothing(administrator: User, stranger: User) -> None:
    assert InstanceRole.ADMINISTRATOR in administrator.instance_roles()
    actions.take_instance_role(
        User.objects.get(pk=administrator.pk), InstanceRole.ADMINISTRATOR, actor=factories.administrator()
    )
    with assert_unchanged(stranger), pytest.raises(Forbidden):
        actions.give_instance_role(stranger, InstanceRole.AUDITOR, actor=administrator)


@pytest.mark.parametrize("permission", Permission.values)
def test_superuser_holds_no_permission_on_a_team(team: Team, superuser: User, permission: str) -> None:
    assert not grants.holds(superuser, permission, [team])
    assert not grants.ids_with(superuser, permission, Team).exists()
    assert superuser not in grants.holders(permission, [team])
    assert not grants.reads_everything(superuser)


def test_deactivated_reviewer_is_not_among_the_holders(team: Team, reviewer: User, second_reviewer: User) -> None:
    actions.deactivate_user(reviewer, actor=SYSTEM)
    reviewer.refresh_from_db()
    assert list(grants.holders(Permission.REVIEW, [team])) == [second_reviewer]
    assert not grants.holds(reviewer, Permission.REVIEW, [team])
    assert not grants.ids_with(reviewer, Permission.VIEW, Team).exists()
    assert grants.permissions_on(reviewer, team) == set()
    assert grants.held_by(reviewer, Team) == []


def test_lost_role_counts_at_once_for_a_user_loaded_before(team: Team, owner: User, reviewer: User) -> None:
    assert grants.holds(reviewer, Permission.REVIEW, [team])
    actions.take_role(reviewer, Role.REVIEWER, team, actor=owner)
    assert not grants.holds(reviewer, Permission.REVIEW, [team])


def test_grants_lie_in_foreign_key_tables_and_die_with_their_team(team: Team, reviewer: User) -> None:
    assert not {"object_pk", "content_type"} & {field.name for field in TeamUserObjectPermission._meta.get_fields()}
    pk = team.pk
    team.delete()
    reborn = Team.objects.create(pk=pk, slug="reborn", name="Reborn")
    assert not grants.holds(reviewer, Permission.VIEW, [reborn])


def test_permission_of_another_table_counts_nothing_here(team: Team, stranger: User) -> None:
    foreign = ContentType.objects.get_for_model(User)
    assert not TeamUserObjectPermission.objects.filter(permission__content_type=foreign).exists()
    with assert_unchanged(TeamUserObjectPermission):
        assert not grants.holds(stranger, "view_user", [team])


def test_members_of_many_teams_cost_one_query(
    team: Team, personas: dict[str, User], django_assert_num_queries: object
) -> None:
    other = factories.team("other")
    grants.give(Role.OWNER, personas["stranger"], other)
    with django_assert_num_queries(1):  # type: ignore[operator]
        members = grants.members([team, other])
    assert {user.username for user, _ in members[team.pk]} >= {"owner", "reviewer", "pipeline"}
    assert members[other.pk] == [(personas["stranger"], ["owner"])]
