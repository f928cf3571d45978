"""JSON in: nothing that two readers could read differently. JSON out: quick, and equal to what was meant."""

from __future__ import annotations

import datetime
import decimal
import io
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings
from rest_framework.exceptions import ParseError

from apps.core.errors import TooLarge
from registry_portal.json import StrictJSONParser, dumps, loads

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(PLAIN)
def test_value_survives_the_way_out_and_in(value: object) -> None:
    assert loads(dumps(value)) == value


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"x": {"a": 1, "a": 2}}', "twice"),
        (b"NaN", "NaN"),
        (b'{"m": -Infinity}', "Infinity"),
        (b"1e999", "too large"),
        (b'"\\u0000"', "null character"),
        (b'{"\\u0000": 1}', "null character"),
        (b'"\\ud800"', "surrogate"),
        (b"\xff\xfe", "UTF-8"),
        (b"{", "valid JSON"),
        (b"", "valid JSON"),
        (b'{"a": 1,}', "valid JSON"),
        (b"[" * 100 + b"]" * 100, "nested"),
        (b"[" * 200_000, "nested"),
        (b"1" * 5000, "valid JSON"),
    ],
)
def test_ambiguous_or_harmful_body_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        loads(body)


def test_types_of_serializers_are_written_as_the_framework_writes_them() -> None:
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    token = uuid.UUID(int=7)
    value = {"at": moment, "id": token, "sum": decimal.Decimal("1.50"), 3: None, "big": 2**70}
    assert json.loads(dumps(value)) == {
        "at": "2026-01-02T03:04:05Z", "id": str(token), "sum": 1.5, "3": None, "big": 2**70,
    }  # fmt: skip


def test_body_over_the_limit_is_refused_before_it_is_kept(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert StrictJSONParser().parse(io.BytesIO(b'{"a": 123}')) == {"a": 123}
    endless = io.BytesIO(b"[" * 1000)
    with pytest.raises(TooLarge):
        StrictJSONParser().parse(endless)
    assert endless.tell() == 11
