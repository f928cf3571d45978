"""Rows that lineage tests stand on: versions made directly, and their provenance drawn."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Team, User
from apps.lineage import actions
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.semver import sort_key
from tests import factories

_numbers = count(1)
Register = Callable[..., ModelVersion]


def registered_model(team: Team, by: User, name: str = "", visibility: str = "team") -> RegisteredModel:
    """Return a new registered model."""
    moment = timezone.now()
    return RegisteredModel.objects.create(
        name=name or f"model-{next(_numbers)}",
        team=team,
        risk_tier="high",
        visibility=visibility,
        registered_by=by,
        created_at=moment,
        changed_at=moment,
    )


def pending_version(model: RegisteredModel, by: User | None = None, **lineage: Any) -> ModelVersion:
    """Return a new version of a model with a lineage document, not yet in the graph."""
    number = model.versions.count() + 1
    return ModelVersion.objects.create(
        registered_model=model,
        number=number,
        version=f"1.{number}.0",
        precedence=sort_key(f"1.{number}.0"),
        lineage=lineage,
        registered_by=by or model.registered_by,
        created_at=timezone.now(),
    )


def dataset(name: str = "cards", version: str = "2026-10", **more: str) -> dict[str, str]:
    """Return a dataset as a lineage document names it."""
    return {"namespace": "warehouse", "name": name, "version": version, **more}


def parent(version: ModelVersion) -> dict[str, str]:
    """Return a parent as a lineage document names it."""
    return {"model": version.registered_model.name, "version": version.version}


@pytest.fixture
def fraud(team: Team, owner: User) -> RegisteredModel:
    """A model of the personas' team."""
    return registered_model(team, owner, "card-fraud")


@pytest.fixture
def secret(db: None) -> RegisteredModel:
    """A model of another team, which the personas of the first one may not see."""
    other = factories.team("treasury")
    return registered_model(other, factories.member("owner", other), "liquidity")


@pytest.fixture
def drawn() -> Register:
    """A function that makes a version and draws its provenance."""

    def make(model: RegisteredModel, by: User | None = None, **lineage: Any) -> ModelVersion:
        version = pending_version(model, by, **lineage)
        actions.record_provenance(version)
        return version

    return make
