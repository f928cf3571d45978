"""Rules for the words of the registry: text, tags, and bounded JSON that canonical JSON can hold exactly."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from typing import Any

from apps.core.canonical import canonical
from apps.core.errors import FieldError, Invalid
from apps.models.exact import SAFE_INTEGER

MAX_DESCRIPTION = 5_000
MAX_CARD = 20_000
MAX_TAGS = 30
MAX_TAG = 60
MAX_JSON_BYTES = 256 * 1024
MAX_JSON_DEPTH = 20
MAX_KEY = 200
MAX_METRICS = 500
MAX_METRIC_NAME = 100


def refuse(errors: list[FieldError]) -> None:
    """Raise Invalid with every error there is."""
    if errors:
        raise refusal(errors)


def refusal(errors: list[FieldError]) -> Invalid:
    """Return the error that names every wrong field."""
    return Invalid("; ".join(f"{error.field}: {error.message}" for error in errors[:5]), errors=errors)


def text_errors(
    field: str, value: Any, *, longest: int, required: bool = False, lines: bool = False
) -> list[FieldError]:
    """Return what is wrong with a text: its type, length, or characters that cannot be shown or stored."""
    if not isinstance(value, str):
        return [FieldError(field, "Give text.", "not_text")]
    if required and not value.strip():
        return [FieldError(field, "This must not be empty.", "required")]
    if len(value) > longest:
        return [FieldError(field, f"At most {longest:,} characters; this has {len(value):,}.", "too_long")]
    if any(unicodedata.category(sign) in {"Cc", "Cs"} and not (lines and sign in "\n\r\t") for sign in value):
        return [FieldError(field, "Control characters are not accepted.", "control_character")]
    return []


def tag_errors(tags: Iterable[Any]) -> list[FieldError]:
    """Return what is wrong with a list of tags."""
    given = list(tags)
    errors = [] if len(given) <= MAX_TAGS else [FieldError("tags", f"At most {MAX_TAGS} tags.", "too_many")]
    for index, tag in enumerate(given[:MAX_TAGS]):
        errors += text_errors(f"tags[{index}]", tag, longest=MAX_TAG, required=True)
    return errors


def metric_errors(metrics: Any) -> list[FieldError]:
    """Return what is wrong with metrics, `{name: finite number}`."""
    if not isinstance(metrics, dict):
        return [FieldError("metrics", "Give an object of names and numbers.", "not_an_object")]
    if len(metrics) > MAX_METRICS:
        return [FieldError("metrics", f"At most {MAX_METRICS} metrics; there are {len(metrics)}.", "too_many")]
    errors = []
    for name, value in metrics.items():
        field = f"metrics.{name}" if isinstance(name, str) else "metrics"
        errors += text_errors(field[:200], name, longest=MAX_METRIC_NAME, required=True)
        if not _is_finite_number(value):
            message = f"Give a finite number (whole numbers up to ±{SAFE_INTEGER})."
            errors.append(FieldError(field[:200], message, "not_a_number"))
    return errors


def object_errors(field: str, value: Any) -> list[FieldError]:
    """Return what is wrong with a JSON object: its type, depth, size, or values that cannot be kept exactly."""
    if not isinstance(value, dict):
        return [FieldError(field, "Give an object.", "not_an_object")]
    if errors := _value_errors(field, value, 1)[:20]:
        return errors
    try:
        size = len(canonical(value))
    except Invalid as error:
        return [FieldError(field, error.detail, error.code)]
    if size > MAX_JSON_BYTES:
        return [FieldError(field, f"At most {MAX_JSON_BYTES:,} bytes of JSON; this has {size:,}.", "too_large")]
    return []


def _value_errors(field: str, value: Any, depth: int) -> list[FieldError]:
    field = field[:200]
    if depth > MAX_JSON_DEPTH:
        return [FieldError(field, f"Nested deeper than {MAX_JSON_DEPTH} levels.", "too_deep")]
    if isinstance(value, dict):
        found = [error for key, item in value.items() for error in _member_errors(field, key, item, depth)]
    elif isinstance(value, list):
        found = [e for index, item in enumerate(value) for e in _value_errors(f"{field}[{index}]", item, depth + 1)]
    elif isinstance(value, str):
        found = [] if _is_storable(value) else [FieldError(field, "Text with NUL or half a surrogate.", "bad_text")]
    elif isinstance(value, bool) or value is None or _is_finite_number(value):
        found = []
    else:
        message = f"Give a JSON value; whole numbers beyond ±{SAFE_INTEGER} must be written as text."
        found = [FieldError(field, message, "not_exact")]
    return found


def _member_errors(field: str, key: Any, item: Any, depth: int) -> list[FieldError]:
    if isinstance(key, str) and len(key) > MAX_KEY:
        return [FieldError(field, f"Keys have at most {MAX_KEY} characters.", "too_long")]
    if not isinstance(key, str) or not _is_storable(key):
        return [FieldError(field, "Keys are text without NUL or half a surrogate.", "bad_text")]
    return _value_errors(f"{field}.{key}", item, depth + 1)


def _is_storable(value: str) -> bool:
    return "\x00" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _is_finite_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) <= SAFE_INTEGER if isinstance(value, int) else math.isfinite(value)
