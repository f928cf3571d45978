"""R13: promotions, approvals and evidence run out; the database's clock decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.accounts.models import User
from apps.approvals import actions
from apps.approvals.models import Decision, Promotion
from apps.approvals.states import State
from apps.core import clock
from apps.core.errors import Conflict
from apps.models.models import ModelVersion
from tests.approvals.acts import approve, decide, fresh, in_production, request, standing
from tests.assertions import assert_audited


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch):
    """Return a function that moves the portal's clock forward."""
    real = clock.now

    def move(**ahead: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(**ahead))

    return move


def test_promotion_lives_fourteen_days(promotion: Promotion):
    assert promotion.expires_at - promotion.created_at == timedelta(days=14)


def test_overdue_promotion_expires_with_an_event(promotion: Promotion, reviewer: User, second_reviewer: User, later):
    later(days=15)
    with assert_audited("approvals.promotion.expired", promotion):
        actions.sweep_due()
    assert fresh(promotion).state == State.EXPIRED


def test_decision_after_the_time_conflicts(promotion: Promotion, reviewer: User, second_reviewer: User, later):
    later(days=15)
    with pytest.raises(Conflict) as refusal:
        decide(promotion, reviewer)
    assert refusal.value.code == "already_resolved"
    assert not Decision.objects.exists()


def test_approval_must_be_executed_within_seventy_two_hours(
    promotion: Promotion, reviewer: User, second_reviewer: User, later
):
    approved = approve(promotion, reviewer, second_reviewer)
    assert approved.execute_by - approved.approved_at == timedelta(hours=72)
    later(hours=73)
    with pytest.raises(Conflict):
        actions.execute(promotion)
    assert fresh(promotion).state == State.EXPIRED
    assert in_production(promotion.registered_model) is None


def test_policy_may_shorten_the_time(policy, version: ModelVersion, contributor: User):
    policy(expires_after_days=3)
    promotion = request(version, contributor)
    assert promotion.expires_at - promotion.created_at == timedelta(days=3)


def test_evidence_that_ran_out_fails_its_check(
    policy, version: ModelVersion, contributor: User, reviewer: User, second_reviewer: User, later
):
    report = {"name": "report", "kind": "evidence", "evidence_kind": "evaluation_report", "max_age_days": 7}
    policy(checks=[report])
    actions.attach_evidence(version, kind="evaluation_report", title="Evaluation", actor=contributor)
    promotion = request(version, contributor)
    assert approve(promotion, reviewer, second_reviewer).state == State.APPROVED
    later(days=8)
    # The approval window has not run out for a policy of ten days; only the report is too old.
    Promotion.objects.filter(pk=promotion.pk).update(execute_by=promotion.expires_at)
    assert actions.refresh(promotion).state == State.OPEN
    assert "out of date" in next(check for check in standing(promotion).checks if check.name == "report").summary


def test_closed_promotion_does_not_expire(promotion: Promotion, contributor: User, later):
    actions.withdraw(promotion, actor=contributor)
    later(days=15)
    actions.sweep_due()
    assert fresh(promotion).state == State.CANCELLED
