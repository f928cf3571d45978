"""How many SQL statements an answer takes, whatever the number of rows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.models import actions
from apps.models.models import RegisteredModel
from tests import factories
from tests import registry_factories as registry

MODEL = "/api/v1/models/card-fraud/"


@pytest.fixture
def api(reviewer: User) -> APIClient:
    """A reviewer's client whose token was just used."""
    client = factories.api(reviewer)
    client.get("/api/v1/models/")
    return client


def statements(api: APIClient, where: str, **headers: str) -> int:
    """Count the statements of one answer."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert api.get(where, headers=headers).status_code in {200, 304}
    return len(queries)


@pytest.mark.parametrize("query", ["", "?at=2100-01-01T00:00:00Z"])
def test_production_takes_two_with_the_token(query: str, model: RegisteredModel, api: APIClient) -> None:
    registry.sealed_version(model, files={f"f{index}": b"x" * index for index in range(20)}, stage="production")
    assert statements(api, f"{MODEL}production/{query}") == 2


@pytest.mark.parametrize(
    ("where", "budget"),
    [
        ("/api/v1/models/", 3),
        ("/api/v1/models/?q=model&stage=experimental&tag=x&team=cards", 4),
        ("/api/v1/inventory/", 4),
        (f"{MODEL}versions/", 4),
        (f"{MODEL}stages/", 4),
        (f"{MODEL}stages/experimental/", 4),
        (f"{MODEL}aliases/", 4),
        (f"{MODEL}versions/1.0.0/", 9),
    ],
)
def test_an_answer_takes_as_many_for_one_row_as_for_many(
    where: str, budget: int, model: RegisteredModel, api: APIClient, owner: User
) -> None:
    grow(model, owner, 1)
    few = statements(api, where)
    grow(model, owner, 4)
    assert statements(api, where) == few <= budget


def grow(model: RegisteredModel, owner: User, times: int) -> None:
    """Add models, versions, aliases and duplicates."""
    for _ in range(times):
        registry.registered_model(model.team, tags=["x"])
        version = registry.sealed_version(model, files={"a": b"same", "b": b"same too"})
        actions.set_alias(model, name=f"alias-{version.number}", version=version, actor=owner)
        actions.set_alias(model, name=f"first-{version.number}", version=model.versions.get(number=1), actor=owner)
