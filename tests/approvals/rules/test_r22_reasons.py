"""R22: reject, request changes, retract, dismiss, archive and demote need a reason."""

from __future__ import annotations

import pytest

from apps.accounts.models import User
from apps.approvals import actions
from apps.approvals.models import Decision, Promotion
from apps.approvals.states import State
from apps.core.errors import Forbidden, Invalid
from apps.models.models import ModelVersion
from tests.approvals.acts import decide, fresh, stage_of
from tests.assertions import assert_unchanged


@pytest.mark.parametrize("verdict", ["reject", "request_changes", "retract", "dismiss"])
@pytest.mark.parametrize("comment", ["", "  \n"])
def test_verdict_without_reason_is_refused(
    promotion: Promotion, reviewer: User, second_reviewer: User, verdict: str, comment: str
):
    with assert_unchanged(promotion, Decision), pytest.raises(Invalid) as refusal:
        decide(promotion, reviewer, verdict, comment)
    assert refusal.value.errors[0].field == "comment"


def test_approval_needs_no_reason(promotion: Promotion, reviewer: User, second_reviewer: User):
    assert decide(promotion, reviewer, comment="").comment == ""


def test_overlong_reason_is_refused(promotion: Promotion, reviewer: User, second_reviewer: User):
    with assert_unchanged(promotion, Decision), pytest.raises(Invalid):
        decide(promotion, reviewer, "reject", "x" * 4001)


def test_archiving_needs_an_owner_and_a_reason(version: ModelVersion, owner: User, contributor: User):
    with assert_unchanged(Promotion), pytest.raises(Invalid) as refusal:
        actions.submit(version, target_stage="archived", actor=owner)
    assert refusal.value.errors[0].field == "reason"
    with assert_unchanged(Promotion), pytest.raises(Forbidden) as denied:
        actions.submit(version, target_stage="archived", reason="Old", actor=contributor)
    assert denied.value.code == "owner_only"


def test_owner_archives_with_a_reason_and_nobody_else(version: ModelVersion, owner: User):
    promotion = actions.submit(version, target_stage="archived", reason="Replaced", actor=owner)
    assert promotion.state == State.APPROVED
    actions.execute(promotion)
    assert fresh(promotion).state == State.EXECUTED
    assert stage_of(version) == "archived"
