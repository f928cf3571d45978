"""Metadata standards: safe schemas only, every wrong field named, never passing when broken."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.models import User
from apps.core.errors import Forbidden, Invalid
from apps.models import actions, events, selectors, standards
from apps.models.models import MetadataStandard, ModelVersion, RegisteredModel
from tests import registry_factories as registry
from tests.assertions import assert_audited, assert_unchanged

CARD = {
    "type": "object",
    "required": ["intended_use", "owner_contact"],
    "properties": {
        "intended_use": {"type": "string", "minLength": 10},
        "owner_contact": {"type": "string", "pattern": "^[^@]+@[^@]+$"},
        "rows": {"type": "array", "items": {"type": "integer"}},
    },
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        ([], "schema"),
        ({"type": "objekt"}, "schema.type"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "schema.$schema"),
        ({"properties": {"a": {"$ref": "https://example.org/schema"}}}, "schema.properties.a.$ref"),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "schema.properties.a.$ref"),
        ({"$id": "https://example.org/x"}, "schema.$id"),
        ({"$ref": "#/$defs/none"}, "schema"),
        ({"$ref": "#"}, "schema"),
        ({"pattern": "(a+)+$"}, "schema.pattern"),
        ({"pattern": "(a|aa)+$"}, "schema.pattern"),
        ({"pattern": "((ab)*)*"}, "schema.pattern"),
        ({"pattern": "((a|aa)c?)+"}, "schema.pattern"),
        ({"pattern": "(?=a)b"}, "schema.pattern"),
        ({"pattern": r"(a)\1"}, "schema.pattern"),
        ({"patternProperties": {"(x*)*y": {}}}, "schema.patternProperties"),
        ({"pattern": "a" * 301}, "schema.pattern"),
        ({"pattern": "("}, "schema.pattern"),
    ],
)
def test_an_unsafe_or_broken_schema_is_refused(schema: Any, field: str, compliance: User) -> None:
    with assert_unchanged(MetadataStandard), pytest.raises(Invalid) as refused:
        actions.set_standard(risk_tier="high", stage="", schema=schema, actor=compliance)
    assert [error.field for error in refused.value.errors] == [field]


@pytest.mark.parametrize(
    "pattern", ["^[a-z]+(-[a-z0-9]+)?$", "^[^@]+@[^@]+$", r"^\d{4}-\d\d-\d\d$", "^(low|high)$", "[*+]+"]
)
def test_an_ordinary_pattern_is_accepted(pattern: str) -> None:
    assert standards.schema_errors({"pattern": pattern}) == []


def test_a_compliance_officer_sets_standards_that_count_up(compliance: User) -> None:
    first = actions.set_standard(risk_tier="high", stage="", schema={}, actor=compliance)
    with assert_audited(events.STANDARD_SET, actor=compliance) as recorded:
        second = actions.set_standard(risk_tier="high", stage="", schema=CARD, actor=compliance)
    assert (first.number, second.number) == (1, 2)
    assert recorded.data["before"] not in (None, recorded.data["after"])
    assert selectors.standard_for("high") == second
    assert selectors.standard_for("high", "production") is None


@pytest.mark.parametrize("who", ["owner", "administrator", "auditor", "superuser"])
def test_nobody_else_sets_a_standard(who: str, request: pytest.FixtureRequest) -> None:
    with assert_unchanged(MetadataStandard), pytest.raises(Forbidden):
        actions.set_standard(risk_tier="high", stage="", schema={}, actor=request.getfixturevalue(who))


def test_registration_names_every_missing_and_wrong_field(
    model: RegisteredModel, contributor: User, compliance: User
) -> None:
    actions.set_standard(risk_tier=model.risk_tier, stage="", schema=CARD, actor=compliance)
    metadata = {"owner_contact": "nobody", "rows": [1, "x"], "more": 1}
    with assert_unchanged(ModelVersion), pytest.raises(Invalid) as refused:
        actions.register_version(model, bump="patch", metadata=metadata, actor=contributor)
    assert sorted(error.field for error in refused.value.errors) == [
        "metadata.intended_use", "metadata.more", "metadata.owner_contact", "metadata.rows[1]",
    ]  # fmt: skip


def test_a_stage_s_standard_is_left_to_promotions(model: RegisteredModel, contributor: User, compliance: User) -> None:
    actions.set_standard(risk_tier=model.risk_tier, stage="production", schema=CARD, actor=compliance)
    version = registry.sealed_version(model, actor=contributor)
    assert selectors.metadata_errors(version) == []
    fields = [error.field for error in selectors.metadata_errors(version, "production")]
    assert fields == ["metadata.intended_use", "metadata.owner_contact"]


def test_a_standard_that_cannot_be_evaluated_lets_nothing_pass() -> None:
    (error,) = standards.value_errors({"$ref": "#/$defs/none"}, {})
    assert error.code == "broken_standard"


def test_a_text_too_long_for_a_pattern_is_refused_at_once() -> None:
    (error,) = standards.value_errors({"properties": {"a": {"pattern": "^(a|b)*c$"}}}, {"a": "a" * 100_000})
    assert "too long" in error.message
