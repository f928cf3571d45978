"""The client holds to docs/openapi.yaml: every call it makes and every field it reads or writes is in there."""

from __future__ import annotations

import types
import typing
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
import yaml

from registry_portal_client import shapes
from registry_portal_client.calls import CALLS

DOCUMENT: dict[str, Any] = yaml.load(
    (Path(__file__).parents[2] / "docs" / "openapi.yaml").read_text(),
    Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),
)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
SHAPES = {name: shape for name, shape in vars(shapes).items() if isinstance(shape, typing._TypedDictMeta)}
# Our word -> the document's, where they differ.
NAMES = {
    "File": "ProductionFile",
    "Person": "PersonOutput",
    "NewModel": "NewModelRequest",
    "NewVersion": "NewVersionRequest",
    "KnownBytes": "KnownBytesRequest",
    "NewPromotion": "PromotionInputRequest",
    "CheckReport": "CheckInputRequest",
    "Rule": "RuleOutput",
    "Check": "CheckOutput",
    "Blocker": "BlockerOutput",
    "Decision": "DecisionOutput",
    "Promotion": "PromotionOutput",
}
JSON_TYPES = {"string": str, "integer": int, "number": float, "boolean": bool}
SENT = {"models_create": "NewModel", "versions_create": "NewVersion", "artifacts_link": "KnownBytes"}
SENT |= {"promotions_request": "NewPromotion", "promotions_report_check": "CheckReport"}
ANSWERED = {"me": "Me", "models_retrieve": "Model", "versions_create": "Version", "versions_retrieve": "Version"}
ANSWERED |= {"versions_seal": "Version", "models_production": "Production", "promotions_request": "Promotion"}
ANSWERED |= {"promotions_retrieve": "Promotion", "promotions_execute": "Promotion", "artifacts_upload": "File"}


@pytest.mark.parametrize("operation", CALLS)
def test_call_is_in_the_document(operation: str) -> None:
    call = CALLS[operation]
    method, path, described = OPERATIONS[operation]
    assert (method, path) == (call.method, f"/api/v1/{call.path}")
    documented = {parameter["name"] for parameter in described.get("parameters", []) if parameter["in"] == "query"}
    assert set(call.query) <= documented


@pytest.mark.parametrize("name", SHAPES)
def test_shape_is_in_the_document(name: str) -> None:
    schema = SCHEMAS[NAMES.get(name, name)]
    for field, hint in typing.get_type_hints(SHAPES[name]).items():
        assert field in schema["properties"], f"{name}.{field}"
        assert agrees(hint, schema["properties"][field]), f"{name}.{field}: {hint} is not {schema['properties'][field]}"


@pytest.mark.parametrize("name", sorted(set(SHAPES) - {"NewVersion", "Lineage"}))
def test_what_the_document_requires_the_shape_requires(name: str) -> None:
    schema = SCHEMAS[NAMES.get(name, name)]
    sent = NAMES.get(name, name).endswith("Request") or name in {"Dataset", "Code", "Run", "Parent"}
    required = set(schema.get("required", ()))
    held = SHAPES[name].__required_keys__
    # What we send must be complete; what we read may not count on more than is promised.
    assert required <= held if sent else held <= required, (required, held)


@pytest.mark.parametrize(("operation", "name"), SENT.items())
def test_body_that_is_sent_is_the_one_of_its_call(operation: str, name: str) -> None:
    body = OPERATIONS[operation][2]["requestBody"]["content"]["application/json"]["schema"]
    assert body["$ref"].rpartition("/")[2] == NAMES.get(name, name)


@pytest.mark.parametrize(("operation", "name"), ANSWERED.items())
def test_answer_that_is_read_is_the_one_of_its_call(operation: str, name: str) -> None:
    answers = OPERATIONS[operation][2]["responses"]
    status = min(status for status in answers if status.startswith("2"))
    found = answers[status]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    expected = SCHEMAS[NAMES.get(name, name)]
    assert set(SHAPES[name].__annotations__) <= set(SCHEMAS[found]["properties"])
    assert set(expected["properties"]) <= set(SCHEMAS[found]["properties"])


def agrees(hint: Any, schema: dict[str, Any]) -> bool:
    """Return whether a type hint takes what a schema gives."""
    if get_origin(hint) in {typing.Union, types.UnionType}:
        inner = [part for part in get_args(hint) if part is not types.NoneType]
        return bool(schema.get("nullable")) and agrees(inner[0], schema)
    if get_origin(hint) is typing.NotRequired:
        return agrees(get_args(hint)[0], schema)
    for joined in ("allOf", "oneOf"):
        if joined in schema:
            return any(agrees(hint, part) for part in schema[joined])
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if typing.is_typeddict(hint):
            return fits(hint, SCHEMAS[name])
        return agrees(hint, SCHEMAS[name])
    if get_origin(hint) is list:
        return schema["type"] == "array" and agrees(get_args(hint)[0], schema["items"])
    if get_origin(hint) is dict:
        return schema["type"] == "object"
    return hint is Any or JSON_TYPES.get(schema["type"]) is hint


def fits(shape: Any, schema: dict[str, Any]) -> bool:
    """Return whether every field of a shape is a property of a schema."""
    return set(shape.__annotations__) <= set(schema["properties"])
