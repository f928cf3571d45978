"""R7: policies are immutable and pinned; tightening reaches open promotions, loosening never does."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from apps.accounts.models import Team, User
from apps.approvals import actions
from apps.approvals.models import PolicyVersion, Promotion
from apps.approvals.states import State
from tests.approvals.acts import approve, rule, standing


def reviewers(number: int) -> list[dict]:
    """Return one rule asking for so many reviewers."""
    return [{"name": "reviewers", "group": "reviewer", "min_approvals": number}]


def test_tightening_applies_to_an_open_promotion(
    policy, promotion: Promotion, team: Team, reviewer: User, second_reviewer: User, third: User
):
    policy(rules=reviewers(3), team=team)
    assert rule(actions.refresh(promotion)).needed == 3


def test_tightening_takes_an_approval_back(
    policy, promotion: Promotion, team: Team, reviewer: User, second_reviewer: User, third: User
):
    assert approve(promotion, reviewer, second_reviewer).state == State.APPROVED
    policy(rules=reviewers(3), team=team)
    assert actions.refresh(promotion).state == State.OPEN
    assert promotion.rounds.get(number=2).changed == ["policy"]


def test_loosening_does_not_reach_an_open_promotion(
    policy, promotion: Promotion, reviewer: User, second_reviewer: User
):
    policy(rules=reviewers(1), risk_tier="low")
    approve(promotion, reviewer)
    stands = standing(promotion)
    assert stands.rules[0].needed == 2
    assert (stands.state, stands.round) == (State.OPEN, 1)


def test_loosening_after_tightening_leaves_what_was_pinned(
    policy, promotion: Promotion, team: Team, reviewer: User, second_reviewer: User
):
    policy(rules=reviewers(5), team=team)
    policy(rules=[], team=team)
    assert rule(actions.refresh(promotion)).needed == 2


@pytest.mark.parametrize("change", [{"number": 9}, {"document": {}}, {"note": "changed"}])
def test_policy_version_cannot_be_edited(db: None, change: dict):
    version = PolicyVersion.objects.first()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        version.delete()


def test_pin_cannot_be_taken_away(promotion: Promotion):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        promotion.pinned.clear()
    assert promotion.pinned.exists()


@pytest.mark.parametrize(
    ("stage", "tier", "needed"),
    [
        ("staging", "", {"reviewer": 1}),
        ("production", "low", {"reviewer": 2}),
        ("production", "medium", {"reviewer": 2}),
        ("production", "high", {"reviewer": 2, "compliance_officer": 1}),
        ("archived", "", {}),
    ],
)
def test_portal_ships_with_default_policies(db: None, stage: str, tier: str, needed: dict):
    document = PolicyVersion.objects.get(policy__stage=stage, policy__risk_tier=tier).document
    assert {rule["group"]: rule["min_approvals"] for rule in document["rules"]} == needed
