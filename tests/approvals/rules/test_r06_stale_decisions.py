"""R6: any change of the evidence opens a new round; older decisions stay visible and do not count."""

from __future__ import annotations

import pytest

from apps.accounts.models import User
from apps.approvals import actions, selectors
from apps.approvals.models import Decision, Promotion
from apps.approvals.states import State
from apps.core.canonical import digest
from apps.core.errors import Stale
from apps.models import actions as model_actions
from tests.approvals.acts import approve, decide, fresh, standing
from tests.assertions import assert_audited


def report(promotion: Promotion, author: User, title: str = "Evaluation"):
    """Attach an evaluation report to the version."""
    return actions.attach_evidence(promotion.version, kind="evaluation_report", title=title, actor=author)


def test_new_report_opens_a_round_that_says_why(promotion: Promotion, contributor: User, reviewer: User):
    report(promotion, contributor)
    second = fresh(promotion).rounds.get(number=2)
    assert fresh(promotion).round_number == 2
    assert second.changed == ["attached evidence"]


def test_approval_of_an_earlier_round_is_outdated_and_does_not_count(
    promotion: Promotion, contributor: User, reviewer: User, second_reviewer: User
):
    approve(promotion, reviewer)
    report(promotion, contributor)
    approve(promotion, second_reviewer)
    assert [outdated for _, outdated in selectors.decisions(fresh(promotion))] == [True, False]
    assert standing(promotion).state == State.OPEN


def test_approved_promotion_opens_again_when_evidence_changes(
    promotion: Promotion, contributor: User, reviewer: User, second_reviewer: User
):
    assert approve(promotion, reviewer, second_reviewer).state == State.APPROVED
    report(promotion, contributor)
    assert fresh(promotion).state == State.OPEN
    assert fresh(promotion).approved_at is None


def test_decision_on_the_round_before_is_refused_as_stale(promotion: Promotion, contributor: User, reviewer: User):
    seen = fresh(promotion).etag
    report(promotion, contributor)
    before = Decision.objects.count()
    with pytest.raises(Stale) as refusal:
        decide(promotion, reviewer, etag=seen)
    assert refusal.value.code == "stale_subject"
    assert Decision.objects.count() == before


def test_raising_the_risk_tier_opens_a_new_round_at_once(
    promotion: Promotion, owner: User, reviewer: User, second_reviewer: User
):
    approve(promotion, reviewer)
    model_actions.change_model(promotion.registered_model, actor=owner, risk_tier="high", reason="More exposure")
    stands = standing(promotion)
    assert stands.round == 2
    assert {rule.group for rule in stands.rules} == {"reviewer", "compliance_officer"}
    assert all(not rule.filled_by for rule in stands.rules)


def test_decision_is_bound_to_the_digest_of_what_was_shown(promotion: Promotion, reviewer: User):
    decision = decide(promotion, reviewer)
    shown = promotion.rounds.get(number=1)
    import json

    assert decision.evidence_digest == shown.evidence_digest == digest(json.loads(shown.evidence))
    assert decision.signature.subject_digest == decision.evidence_digest


def test_attaching_evidence_is_one_event_and_the_new_round_another(
    promotion: Promotion, contributor: User, reviewer: User
):
    with assert_audited("approvals.evidence.attached", actor=contributor, also=("approvals.promotion.reevaluated",)):
        report(promotion, contributor)


def test_same_person_may_approve_again_in_the_new_round(promotion: Promotion, contributor: User, reviewer: User):
    approve(promotion, reviewer)
    report(promotion, contributor)
    approve(promotion, reviewer)
    assert sum(len(rule.filled_by) for rule in standing(promotion).rules) == 1
