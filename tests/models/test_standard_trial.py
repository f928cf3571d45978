"""Trying a metadata standard: on metadata, and on what is in production, before it is set."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.models import events, standard_trial
from apps.models.models import MetadataStandard
from tests import registry_factories as registry
from tests.assertions import assert_audited, assert_unchanged
from tests.factories import browser

SCHEMA = {"type": "object", "required": ["intended_use"], "properties": {"intended_use": {"minLength": 5}}}
PAGE = "/admin/models/metadatastandard/add/"


def in_production(name: str, tier: str = "high", **metadata: Any) -> None:
    """Put a version of a new model into production."""
    model = registry.registered_model(name=name, risk_tier=tier)
    registry.sealed_version(model, version="1.0.0", metadata=metadata, stage="production")


@pytest.fixture
def registered(db: None) -> None:
    """Two versions in production at the tier, one of which says what it is for; and one elsewhere."""
    in_production("says", intended_use="Scores cards")
    in_production("silent")
    in_production("elsewhere", tier="low")


def tried(user: User, **given: str) -> str:
    """Return the page after trying."""
    form = {"risk_tier": "high", "stage": "", "schema": json.dumps(SCHEMA), "metadata": "", "step": "try", **given}
    with assert_unchanged(MetadataStandard):
        answer = browser(user).post(PAGE, form)
    assert answer.status_code == 200
    return answer.content.decode()


def test_shortfall_counts_versions_in_production_of_the_tier(registered: None) -> None:
    found = standard_trial.shortfall(SCHEMA, "high")
    assert (found.tried, found.short, found.more) == (2, 1, False)
    ((version, errors),) = found.examples
    assert (str(version), [error.field for error in errors]) == ("silent 1.0.0", ["metadata.intended_use"])


def test_shortfall_is_one_query(registered: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        standard_trial.shortfall(SCHEMA, "high")
    assert len(queries) == 1


def test_trial_names_what_is_missing_or_wrong() -> None:
    assert [error.field for error in standard_trial.trial(SCHEMA, {"intended_use": "x"})] == ["metadata.intended_use"]
    assert standard_trial.trial(SCHEMA, {"intended_use": "Scores cards"}) == []
    assert [error.field for error in standard_trial.trial({"type": "objekt"}, {})] == ["schema.type"]


def test_officer_tries_pasted_metadata(compliance: User, registered: None) -> None:
    page = tried(compliance, metadata='{"intended_use": "x"}')
    assert "1 field missing or wrong" in page
    assert "<strong>1 of 2</strong> versions in production" in page


@pytest.mark.parametrize(("name", "said"), [("says", "These metadata meet"), ("silent", "1 field missing or wrong")])
def test_officer_tries_a_version(compliance: User, registered: None, name: str, said: str) -> None:
    assert said in tried(compliance, model=name)
    assert said in tried(compliance, model=name, version="1.0.0")


def test_unknown_version_is_said(compliance: User, registered: None) -> None:
    assert "no model of this name" in tried(compliance, model="no-such")
    assert "no version" in tried(compliance, model="says", version="9.9.9")


@pytest.mark.parametrize("schema", ["{", '{"type": "objekt"}', '{"pattern": "(a+)+"}', "[]"])
def test_broken_schema_is_refused_with_the_reason(compliance: User, schema: str) -> None:
    page = tried(compliance, schema=schema)
    assert "field-error" in page
    with assert_unchanged(MetadataStandard):
        browser(compliance).post(PAGE, {"risk_tier": "high", "stage": "", "schema": schema})


def test_standard_is_set_only_without_trying(compliance: User) -> None:
    form = {"risk_tier": "high", "stage": "production", "schema": json.dumps(SCHEMA)}
    with assert_audited(events.STANDARD_SET, actor=compliance):
        browser(compliance).post(PAGE, form)
    standard = MetadataStandard.objects.get()
    assert (standard.schema, standard.stage) == (SCHEMA, "production")
    again = browser(compliance).get(f"{PAGE}?from={standard.pk}").content.decode()
    assert "intended_use" in again


@pytest.mark.parametrize("persona", ["auditor", "superuser", "administrator", "owner"])
def test_others_neither_try_nor_set(personas: dict[str, User], persona: str) -> None:
    with assert_unchanged(MetadataStandard):
        for step in ("try", ""):
            form = {"risk_tier": "high", "stage": "", "schema": "{}", "step": step}
            assert browser(personas[persona]).post(PAGE, form).status_code in (302, 403)
