"""The lineage that a version is registered with: checked field by field, with dotted names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.core.errors import FieldError
from apps.models.words import text_errors

MAX_ENTRIES = 100
LONGEST = 500
LONGEST_URI = 2_000
REFUSED_SCHEMES = ("javascript:", "data:", "vbscript:")

# Field name -> required.
DATASET = {"namespace": False, "name": True, "version": False, "digest": False, "uri": False}
CODE = {"repository": True, "commit": True, "path": False}
RUN = {"system": False, "id": True, "uri": False}
PARENT = {"model": True, "version": True}
PARTS = ("datasets", "code", "run", "parents")

Checked = tuple[dict[str, Any], list[FieldError]]


def checked(lineage: Any) -> Checked:
    """Return the lineage in its full shape (`parents` as `{"model", "version"}`) and everything wrong with it."""
    if not isinstance(lineage, dict):
        return {}, [FieldError("lineage", "Give an object.", "not_an_object")]
    errors = _unknown("lineage", lineage, PARTS)
    shaped: dict[str, Any] = {}
    for name, read in (("datasets", _dataset), ("parents", _parent)):
        shaped[name], found = _list(f"lineage.{name}", lineage.get(name), read)
        errors += found
    for name, fields in (("code", CODE), ("run", RUN)):
        shaped[name], found = _object(f"lineage.{name}", lineage.get(name) or None, fields)
        errors += found
    return {name: shaped[name] for name in PARTS}, errors


def _list(field: str, value: Any, read: Callable[[str, Any], Checked]) -> tuple[list[Any], list[FieldError]]:
    if value is None:
        return [], []
    if not isinstance(value, list):
        return [], [FieldError(field, "Give a list.", "not_a_list")]
    if len(value) > MAX_ENTRIES:
        return [], [FieldError(field, f"At most {MAX_ENTRIES} entries.", "too_many")]
    pairs = [read(f"{field}[{index}]", item) for index, item in enumerate(value)]
    return [item for item, _ in pairs], [error for _, errors in pairs for error in errors]


def _dataset(field: str, value: Any) -> Checked:
    shaped, errors = _object(field, value, DATASET)
    return shaped or {}, errors or ([FieldError(field, "Give an object.", "not_an_object")] if not shaped else [])


def _parent(field: str, value: Any) -> Checked:
    """Accept "card-fraud 1.2.0" as well as {"model": "card-fraud", "version": "1.2.0"}."""
    if isinstance(value, str):
        model, _, version = value.strip().partition(" ")
        value = {"model": model, "version": version.strip()}
    shaped, errors = _object(field, value, PARENT)
    if not shaped and not errors:
        errors = [FieldError(field, 'Give "model version" or {"model", "version"}.', "invalid")]
    return shaped or {}, errors


def _object(field: str, value: Any, fields: dict[str, bool]) -> tuple[dict[str, Any] | None, list[FieldError]]:
    if value is None:
        return None, []
    if not isinstance(value, dict):
        return None, [FieldError(field, "Give an object.", "not_an_object")]
    errors = _unknown(field, value, tuple(fields))
    for name, required in fields.items():
        errors += _text(f"{field}.{name}", name, value.get(name), required)
    return {name: value[name] for name in fields if value.get(name) not in (None, "")}, errors


def _text(field: str, name: str, value: Any, required: bool) -> list[FieldError]:
    if value is None:
        return [FieldError(field, "This field is required.", "required")] if required else []
    errors = text_errors(field, value, longest=LONGEST_URI if name == "uri" else LONGEST, required=required)
    if name == "uri" and not errors and value.strip().lower().startswith(REFUSED_SCHEMES):
        errors = [FieldError(field, "Give an address that is safe to open.", "invalid_uri")]
    return errors


def _unknown(field: str, value: dict[str, Any], known: tuple[str, ...]) -> list[FieldError]:
    accepted = ", ".join(known)
    return [
        FieldError(f"{field}.{name}"[:200], f"Unknown field; accepted are {accepted}.", "unknown_field")
        for name in value
        if name not in known
    ]
