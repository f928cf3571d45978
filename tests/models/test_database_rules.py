"""What the database itself refuses, whoever asks: tried by raw SQL."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from apps.accounts.models import User
from apps.models import actions
from apps.models.models import ModelVersion, RegisteredModel
from tests import registry_factories as registry


def refused(statement: str, *values: object) -> str:
    """Run SQL that must fail; return the first line of why."""
    with pytest.raises(DatabaseError) as error:
        run("SET CONSTRAINTS ALL IMMEDIATE", statement, *values)
    return str(error.value).splitlines()[0]


@transaction.atomic
def run(first: str, second: str, *values: object) -> None:
    """Run two statements, as raw as they are."""
    with connection.cursor() as cursor:
        cursor.execute(first)
        cursor.execute(second, values)


@pytest.fixture
def sealed(model: RegisteredModel) -> ModelVersion:
    """A sealed version with one artifact."""
    return registry.sealed_version(model, metrics={"auc": 0.9})


@pytest.mark.parametrize(
    "change",
    [
        "metrics = '{}'", "parameters = '{\"a\": 1}'", "metadata = '{\"a\": 1}'", "lineage = '{}'", "version = '9.9.9'",
        "number = 99", "precedence = 'x'", "description = 'x'", "registered_by_id = registered_by_id + 1",
        "state = 'pending', sealed_at = NULL", "manifest_digest = 'x'", "sealed_at = now()", "created_at = now()",
    ],
)  # fmt: skip
def test_nothing_of_a_sealed_version_changes(change: str, sealed: ModelVersion) -> None:
    assert "immutable" in refused(f"UPDATE models_modelversion SET {change} WHERE id = %s", sealed.pk)


@pytest.mark.parametrize("change", ["metrics = '{\"a\": 1}'", "version = '9.9.9'", "number = 99"])
def test_content_of_a_pending_version_stays_as_registered(change: str, model: RegisteredModel) -> None:
    version = registry.pending_version(model)
    assert "immutable" in refused(f"UPDATE models_modelversion SET {change} WHERE id = %s", version.pk)


def test_a_failed_version_stays_failed(model: RegisteredModel) -> None:
    version = registry.pending_version(model)
    actions.fail_version(version, reason="Broken.", actor=version.registered_by)
    assert "immutable" in refused("UPDATE models_modelversion SET state = 'pending' WHERE id = %s", version.pk)


@pytest.mark.parametrize("table", ["modelversion", "registeredmodel", "blob", "stageassignment", "metadatastandard"])
def test_rows_are_never_deleted(table: str, sealed: ModelVersion, compliance: User) -> None:
    actions.set_standard(risk_tier="low", stage="", schema={}, actor=compliance)
    assert "keeps its rows" in refused(f"DELETE FROM models_{table}")
    assert "keeps its rows" in refused(f"TRUNCATE models_{table} CASCADE")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO models_artifact (version_id, path, blob_id, uploaded_by_id, uploaded_at)"
        " SELECT version_id, 'new', blob_id, uploaded_by_id, now() FROM models_artifact",
        "UPDATE models_artifact SET path = 'other'",
        "UPDATE models_artifact SET uploaded_at = now()",
        "DELETE FROM models_artifact",
    ],
)
def test_artifacts_of_a_sealed_version_stay(statement: str, sealed: ModelVersion) -> None:
    assert "artifact" in refused(statement)


def test_an_artifact_never_moves_to_another_version(model: RegisteredModel) -> None:
    registry.artifact(registry.pending_version(model))
    other = registry.pending_version(model)
    assert "keeps its version" in refused("UPDATE models_artifact SET version_id = %s", other.pk)


def test_paths_that_differ_by_case_alone_are_refused(model: RegisteredModel) -> None:
    registry.artifact(registry.pending_version(model), "model.bin")
    copy = "INSERT INTO models_artifact (version_id, path, blob_id, uploaded_by_id, uploaded_at)"
    copy += " SELECT version_id, 'MODEL.bin', blob_id, uploaded_by_id, now() FROM models_artifact"
    assert "models_artifact_path_any_case" in refused(copy)


@pytest.mark.parametrize("change", ["size = 1", "format = 'onnx'", "facts = '{\"a\": 1}'", "sha256 = 'x'"])
def test_of_a_blob_only_the_scan_changes(change: str, sealed: ModelVersion) -> None:
    assert "immutable" in refused(f"UPDATE models_blob SET {change}")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE models_blob SET scan_verdict = 'clean', scanned_at = now(), scan_report = '{\"a\": 1}'")


@pytest.mark.parametrize("change", ["name = 'other'", "registered_by_id = registered_by_id + 1"])
def test_a_model_keeps_its_name_and_origin(change: str, model: RegisteredModel) -> None:
    assert "keeps its name" in refused(f"UPDATE models_registeredmodel SET {change}")


def test_a_standard_never_changes(compliance: User) -> None:
    actions.set_standard(risk_tier="low", stage="", schema={}, actor=compliance)
    assert "keeps its rows" in refused('UPDATE models_metadatastandard SET schema = \'{"type": "object"}\'')


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE models_stageassignment SET stage = 'production'", "only be closed"),
        ("UPDATE models_stageassignment SET promotion_id = 5", "only be closed"),
        ("UPDATE models_stageassignment SET period = tstzrange('2020-01-01', NULL)", "only be closed"),
        ("UPDATE models_stageassignment SET period = tstzrange('2020-01-01', now())", "only be closed"),
        ("UPDATE models_stageassignment SET period = 'empty'", "only be closed"),
    ],
)
def test_of_a_stage_only_the_end_is_written(statement: str, why: str, sealed: ModelVersion) -> None:
    assert why in refused(statement)


def test_a_closed_stage_stays_closed(sealed: ModelVersion) -> None:
    registry.in_stage(sealed, "staging")
    reopen = "UPDATE models_stageassignment SET period = tstzrange(lower(period), NULL) WHERE NOT upper_inf(period)"
    assert "only be closed" in refused(reopen)


INSERT = (
    "INSERT INTO models_stageassignment (registered_model_id, version_id, stage, period)"
    " VALUES (%s, %s, %s, tstzrange(%s, %s))"
)


def test_a_version_is_in_one_stage_at_a_time(sealed: ModelVersion) -> None:
    row = (sealed.registered_model_id, sealed.pk, "staging", sealed.sealed_at, None)
    assert "models_stage_one_per_version" in refused(INSERT, *row)


@pytest.mark.parametrize(
    ("start", "end"), [("2020-01-01", "2026-01-01"), ("2020-01-01", "2020-05-02"), ("2020-06-01", "2021-01-01")]
)
def test_a_model_has_one_version_in_production_at_a_time(start: str, end: str, model: RegisteredModel) -> None:
    first, second = registry.sealed_version(model), registry.sealed_version(model)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [model.pk, first.pk, "production", "2020-05-01", "2020-07-01"])
    assert "models_stage_one_production" in refused(INSERT, model.pk, second.pk, "production", start, end)


def test_other_models_and_adjacent_times_do_not_collide(model: RegisteredModel) -> None:
    first, second, other = registry.sealed_version(model), registry.sealed_version(model), registry.sealed_version()
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [model.pk, first.pk, "production", "2020-05-01", "2020-07-01"])
        cursor.execute(INSERT, [model.pk, second.pk, "production", "2020-07-01", "2020-08-01"])
        cursor.execute(INSERT, [other.registered_model_id, other.pk, "production", "2020-05-01", "2020-07-01"])


def test_a_stage_needs_a_sealed_version_of_its_model(model: RegisteredModel, sealed: ModelVersion) -> None:
    pending, other = registry.pending_version(model), registry.registered_model()
    assert "only a sealed version" in refused(INSERT, model.pk, pending.pk, "staging", "2020-01-01", None)
    why = refused(INSERT, other.pk, sealed.pk, "staging", "2020-01-01", "2020-02-01")
    assert "models_stage_version_of_model" in why


def test_an_alias_names_a_version_of_its_model(model: RegisteredModel, sealed: ModelVersion) -> None:
    other = registry.registered_model()
    statement = "INSERT INTO models_alias (registered_model_id, name, version_id, set_by_id, set_at)"
    statement += " VALUES (%s, 'champion', %s, %s, now())"
    assert "models_alias_version_of_model" in refused(statement, other.pk, sealed.pk, sealed.registered_by_id)
