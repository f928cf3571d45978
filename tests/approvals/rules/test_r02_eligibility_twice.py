"""R2 and R10: eligibility holds when deciding and again when executing; who leaves stops counting until then."""

from __future__ import annotations

import pytest

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import Role
from apps.approvals import actions
from apps.approvals.models import Decision, Promotion
from apps.approvals.states import State
from apps.core.errors import Conflict, Forbidden
from apps.models.models import StageAssignment
from tests.approvals.acts import approve, decide, fresh, in_production, rule, standing


def test_person_who_just_lost_the_role_cannot_decide(promotion: Promotion, reviewer: User, third: User, team: Team):
    grants.take(Role.REVIEWER, reviewer, team)
    with pytest.raises(Forbidden):
        decide(promotion, reviewer)
    assert not Decision.objects.exists()


def test_deactivated_person_cannot_decide(promotion: Promotion, reviewer: User, third: User):
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    with pytest.raises(Forbidden):
        decide(promotion, reviewer)
    assert not Decision.objects.exists()


def test_approval_of_person_who_left_the_group_stops_counting(
    promotion: Promotion, reviewer: User, second_reviewer: User, third: User, team: Team
):
    approve(promotion, reviewer, second_reviewer)
    grants.take(Role.REVIEWER, reviewer, team)
    assert standing(promotion).state == State.OPEN
    assert [person.username for person in rule(promotion).filled_by] == [second_reviewer.username]


def test_execution_refuses_when_an_approver_was_deactivated_a_moment_ago(
    promotion: Promotion, reviewer: User, second_reviewer: User, third: User
):
    approve(promotion, reviewer, second_reviewer)
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    before = list(StageAssignment.objects.values())
    with pytest.raises(Conflict) as refusal:
        actions.execute(promotion)
    assert refusal.value.code == "not_approved"
    assert list(StageAssignment.objects.values()) == before


def test_approved_promotion_falls_back_to_open_when_a_reviewer_leaves(
    promotion: Promotion, reviewer: User, second_reviewer: User, third: User, team: Team
):
    assert approve(promotion, reviewer, second_reviewer).state == State.APPROVED
    grants.take(Role.REVIEWER, reviewer, team)
    assert actions.refresh(promotion).state == State.OPEN


def test_executed_promotion_stays_when_a_reviewer_leaves(
    promotion: Promotion, reviewer: User, second_reviewer: User, team: Team
):
    approve(promotion, reviewer, second_reviewer)
    actions.execute(promotion)
    grants.take(Role.REVIEWER, reviewer, team)
    assert actions.refresh(promotion).state == State.EXECUTED
    assert in_production(promotion.registered_model) == "1.0.0"
    assert len(rule(promotion).filled_by) == 2


def test_role_on_the_model_alone_makes_eligible(promotion: Promotion, stranger: User, reviewer: User):
    grants.give(Role.REVIEWER, stranger, promotion.registered_model)
    approve(promotion, stranger, reviewer)
    assert fresh(promotion).state == State.APPROVED
