"""Metadata standards: JSON Schema (draft 2020-12) without references elsewhere and without runaway patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import SchemaError
from jsonschema.validators import extend

from apps.core.errors import FieldError
from apps.models.words import object_errors

DRAFT = "https://json-schema.org/draft/2020-12/schema"
MAX_PATTERN = 300
# Texts longer than this are not matched against patterns: backtracking grows with their length.
MAX_MATCHED = 1_000
MAX_ERRORS = 50
REFERENCES = ("$ref", "$dynamicRef")
REPETITIONS = frozenset("*+{")
# A back-reference, a look-around or a named group.
REFUSED = re.compile(r"\\[1-9]|\(\?[=!<P]")
ATOM = re.compile(r"\\.|\[\^?\]?[^\]]*\]", re.DOTALL)


def schema_errors(schema: Any) -> list[FieldError]:
    """Return what is wrong with a JSON Schema before it is set as a standard."""
    if errors := object_errors("schema", schema):
        return errors
    if schema.get("$schema", DRAFT) != DRAFT:
        return [FieldError("schema.$schema", f"Use {DRAFT}.", "unknown_draft")]
    if errors := list(_unsafe("schema", schema)):
        return errors[:MAX_ERRORS]
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return [FieldError(_place("schema", error), error.message[:300], "invalid_schema")]
    return _trial(schema)


def value_errors(schema: Any, value: Any, field: str = "metadata") -> list[FieldError]:
    """Return every missing or wrong field of `value`, with dotted names below `field`.

    A standard that cannot be evaluated yields an error as well: it never lets anything pass.
    """
    try:
        errors = [item for error in _Validator(schema).iter_errors(value) for item in _named(field, error)]
    except Exception:  # noqa: BLE001 - whatever is wrong with a schema, nothing passes
        message = "The metadata standard cannot be evaluated; ask a compliance officer."
        return [FieldError(field, message, "broken_standard")]
    return sorted(dict.fromkeys(errors), key=lambda error: error.field)[:MAX_ERRORS]


def _match(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if not isinstance(value, str):
        return
    if len(value) > MAX_MATCHED:
        yield ValidationError(f"This is longer than {MAX_MATCHED} characters, too long for a pattern.")
    elif not re.search(pattern, value):
        yield ValidationError(f"This does not match the pattern {pattern}")


_Validator: Any = extend(Draft202012Validator, {"pattern": _match})  # type: ignore[no-untyped-call]


def _trial(schema: Any) -> list[FieldError]:
    """Evaluate once, to refuse schemas that refer to themselves without end or to nothing."""
    try:
        list(_Validator(schema).iter_errors({}))
    except Exception:  # noqa: BLE001 - the library raises many kinds
        message = "The schema cannot be evaluated: a reference leads nowhere or round."
        return [FieldError("schema", message, "invalid_schema")]
    return []


def _unsafe(field: str, value: Any) -> Iterator[FieldError]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unsafe(f"{field}[{index}]", item)
        return
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        place = f"{field}.{key}"[:200]
        if key in REFERENCES and not (isinstance(item, str) and item.startswith("#")):
            yield FieldError(place, "Only references within the schema (#/…) are accepted.", "remote_reference")
        if key == "$id":
            yield FieldError(place, "$id is not accepted: references stay within the schema.", "remote_reference")
        if any(_is_runaway(pattern) for pattern in _patterns(key, item)):
            message = f"Use a pattern of at most {MAX_PATTERN} characters without nested repetition or back-references."
            yield FieldError(place, message, "unsafe_pattern")
        yield from _unsafe(place, item)


def _patterns(key: str, item: Any) -> list[str]:
    if key == "pattern" and isinstance(item, str):
        return [item]
    return list(item) if key == "patternProperties" and isinstance(item, dict) else []


def _is_runaway(pattern: str) -> bool:
    """Tell whether matching may take exponential time: repetition or choice inside something repeated."""
    if len(pattern) > MAX_PATTERN or REFUSED.search(pattern):
        return True
    plain = ATOM.sub("x", pattern)
    branching = [False]
    for sign, following in zip(plain, plain[1:] + " ", strict=True):
        if sign == "(":
            branching.append(False)
        elif sign == ")" and len(branching) > 1:
            inside = branching.pop()
            if inside and following in REPETITIONS:
                return True
            branching[-1] = branching[-1] or inside
        elif sign in REPETITIONS or sign == "|":
            branching[-1] = True
    return False


def _named(field: str, error: Any) -> list[FieldError]:
    place = _place(field, error)
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return [FieldError(f"{place}.{name}", "This field is required.", "required") for name in missing]
    if error.validator == "additionalProperties" and error.validator_value is False:
        known = error.schema.get("properties", {})
        extra = [name for name in error.instance if name not in known]
        return [FieldError(f"{place}.{name}"[:200], "Unknown field.", "unknown_field") for name in extra]
    return [FieldError(place, error.message[:300], str(error.validator or "invalid"))]


def _place(field: str, error: ValidationError | SchemaError) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    return (field + "".join(parts))[:200]
