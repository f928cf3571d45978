"""The portal's own checks, on versions as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import storages

from apps.accounts.models import User
from apps.approvals import actions, selectors
from apps.approvals.models import CheckRun, Promotion
from apps.approvals.states import State
from apps.models import actions as model_actions
from apps.models.models import ModelVersion, RegisteredModel
from tests import registry_factories as registry
from tests.approvals.acts import approve, fresh, request, standing
from tests.assertions import assert_audited

LINEAGE = {
    "datasets": [{"namespace": "lake", "name": "cards", "version": "2026-10"}],
    "code": {"repository": "git.example.org/fraud", "commit": "a1b2c3d"},
}


@pytest.fixture
def answer(policy, model: RegisteredModel, contributor: User):
    """Return a function: set one check, register a version, ask for production, return how the check stands."""

    def ask(check: dict, **content):
        policy(checks=[{"name": "it", **check}])
        promotion = request(registry.sealed_version(model, actor=contributor, **content), contributor)
        return next(found for found in standing(promotion).checks if found.name == "it")

    return ask


@pytest.mark.parametrize(
    ("limits", "value", "status"),
    [
        ({"minimum": 0.9}, 0.9, "passed"),
        ({"minimum": 0.9}, 0.899, "failed"),
        ({"maximum": 0.9}, 0.9, "passed"),
        ({"maximum": 0.9}, 0.91, "failed"),
        ({"minimum": 0.1, "maximum": 0.2}, 0.3, "failed"),
        ({}, 0.3, "passed"),
    ],
)
def test_metric_is_held_against_its_limits(answer, limits: dict, value: float, status: str):
    assert answer({"kind": "metric", "metric": "auc", **limits}, metrics={"auc": value}).status == status


def test_missing_metric_fails(answer):
    stands = answer({"kind": "metric", "metric": "auc", "minimum": 0.5}, metrics={"f1": 0.9})
    assert (stands.status, stands.summary) == ("failed", "The version has no metric auc")


@pytest.mark.parametrize(
    ("metric", "old", "new", "status"),
    [
        ("auc", 0.95, 0.94, "passed"),
        ("auc", 0.95, 0.93, "failed"),
        ("auc", 0.95, 0.99, "passed"),
        ("log_loss", 0.20, 0.21, "passed"),
        ("log_loss", 0.20, 0.22, "failed"),
    ],
)
def test_metric_is_held_against_production(answer, model, contributor: User, metric, old, new, status):
    registry.sealed_version(model, actor=contributor, stage="production", metrics={metric: old})
    check = {"kind": "metric", "metric": metric, "max_regression": 0.0101}
    assert answer(check, metrics={metric: new}).status == status


def test_lineage_check_names_what_is_missing(answer):
    stands = answer({"kind": "lineage", "require": ["datasets", "code", "run"]}, lineage=LINEAGE)
    assert (stands.status, stands.summary) == ("failed", "The lineage does not name: run")


def test_complete_lineage_passes(answer):
    assert answer({"kind": "lineage"}, lineage=LINEAGE).status == "passed"


def test_unscanned_artifact_fails_a_policy_that_wants_clean_ones(answer):
    stands = answer({"kind": "scan"})
    assert (stands.status, stands.summary) == ("failed", "model.bin is not scanned")


def test_policy_may_accept_what_is_not_scanned(answer):
    assert answer({"kind": "scan", "accept": ["clean", "not_scanned"]}).status == "passed"


def test_metadata_standard_of_the_stage_is_checked(answer, compliance: User):
    schema = {"type": "object", "required": ["intended_use"], "properties": {"intended_use": {"type": "string"}}}
    model_actions.set_standard(risk_tier="low", stage="production", schema=schema, actor=compliance)
    stands = answer({"kind": "metadata"}, metadata={"task": "classification"})
    assert stands.status == "failed"
    assert "intended_use" in stands.summary


def test_missing_evidence_fails(answer):
    stands = answer({"kind": "evidence", "evidence_kind": "evaluation_report"})
    assert stands.summary == "No evaluation_report is attached to the version"


def test_bytes_are_verified_once_and_recorded(version: ModelVersion, contributor: User, reviewer: User):
    promotion = actions.submit(version, target_stage="staging", actor=contributor)
    assert next(check for check in standing(promotion).checks if check.name == "artifacts").status == "pending"
    with assert_audited("approvals.check.reported", promotion):
        actions.verify_due_artifacts(promotion.pk)
    assert fresh(promotion).verify_at is None
    actions.verify_due_artifacts(promotion.pk)
    assert CheckRun.objects.count() == 1


def test_bytes_that_vanished_fail_the_check(version: ModelVersion, contributor: User, reviewer: User):
    Path(storages["artifacts"].path(version.artifacts.get().blob.storage_name)).unlink()
    promotion = approve(request(version, contributor, "staging"), reviewer)
    assert promotion.state == State.OPEN
    assert "failing: artifacts" in promotion.state_reason


def test_outlook_says_today_what_production_would_ask(policy, version: ModelVersion):
    policy(checks=[{"name": "floor", "kind": "metric", "metric": "auc", "minimum": 0.99}])
    outlook = selectors.outlook(version)
    assert {check.name: check.status for check in outlook.checks} == {
        "artifacts": "pending",
        "floor": "failed",
        "metadata": "passed",
    }
    assert [rule.min_approvals for rule in outlook.requirement.rules] == [2]
    assert not Promotion.objects.exists()
