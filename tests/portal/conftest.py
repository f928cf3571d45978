"""What pages show: a team's model with a version in production, one more, and a promotion of it."""

from __future__ import annotations

import pytest

from apps.accounts.models import Team, User
from apps.approvals import actions
from apps.approvals.models import Promotion
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import RiskTier, Stage
from tests import registry_factories as registry

LINEAGE = {
    "datasets": [{"namespace": "lake", "name": "cards", "version": "2026-10"}],
    "code": {"repository": "fraud", "commit": "a1b2c3d4"},
    "run": {"system": "airflow", "id": "run-7"},
}


@pytest.fixture
def model(team: Team, contributor: User) -> RegisteredModel:
    """A high-tier model of the team."""
    return registry.registered_model(
        team, actor=contributor, name="card-fraud", risk_tier=RiskTier.HIGH, description="Scores card payments."
    )


@pytest.fixture
def live(model: RegisteredModel, pipeline: User) -> ModelVersion:
    """The version in production."""
    metrics = {"auc": 0.941, "recall": 0.71}
    return registry.sealed_version(model, actor=pipeline, version="1.3.2", stage=Stage.PRODUCTION, metrics=metrics)


@pytest.fixture
def version(model: RegisteredModel, live: ModelVersion, pipeline: User) -> ModelVersion:
    """A sealed version that is better in one metric and worse in another."""
    content = {"metrics": {"auc": 0.952, "recall": 0.69}, "parameters": {"depth": 6}, "lineage": LINEAGE}
    return registry.sealed_version(model, actor=pipeline, version="1.4.0", **content)


@pytest.fixture
def promotion(
    version: ModelVersion, pipeline: User, reviewer: User, second_reviewer: User, compliance: User
) -> Promotion:
    """A request to put that version into production, its bytes verified."""
    promotion = actions.submit(version, target_stage=Stage.PRODUCTION, reason="Better on October.", actor=pipeline)
    actions.verify_artifacts(promotion)
    promotion.refresh_from_db()
    return promotion
