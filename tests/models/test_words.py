"""Bounds of what a version says of itself, and numbers that come back as they were given."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.canonical import canonical
from apps.models import provenance, words
from apps.models.exact import SAFE_INTEGER, ExactDecoder
from apps.models.metrics import lower_is_better


def nested(depth: int) -> dict[str, Any]:
    """Return an object of this depth."""
    value: dict[str, Any] = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize("value", [True, "0.9", None, math.nan, math.inf, -math.inf, [1], SAFE_INTEGER + 1, 10**400])
def test_a_metric_that_is_no_finite_number_is_refused_by_name(value: Any) -> None:
    (error,) = words.metric_errors({"auc": 0.9, "bad": value})
    assert (error.field, error.code) == ("metrics.bad", "not_a_number")


@pytest.mark.parametrize("value", [0, -1, 0.1, 1e300, 5e-324, SAFE_INTEGER])
def test_a_finite_metric_is_accepted(value: float) -> None:
    assert words.metric_errors({"auc": value}) == []


@pytest.mark.parametrize(
    "metrics", [[], "x", {"": 1}, {"a" * 101: 1}, {"a\n": 1}, {f"m{index}": 1 for index in range(501)}]
)
def test_metrics_of_another_shape_are_refused(metrics: Any) -> None:
    assert words.metric_errors(metrics)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], "not_an_object"),
        (nested(21), "too_deep"),
        ({"a": "x" * words.MAX_JSON_BYTES}, "too_large"),
        ({"a": [{"b": 2**53}]}, "not_exact"),
        ({"a": math.nan}, "not_exact"),
        ({"a": b"bytes"}, "not_exact"),
        ({"a": "nul\x00"}, "bad_text"),
        ({"a\ud800": 1}, "bad_text"),
        ({"a": "\udfff"}, "bad_text"),
        ({"a" * 201: 1}, "too_long"),
        ({1: 1}, "bad_text"),
    ],
)
def test_an_object_that_cannot_be_kept_exactly_is_refused(value: Any, code: str) -> None:
    assert [error.code for error in words.object_errors("parameters", value)] == [code]


def test_the_error_names_the_place() -> None:
    (error,) = words.object_errors("metadata", {"a": [{"b": 2**60}]})
    assert error.field == "metadata.a[0].b"


def test_an_object_within_bounds_is_accepted() -> None:
    assert words.object_errors("metadata", {**nested(20), "text": "é\n", "none": None, "yes": True, "n": 1.5}) == []


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_comes_back_from_digits_as_it_was(value: float) -> None:
    written = format(value, "f") if value == int(value) else repr(value)
    stored = written.removesuffix(".000000")
    assert canonical(json.loads(stored, cls=ExactDecoder)) == canonical(value)


@pytest.mark.parametrize(
    ("lineage", "field", "code"),
    [
        ([], "lineage", "not_an_object"),
        ({"dataset": []}, "lineage.dataset", "unknown_field"),
        ({"datasets": {}}, "lineage.datasets", "not_a_list"),
        ({"datasets": [{"version": "1"}]}, "lineage.datasets[0].name", "required"),
        ({"datasets": [{"name": "a"}, {"name": 5}]}, "lineage.datasets[1].name", "not_text"),
        ({"datasets": [{"name": "a", "rows": 5}]}, "lineage.datasets[0].rows", "unknown_field"),
        ({"datasets": ["a"]}, "lineage.datasets[0]", "not_an_object"),
        ({"datasets": [{"name": "a", "uri": "javascript:alert(1)"}]}, "lineage.datasets[0].uri", "invalid_uri"),
        ({"datasets": [{"name": "a\x00"}]}, "lineage.datasets[0].name", "control_character"),
        ({"datasets": [{"name": "a"}] * 101}, "lineage.datasets", "too_many"),
        ({"code": {"repository": "r"}}, "lineage.code.commit", "required"),
        ({"run": {"system": "airflow"}}, "lineage.run.id", "required"),
        ({"run": "x"}, "lineage.run", "not_an_object"),
        ({"parents": ["card-fraud"]}, "lineage.parents[0].version", "required"),
        ({"parents": [7]}, "lineage.parents[0]", "not_an_object"),
    ],
)
def test_wrong_lineage_is_refused_by_dotted_name(lineage: Any, field: str, code: str) -> None:
    _, errors = provenance.checked(lineage)
    assert [(error.field, error.code) for error in errors] == [(field, code)]


def test_lineage_is_brought_into_its_full_shape() -> None:
    shaped, errors = provenance.checked({"datasets": [{"name": "cards", "uri": None}], "parents": ["fraud 1.2.0"]})
    parents = [{"model": "fraud", "version": "1.2.0"}]
    assert (shaped, errors) == ({"datasets": [{"name": "cards"}], "code": None, "run": None, "parents": parents}, [])


@pytest.mark.parametrize("name", ["loss", "val_loss", "rmse", "brier", "log_loss", "latency ms", "p95_latency", "WER"])
def test_errors_and_times_are_better_when_lower(name: str) -> None:
    assert lower_is_better(name)


@pytest.mark.parametrize("name", ["auc", "accuracy", "recall", "f1", "glossary", "r2"])
def test_other_metrics_are_better_when_higher(name: str) -> None:
    assert not lower_is_better(name)
