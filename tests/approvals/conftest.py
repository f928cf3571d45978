"""A sealed version of a model at each tier, and short words for what people do to its promotion."""

from __future__ import annotations

import pytest

from apps.accounts.models import Team, User
from apps.approvals import actions
from apps.approvals.models import Promotion
from apps.models.models import ModelVersion, RegisteredModel
from tests import registry_factories as registry
from tests.approvals.acts import request


@pytest.fixture
def model(team: Team, contributor: User) -> RegisteredModel:
    """A low-tier model of the team, registered by the contributor."""
    return registry.registered_model(team, actor=contributor, name="card-fraud", risk_tier="low")


@pytest.fixture
def version(model: RegisteredModel, contributor: User) -> ModelVersion:
    """A sealed version registered by the contributor."""
    return registry.sealed_version(model, actor=contributor, version="1.0.0", metrics={"auc": 0.95, "log_loss": 0.2})


@pytest.fixture
def promotion(version: ModelVersion, contributor: User, reviewer: User, second_reviewer: User) -> Promotion:
    """A promotion to production asked for by the contributor, its bytes verified: it needs both reviewers."""
    return request(version, contributor)


@pytest.fixture
def staging(version: ModelVersion, contributor: User) -> Promotion:
    """A promotion to staging: one reviewer is needed."""
    return request(version, contributor, "staging")


@pytest.fixture
def policy(compliance: User):
    """Return a function that sets a policy for the model's stage, as the compliance officer."""

    def set_policy(stage: str = "production", **document):
        layer = {name: document.pop(name) for name in ("team", "registered_model", "risk_tier") if name in document}
        return actions.set_policy(stage=stage, document=document, actor=compliance, **layer)

    return set_policy
