"""The API's document explains every operation, and every example in it is what the API would take or answer."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from registry_portal.api_document import ORDER, SECTIONS

DOCUMENT: dict[str, Any] = yaml.load(
    (Path(__file__).parents[2] / "docs" / "openapi.yaml").read_text(),
    Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),
)
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
JSON = "application/json"
LACKING = "write an Example in the app's api/examples.py"


@cache
def schemas() -> Any:
    """Return the components as JSON Schema: OpenAPI 3.0 says nullable in its own way."""
    return {"components": {"schemas": translated(DOCUMENT["components"]["schemas"])}}


def translated(schema: Any) -> Any:
    """Return a schema of OpenAPI 3.0 as one of JSON Schema."""
    if isinstance(schema, list):
        return [translated(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: translated(value) for name, value in schema.items() if name != "nullable"}
    return {"anyOf": [found, {"type": "null"}]} if schema.get("nullable") is True else found


def faults(value: Any, schema: Any) -> list[str]:
    """Return what is wrong with a value."""
    return [
        error.message for error in jsonschema.Draft202012Validator(translated(schema) | schemas()).iter_errors(value)
    ]


def examples(content: dict[str, Any]) -> list[Any]:
    """Return the examples of a body."""
    return [example["value"] for example in content.get(JSON, {}).get("examples", {}).values()]


def bodies(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the successful answers that have a body, by status."""
    answers = operation["responses"].items()
    return {status: answer["content"] for status, answer in answers if status < "3" and "content" in answer}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_is_explained(name: str) -> None:
    method, _, operation = OPERATIONS[name]
    assert len(operation.get("summary", "")) > 5, f"{name} needs a summary"
    assert len(re.sub(r"Token scope:.*", "", operation.get("description", "")).strip()) > 10, f"{name}: describe it"
    assert operation["tags"][0] in ORDER
    source = operation.get("x-codeSamples", [{"source": LACKING}])[0]["source"]
    words = shlex.split(source)
    assert words[0] == "curl", f"{name}: {source}"
    assert "{" not in words[words.index("--show-error") + (3 if method != "get" else 1)], (
        f"{name}: {LACKING} with parts"
    )
    assert ("--request" in words) == (method != "get")


@pytest.mark.parametrize("name", OPERATIONS)
def test_body_has_an_example_that_is_right(name: str) -> None:
    _, _, operation = OPERATIONS[name]
    content = operation.get("requestBody", {}).get("content", {})
    if JSON in content:
        found = examples(content)
        assert found, f"{name}: {LACKING}"
        for value in found:
            assert not faults(value, content[JSON]["schema"]), value
            assert not unknown(value, content[JSON]["schema"]), value


@pytest.mark.parametrize("name", OPERATIONS)
def test_answer_has_an_example_that_is_right(name: str) -> None:
    for status, content in bodies(OPERATIONS[name][2]).items():
        if JSON in content:
            found = examples(content)
            assert found, f"{name} {status}: {LACKING} or an answer in its ANSWERS"
            for value in found:
                assert not unknown(value, content[JSON]["schema"]), value
                wrong = [
                    each for each in faults(value, content[JSON]["schema"]) if "is a required property" not in each
                ]
                assert not wrong, value


def test_every_section_has_operations_and_one_place() -> None:
    assert sorted(ORDER) == sorted(name for name, _, _ in SECTIONS)
    assert {operation["tags"][0] for _, _, operation in OPERATIONS.values()} == set(ORDER)
    assert [tag["name"] for tag in DOCUMENT["tags"]] == list(ORDER)


def test_a_wrong_example_would_be_found() -> None:
    schema = {"$ref": "#/components/schemas/NewModelRequest"}
    right = {"name": "a", "team": "b", "risk_tier": "low"}
    assert not faults(right, schema)
    assert faults({**right, "risk_tier": "none"}, schema)
    assert faults({"name": "a"}, schema)
    assert unknown({**right, "surplus": 1}, schema) == ["surplus"]


def unknown(value: Any, schema: dict[str, Any]) -> list[str]:
    """Return the fields that a schema does not know, at any depth."""
    if "$ref" in schema:
        return unknown(value, DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "allOf" in schema:
        return unknown(value, schema["allOf"][0])
    if isinstance(value, list):
        return [name for each in value for name in unknown(each, schema.get("items", {}))]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    inner = [name for key, each in value.items() for name in unknown(each, schema["properties"].get(key, {}))]
    return [*(name for name in value if name not in schema["properties"]), *inner]
