"""Verdicts of a page from one query of the grants."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import Permission
from tests import factories

ASKED = (Permission.MANAGE, Permission.VIEW)


@pytest.mark.parametrize(
    ("who", "manages", "sees"), [("owner", True, True), ("reviewer", False, True), ("stranger", False, False)]
)
def test_answers_are_those_of_single_questions(
    who: str,
    manages: bool,
    sees: bool,
    team: Team,
    request: pytest.FixtureRequest,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = request.getfixturevalue(who)
    with django_assert_num_queries(1), grants.read_once(user, [team]):
        found = [grants.holds(user, each, [team]) for each in ASKED]
    assert found == [manages, sees] == [grants.holds(user, each, [team]) for each in ASKED]


def test_other_objects_are_asked_for_and_nothing_is_kept(team: Team, owner: User) -> None:
    other = factories.team()
    with grants.read_once(owner, [team]):
        assert not grants.holds(owner, Permission.VIEW, [other])
    grants.give("reviewer", owner, other)
    assert grants.holds(owner, Permission.VIEW, [other])


def test_deactivated_people_hold_nothing(team: Team, owner: User) -> None:
    owner.is_active = False
    with grants.read_once(owner, [team]):
        assert not grants.holds(owner, Permission.VIEW, [team])
