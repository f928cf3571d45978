"""R12: execution evaluates everything again, moves, records and leaves the outbox row, or does nothing at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import storages

from apps.accounts.models import User
from apps.approvals import actions
from apps.approvals.actions import execution
from apps.approvals.models import Promotion
from apps.approvals.states import State
from apps.core.errors import Conflict, Forbidden
from apps.models.models import ModelVersion, RegisteredModel, StageAssignment
from tests import registry_factories as registry
from tests.approvals.acts import approve, fresh, in_production, request, stage_of, standing
from tests.assertions import assert_audited


@pytest.fixture
def approved(promotion: Promotion, reviewer: User, second_reviewer: User) -> Promotion:
    """A promotion that two reviewers approved."""
    return approve(promotion, reviewer, second_reviewer)


def test_execution_moves_the_version_and_is_one_event(approved: Promotion, reviewer: User, contributor: User):
    with assert_audited("approvals.promotion.executed", approved, also=("approvals.check.reported",)) as recorded:
        actions.execute(approved)
    assert fresh(approved).state == State.EXECUTED
    assert in_production(approved.registered_model) == "1.0.0"
    assert recorded.data["target_stage"] == "production"
    assert recorded.data["manifest_digest"] == approved.version.manifest_digest
    assert len(recorded.data["decisions"]) == 2
    assert reviewer.pk in recorded.audience


def test_execution_retires_what_was_in_production(
    approved: Promotion, model: RegisteredModel, contributor: User, reviewer: User, second_reviewer: User
):
    actions.execute(approved)
    newer = registry.sealed_version(model, actor=contributor, version="1.1.0")
    actions.execute(approve(request(newer, contributor), reviewer, second_reviewer))
    assert in_production(model) == "1.1.0"
    assert stage_of(approved.version) == "archived"


def test_execution_that_fails_late_leaves_nothing_moved(approved: Promotion, monkeypatch: pytest.MonkeyPatch):
    def explode(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(execution, "_supersede_others", explode)
    with pytest.raises(RuntimeError):
        actions.execute(approved)
    assert fresh(approved).state == State.APPROVED
    assert in_production(approved.registered_model) is None


def test_second_execution_conflicts(approved: Promotion):
    actions.execute(approved)
    before = list(StageAssignment.objects.values())
    with pytest.raises(Conflict) as refusal:
        actions.execute(approved)
    assert refusal.value.code == "already_resolved"
    assert list(StageAssignment.objects.values()) == before


def test_open_promotion_cannot_be_executed(promotion: Promotion, reviewer: User, second_reviewer: User):
    with pytest.raises(Conflict) as refusal:
        actions.execute(promotion)
    assert refusal.value.code == "not_approved"
    assert stage_of(promotion.version) == "experimental"


def test_bytes_changed_in_storage_stop_the_execution(approved: Promotion):
    blob = approved.version.artifacts.get().blob
    path = Path(storages["artifacts"].path(blob.storage_name))
    path.chmod(0o600)
    path.write_bytes(b"other weights")
    with pytest.raises(Conflict):
        actions.execute(approved)
    assert in_production(approved.registered_model) is None
    check = next(check for check in standing(approved).checks if check.name == "artifacts")
    assert check.status == "failed"
    assert "differ from what was sealed" in check.summary


def test_rival_promotion_is_superseded(
    approved: Promotion, model: RegisteredModel, contributor: User, reviewer: User, second_reviewer: User
):
    rival = request(registry.sealed_version(model, actor=contributor, version="2.0.0"), contributor)
    actions.execute(approved)
    assert fresh(rival).state == State.SUPERSEDED
    assert "1.0.0" in fresh(rival).state_reason


def test_staging_of_another_version_is_left_alone(
    approved: Promotion, model: RegisteredModel, contributor: User, reviewer: User, second_reviewer: User
):
    other = request(registry.sealed_version(model, actor=contributor, version="2.0.0"), contributor, "staging")
    actions.execute(approved)
    assert fresh(other).is_pending


def test_stranger_and_reviewer_cannot_execute(approved: Promotion, reviewer: User, stranger: User):
    for person in (reviewer, stranger):
        with pytest.raises(Forbidden):
            actions.execute(approved, actor=person)
    assert in_production(approved.registered_model) is None


def test_manual_policy_waits_for_a_hand(
    policy, version: ModelVersion, contributor: User, reviewer: User, second_reviewer: User
):
    policy(execution="manual")
    promotion = approve(request(version, contributor), reviewer, second_reviewer)
    with pytest.raises(Forbidden) as refusal:
        actions.execute(promotion)
    assert refusal.value.code == "manual_execution"
    assert actions.execute(promotion, actor=contributor).state == State.EXECUTED
