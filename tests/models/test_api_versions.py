"""Versions and stages over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from apps.accounts.models import User
from apps.core import clock
from apps.models.models import ModelVersion, RegisteredModel
from tests import factories
from tests import registry_factories as registry
from tests.assertions import assert_unchanged

MODEL = "/api/v1/models/card-fraud/"
VERSIONS = f"{MODEL}versions/"


def test_a_pipeline_registers_fills_and_seals_a_version(model: RegisteredModel, pipeline: User) -> None:
    api = factories.api(pipeline)
    body = {"version": "1.4.0", "metrics": {"auc": 0.95}, "lineage": {"code": {"repository": "r", "commit": "c"}}}
    opened = api.post(VERSIONS, body)
    assert (opened.status_code, opened["Location"]) == (201, f"{VERSIONS}1.4.0/")
    put = api.put(f"{VERSIONS}1.4.0/artifacts/a/model.bin", data=b"x", content_type="application/octet-stream")
    assert (put.status_code, put.json()["outcome"]) == (201, "created")
    sealed = api.post(f"{VERSIONS}1.4.0/seal/")
    assert sealed.status_code == 200
    assert (sealed.json()["state"], sealed.json()["stage"], sealed.json()["number"]) == ("ready", "experimental", 1)
    assert sealed.json()["metrics"] == {"auc": 0.95}
    assert sealed.json()["artifacts"][0]["url"] == "http://testserver" + f"{VERSIONS}1.4.0/artifacts/a/model.bin"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "version"),
        ({"version": "one"}, "version"),
        ({"version": 1}, "version"),
        ({"bump": "more"}, "bump"),
        ({"bump": "patch", "metric": {}}, "metric"),
        ({"bump": "patch", "metrics": {"auc": None}}, "metrics.auc"),
        ({"bump": "patch", "lineage": {"data": []}}, "lineage.data"),
    ],
)
def test_wrong_input_names_the_field(body: dict[str, Any], field: str, model: RegisteredModel, pipeline: User) -> None:
    api = factories.api(pipeline)
    with assert_unchanged(ModelVersion):
        answer = api.post(VERSIONS, body)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])


@pytest.mark.parametrize("body", ['{"bump": "patch", "metrics": {"auc": NaN}}', '{"bump": "patch"', "[]", '"x"', "7"])
def test_malformed_bodies_are_refused(body: str, model: RegisteredModel, pipeline: User) -> None:
    api = factories.api(pipeline)
    with assert_unchanged(ModelVersion):
        answer = api.post(VERSIONS, body, content_type="application/json")
    assert answer.status_code == 400


def test_a_duplicate_is_reported_with_its_address(model: RegisteredModel, contributor: User) -> None:
    registry.sealed_version(model, files={"m": b"same"})
    registry.sealed_version(files={"m": b"same"})
    version = registry.pending_version(model)
    registry.artifact(version, "m", b"same")
    answer = factories.api(contributor).post(f"{VERSIONS}{version.version}/seal/").json()
    url = f"http://testserver{VERSIONS}1.0.0/"
    assert answer["duplicates"] == [{"model": "card-fraud", "version": "1.0.0", "url": url}]
    assert answer["hidden_duplicates"] == 1


def test_a_version_is_given_up_with_a_reason(model: RegisteredModel, contributor: User) -> None:
    version = registry.pending_version(model)
    answer = factories.api(contributor).post(f"{VERSIONS}{version.number}/fail/", {"reason": "Diverged."})
    assert (answer.json()["state"], answer.json()["failure"], answer.json()["stage"]) == ("failed", "Diverged.", None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["2.0.0", "2.0.0-rc.1", "1.10.0", "1.9.0"]),
        ("?state=pending", ["2.0.0-rc.1"]),
        ("?stage=production", ["1.9.0"]),
        ("?metric=auc>=0.9", ["2.0.0", "1.10.0"]),
        ("?metric=auc<0.9", ["1.9.0"]),
        ("?metric=a'b__x=1", []),
    ],
)
def test_versions_are_listed_by_precedence(query: str, found: list[str], model: RegisteredModel, auditor: User) -> None:
    registry.sealed_version(model, version="1.9.0", stage="production", metrics={"auc": 0.8})
    registry.sealed_version(model, version="2.0.0", metrics={"auc": 0.95})
    registry.pending_version(model, version="2.0.0-rc.1")
    registry.sealed_version(model, version="1.10.0", metrics={"auc": 0.9})
    answer = factories.api(auditor).get(VERSIONS + query)
    assert [version["version"] for version in answer.json()["results"]] == found


@pytest.mark.parametrize("query", ["metric=auc", "metric=auc>x", "state=none", "stage=none"])
def test_a_wrong_filter_is_refused(query: str, model: RegisteredModel, auditor: User) -> None:
    assert factories.api(auditor).get(f"{VERSIONS}?{query}").status_code == 400


def test_production_is_answered_with_artifacts_and_an_etag(model: RegisteredModel, reviewer: User) -> None:
    version = registry.sealed_version(model, files={"a/é b.bin": b"x"}, stage="production")
    api = factories.api(reviewer)
    answer = api.get(f"{MODEL}production/")
    artifact = version.artifacts.get()
    url = f"http://testserver{VERSIONS}{version.version}/artifacts/{quote(artifact.path)}"
    body = answer.json()
    assert body["artifacts"] == [{"path": artifact.path, "size": 1, "sha256": artifact.blob_id, "url": url}]
    assert (body["model"], body["version"], body["number"], body["stage"]) == ("card-fraud", "1.0.0", 1, "production")
    assert (body["manifest_digest"], body["until"]) == (version.manifest_digest, None)
    assert b"".join(api.get(url).streaming_content) == b"x"
    again = api.get(f"{MODEL}production/", headers={"If-None-Match": f'W/"other", {answer["ETag"]}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])


def test_the_etag_changes_with_production(model: RegisteredModel, reviewer: User) -> None:
    api = factories.api(reviewer)
    registry.sealed_version(model, stage="production")
    first = api.get(f"{MODEL}production/")
    registry.sealed_version(model, stage="production")
    second = api.get(f"{MODEL}production/", headers={"If-None-Match": first["ETag"]})
    assert (second.status_code, second.json()["version"]) == (200, "1.0.1")


@pytest.mark.parametrize(
    "form", ["{0:%Y-%m-%dT%H:%M:%S.%f}Z", "{0:%Y-%m-%dT%H:%M:%S.%f}+00:00", "{0:%Y-%m-%d %H:%M:%S.%f}%2B00:00"]
)
def test_production_is_answered_at_a_past_instant(form: str, model: RegisteredModel, reviewer: User) -> None:
    registry.sealed_version(model, stage="production")
    between = clock.now()
    registry.sealed_version(model, stage="production")
    answer = factories.api(reviewer).get(f"{MODEL}production/?at={form.format(between)}")
    assert answer.json()["version"] == "1.0.0"
    assert answer.json()["until"]


NO_TIMES = [
    "", "yesterday", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-01-01T24:00:61Z",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00%2B10:00", "9999-12-31T23:59:59-10:00", "1760000000",
    "2026-01-01T00:00:00%2B99:00", "%00", "٢٠٢٦-01-01T00:00:00Z",
]  # fmt: skip


@pytest.mark.parametrize("at", NO_TIMES)
@pytest.mark.parametrize("where", [f"{MODEL}production/", "/api/v1/inventory/"])
def test_a_time_that_is_none_is_refused_with_an_example(
    at: str, where: str, model: RegisteredModel, auditor: User
) -> None:
    answer = factories.api(auditor).get(f"{where}?at={at}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_time")
    assert "2026-03-01T12:00:00Z" in answer.json()["detail"]


@pytest.mark.parametrize("query", ["", "?at=2020-01-01T00:00:00Z"])
def test_nothing_in_production_has_its_own_code(query: str, model: RegisteredModel, reviewer: User) -> None:
    answer = factories.api(reviewer).get(f"{MODEL}production/{query}")
    assert (answer.status_code, answer.json()["code"]) == (404, "nothing_in_production")


def test_stages_are_listed_and_unknown_ones_refused(model: RegisteredModel, reviewer: User) -> None:
    registry.sealed_version(model, stage="staging")
    api = factories.api(reviewer)
    assert [row["version"] for row in api.get(f"{MODEL}stages/staging/").json()["results"]] == ["1.0.0"]
    assert [row["stage"] for row in api.get(f"{MODEL}stages/").json()["results"]] == ["staging", "experimental"]
    unknown = api.get(f"{MODEL}stages/live/")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_stage")


def test_the_inventory_is_answered_now_and_then(model: RegisteredModel, reviewer: User) -> None:
    version = registry.sealed_version(model, stage="production")
    api = factories.api(reviewer)
    (row,) = api.get("/api/v1/inventory/?stage=production&team=cards").json()["results"]
    assert (row["model"], row["version"], row["risk_tier"], row["until"]) == ("card-fraud", "1.0.0", "medium", None)
    assert version.sealed_at is not None
    before = version.sealed_at - timedelta(seconds=1)
    assert api.get("/api/v1/inventory/", {"at": before.isoformat()}).json()["results"] == []
