"""R3: one person fills one place; satisfied means that a full assignment of people to places exists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from networkx import Graph
from networkx.algorithms.bipartite import hopcroft_karp_matching

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import InstanceRole, Role
from apps.approvals.matching import assign
from apps.approvals.models import Promotion
from apps.approvals.states import State
from apps.core.errors import Conflict
from tests import factories
from tests import registry_factories as registry
from tests.approvals.acts import approve, request, standing

GROUPS = ("a", "b", "c")


@given(
    places=st.lists(st.sampled_from(GROUPS), max_size=6),
    fits=st.fixed_dictionaries({group: st.lists(st.integers(0, 5), unique=True) for group in GROUPS}),
)
def test_matching_is_as_large_as_networkx_finds(places: list[str], fits: dict[str, list[int]]):
    graph = Graph()
    seats = [("place", index) for index in range(len(places))]
    graph.add_nodes_from(seats, bipartite=0)
    graph.add_edges_from((seat, person) for seat, group in zip(seats, places, strict=True) for person in fits[group])
    largest = hopcroft_karp_matching(graph, seats)
    found = assign(places, fits)
    assert len(found) == sum(seat in largest for seat in seats)
    assert len(set(found.values())) == len(found)
    assert all(person in fits[places[index]] for index, person in found.items())


def test_person_in_two_groups_fills_one_place(team: Team, contributor: User, reviewer: User):
    both = factories.person("both", roles=(InstanceRole.COMPLIANCE_OFFICER,))
    grants.give(Role.REVIEWER, both, team)
    factories.member(Role.REVIEWER, team)
    promotion = request(registry.sealed_version(registry.registered_model(team, risk_tier="high")), contributor)
    approve(promotion, both, reviewer)
    stands = standing(promotion)
    assert stands.state != State.APPROVED
    assert sum(len(rule.filled_by) for rule in stands.rules) == 2


def test_person_in_two_groups_moves_to_where_needed(
    team: Team, contributor: User, reviewer: User, second_reviewer: User
):
    both = factories.person("both", roles=(InstanceRole.COMPLIANCE_OFFICER,))
    grants.give(Role.REVIEWER, both, team)
    promotion = request(registry.sealed_version(registry.registered_model(team, risk_tier="high")), contributor)
    # First come, first served would seat `both` among the reviewers and miss the compliance officer.
    assert approve(promotion, both, reviewer, second_reviewer).state == State.APPROVED


def test_same_person_twice_counts_once(promotion: Promotion, reviewer: User, second_reviewer: User):
    approve(promotion, reviewer)
    with pytest.raises(Conflict) as refusal:
        approve(promotion, reviewer)
    assert refusal.value.code == "already_decided"
    assert sum(len(rule.filled_by) for rule in standing(promotion).rules) == 1
