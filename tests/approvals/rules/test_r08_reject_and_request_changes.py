"""R8 and R9: reject ends; a request for changes blocks over all rounds until settled; taking back is another row."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import Role
from apps.approvals import actions
from apps.approvals.models import Decision, Promotion
from apps.approvals.states import State
from apps.core.errors import Conflict, Forbidden
from tests.approvals.acts import approve, decide, fresh, standing
from tests.assertions import assert_audited, assert_unchanged


def test_reject_ends_the_promotion(promotion: Promotion, reviewer: User, second_reviewer: User):
    with assert_audited("approvals.promotion.decided", promotion, actor=reviewer) as recorded:
        decide(promotion, reviewer, "reject", "Biased against the young")
    assert fresh(promotion).state == State.REJECTED
    assert recorded.data["verdict"] == "reject"
    assert recorded.personal["comment"] == "Biased against the young"


def test_nothing_can_be_done_after_reject(promotion: Promotion, reviewer: User, second_reviewer: User):
    decide(promotion, reviewer, "reject")
    with assert_unchanged(promotion, Decision), pytest.raises(Conflict) as refusal:
        decide(promotion, second_reviewer)
    assert refusal.value.code == "already_resolved"
    with assert_unchanged(promotion), pytest.raises(Conflict):
        actions.execute(promotion)


def test_approved_promotion_can_still_be_rejected(
    promotion: Promotion, reviewer: User, second_reviewer: User, third: User
):
    approve(promotion, reviewer, second_reviewer)
    decide(promotion, third, "reject")
    assert fresh(promotion).state == State.REJECTED


def test_request_for_changes_blocks_although_the_places_are_filled(
    promotion: Promotion, reviewer: User, second_reviewer: User, third: User
):
    decide(promotion, third, "request_changes", "Explain the drop in recall")
    assert approve(promotion, reviewer, second_reviewer).state == State.CHANGES_REQUESTED


def test_request_for_changes_survives_a_new_round(
    promotion: Promotion, contributor: User, reviewer: User, second_reviewer: User, third: User
):
    decide(promotion, third, "request_changes")
    actions.attach_evidence(promotion.version, kind="note", title="Explained", actor=contributor)
    assert approve(promotion, reviewer, second_reviewer).state == State.CHANGES_REQUESTED
    assert standing(promotion).blockers[0].round == 1


@pytest.mark.parametrize("verdict", ["approve", "retract"])
def test_author_settles_the_request(
    promotion: Promotion, reviewer: User, second_reviewer: User, third: User, verdict: str
):
    decide(promotion, third, "request_changes")
    approve(promotion, reviewer, second_reviewer)
    decide(promotion, third, verdict)
    assert fresh(promotion).state == State.APPROVED


def test_colleague_dismisses_the_request_with_reason_and_signature(
    promotion: Promotion, reviewer: User, second_reviewer: User, third: User
):
    asked = decide(promotion, third, "request_changes")
    approve(promotion, reviewer, second_reviewer)
    dismissal = decide(promotion, reviewer, "dismiss", "Answered in the report", settles=asked.pk)
    assert fresh(promotion).state == State.APPROVED
    assert dismissal.settles == asked
    assert dismissal.signature.signer == reviewer


def test_author_cannot_dismiss_the_own_request(promotion: Promotion, reviewer: User, second_reviewer: User):
    asked = decide(promotion, reviewer, "request_changes")
    with assert_unchanged(promotion, Decision), pytest.raises(Forbidden):
        decide(promotion, reviewer, "dismiss", settles=asked.pk)


def test_request_of_a_person_who_left_remains_until_dismissed(
    promotion: Promotion, reviewer: User, second_reviewer: User, third: User, team: Team
):
    asked = decide(promotion, third, "request_changes")
    grants.take(Role.REVIEWER, third, team)
    assert approve(promotion, reviewer, second_reviewer).state == State.CHANGES_REQUESTED
    decide(promotion, second_reviewer, "dismiss", settles=asked.pk)
    assert fresh(promotion).state == State.APPROVED


def test_dismissing_something_else_is_refused(promotion: Promotion, reviewer: User, second_reviewer: User):
    approval = decide(promotion, reviewer)
    with assert_unchanged(promotion, Decision), pytest.raises(Conflict) as refusal:
        decide(promotion, second_reviewer, "dismiss", settles=approval.pk)
    assert refusal.value.code == "nothing_to_dismiss"


def test_retracting_is_another_row_and_takes_the_approval_away(
    promotion: Promotion, reviewer: User, second_reviewer: User
):
    approval = decide(promotion, reviewer)
    retraction = decide(promotion, reviewer, "retract", "I misread the chart")
    assert retraction.settles == approval
    assert list(promotion.decisions.values_list("verdict", flat=True)) == ["approve", "retract"]
    assert not standing(promotion).rules[0].filled_by


def test_retracting_nothing_is_refused(promotion: Promotion, reviewer: User, second_reviewer: User):
    with assert_unchanged(promotion, Decision), pytest.raises(Conflict) as refusal:
        decide(promotion, reviewer, "retract")
    assert refusal.value.code == "nothing_to_retract"


@pytest.mark.parametrize("table", ["decision", "round", "signature", "checkrun", "evaluation"])
def test_record_cannot_be_edited_or_deleted_in_the_database(promotion: Promotion, reviewer: User, table: str):
    decide(promotion, reviewer)
    rows = type(promotion)._meta.apps.get_model(f"approvals.{table}").objects
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(id=-1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.all()._raw_delete("default")


def test_closed_promotion_cannot_be_edited_or_deleted_in_the_database(promotion: Promotion, reviewer: User):
    decide(promotion, reviewer, "reject")
    rows = Promotion.objects.filter(pk=promotion.pk)
    with pytest.raises(DatabaseError, match="closed"), transaction.atomic():
        rows.update(state=State.APPROVED, closed_at=None)
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        rows._raw_delete("default")
