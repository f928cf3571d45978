"""Searches of admin lists find what people mean, each through an index."""

from __future__ import annotations

import re
from typing import Any

import pytest

from apps.accounts.models import Team, User
from apps.approvals import actions
from apps.models.models import ModelVersion
from tests import registry_factories as registry
from tests.factories import PASSWORD, browser


@pytest.fixture
def decided(team: Team, owner: User, contributor: User, reviewer: User) -> dict[str, ModelVersion]:
    """A version of each of two models, asked for; the second was rejected."""
    made = {}
    for name in ("card-fraud", "loan-default"):
        model = registry.registered_model(team, actor=contributor, name=name)
        made[name] = registry.sealed_version(model, actor=contributor, version="1.0.0")
        promotion = actions.submit(made[name], target_stage="production", reason="Better", actor=contributor)
    actions.decide(promotion, verdict="reject", comment="No.", password=PASSWORD, etag=promotion.etag, actor=reviewer)
    return made


def shown(user: User, table: str, text: str) -> int:
    """Return the number of rows that a search shows."""
    page = browser(user).get(f"/admin/{table}/", {"q": text})
    assert page.status_code == 200
    return len(re.findall(r"<tr>", page.content.decode().partition("<tbody>")[2]))


@pytest.mark.parametrize(
    ("table", "text", "rows"),
    [
        ("models/registeredmodel", "fraud", 1),
        ("models/registeredmodel", "card-fr", 1),
        ("models/registeredmodel", "FRAUD", 1),
        ("models/registeredmodel", "fraud loan", 0),
        ("models/modelversion", "loan", 1),
        ("models/modelversion", "loan-default 1.0.0", 1),
        ("models/modelversion", "loan-default 2.0.0", 0),
        ("models/artifact", "card", 1),
        ("approvals/promotion", "card", 1),
        ("approvals/promotion", "contributor", 2),
        ("approvals/promotion", "card-fraud 1.0.0", 1),
        ("approvals/decision", "reviewer", 1),
        ("approvals/decision", "loan", 1),
        ("approvals/decision", "card", 0),
        ("approvals/signature", "reviewer", 1),
        ("lineage/node", "loan", 1),
        ("models/blob", "fraud", 0),
    ],
)
def test_search_finds(decided: Any, auditor: User, table: str, text: str, rows: int) -> None:
    assert shown(auditor, table, text) == rows


def test_word_that_names_a_model_and_a_person_finds_both(decided: Any, team: Team, auditor: User, owner: User) -> None:
    model = registry.registered_model(team, actor=owner, name="contributor-churn")
    version = registry.sealed_version(model, actor=owner, version="1.0.0")
    actions.submit(version, target_stage="production", reason="Better", actor=owner)
    assert shown(auditor, "approvals/promotion", "contributor") == 3


def test_version_is_found_by_its_digest(decided: dict[str, ModelVersion], auditor: User) -> None:
    digest = ModelVersion.objects.get(pk=decided["card-fraud"].pk).manifest_digest
    assert shown(auditor, "models/modelversion", digest) >= 1
    assert shown(auditor, "models/modelversion", digest[:-1]) == 0


@pytest.mark.parametrize("text", ["'", "\\", "a:*b & !", "-", "%", "_", " ", "\x00", "x" * 5_000, "é'é"])
@pytest.mark.parametrize(
    "table", ["models/registeredmodel", "models/modelversion", "approvals/promotion", "lineage/node"]
)
def test_hostile_text_finds_nothing_and_breaks_nothing(decided: Any, auditor: User, table: str, text: str) -> None:
    answer = browser(auditor).get(f"/admin/{table}/", {"q": text})
    assert answer.status_code == 200
