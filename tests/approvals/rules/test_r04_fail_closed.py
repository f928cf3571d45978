"""R4: what nobody can fulfil, or what errs, blocks and says why; nothing is approved for want of reviewers."""

from __future__ import annotations

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import Role
from apps.approvals import actions
from apps.approvals.models import Policy, Promotion
from apps.approvals.states import CheckStatus, RuleStatus, State
from apps.models.models import ModelVersion
from tests import factories
from tests.approvals.acts import approve, fresh, request, rule


def test_rule_without_enough_people_blocks_and_names_what_is_missing(
    version: ModelVersion, contributor: User, reviewer: User
):
    promotion = request(version, contributor)
    assert promotion.state == State.BLOCKED
    assert rule(promotion).status == RuleStatus.UNSATISFIABLE
    assert "1 more eligible reviewer needed" in promotion.state_reason


def test_blocked_promotion_opens_when_somebody_gets_the_role(
    version: ModelVersion, contributor: User, reviewer: User, team: Team
):
    promotion = request(version, contributor)
    factories.member(Role.REVIEWER, team)
    assert actions.refresh(promotion).state == State.OPEN


def test_all_approvals_of_a_short_group_do_not_approve(version: ModelVersion, contributor: User, reviewer: User):
    promotion = approve(request(version, contributor), reviewer)
    assert promotion.state == State.BLOCKED


def test_stage_without_any_policy_is_blocked(version: ModelVersion, contributor: User):
    Policy.objects.filter(stage="production", risk_tier="low").update(risk_tier="high", stage="archived")
    promotion = request(version, contributor)
    assert promotion.state == State.BLOCKED
    assert "no policy covers" in promotion.state_reason


def test_check_that_errs_does_not_pass(policy, version: ModelVersion, contributor: User, reviewer: User, team: Team):
    policy(rules=[], checks=[{"name": "floor", "kind": "metric", "metric": "auc", "minimum": 0.5}], team=team)
    factories.member(Role.REVIEWER, team)
    ModelVersion.objects.filter(pk=version.pk)
    promotion = request(version, contributor)
    promotion.version.metrics["auc"] = "not a number"
    from apps.approvals.standing import evaluate, situation_of

    check = next(check for check in evaluate(situation_of(promotion)).checks if check.name == "floor")
    assert check.status == CheckStatus.ERROR
    assert evaluate(situation_of(promotion)).state != State.APPROVED


def test_blocked_promotion_can_still_be_withdrawn(version: ModelVersion, contributor: User):
    promotion = request(version, contributor)
    actions.withdraw(promotion, actor=contributor)
    assert fresh(promotion).state == State.CANCELLED


def test_losing_the_only_other_reviewer_blocks(promotion: Promotion, reviewer: User, second_reviewer: User, team: Team):
    grants.take(Role.REVIEWER, second_reviewer, team)
    assert actions.refresh(promotion).state == State.BLOCKED
