"""The API's document as sections of a page: what a call takes, how it is made, what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from http import HTTPStatus
from typing import Any

from django.utils.safestring import SafeString
from django.utils.text import slugify
from drf_spectacular.generators import SchemaGenerator

from apps.core import markdown
from apps.portal.selectors.trials import Input, Names, Trial

DEEPEST = 3


@dataclass(frozen=True)
class Field:
    """Something that a call takes: where it is written, what it may be."""

    name: str
    place: str
    kind: str
    required: bool
    about: SafeString


@dataclass(frozen=True)
class Sample:
    """The call in one language."""

    label: str
    source: str


@dataclass(frozen=True)
class Answer:
    """One successful answer with its example."""

    status: str
    example: str


@dataclass(frozen=True)
class Operation:
    """One call."""

    key: str
    method: str
    path: str
    summary: str
    about: SafeString
    fields: list[Field]
    samples: list[Sample]
    answers: list[Answer]
    trial: Trial

    @property
    def writes(self) -> bool:
        """Whether the call may change something."""
        return self.method != "GET"


@dataclass
class Section:
    """Calls that belong together."""

    name: str
    about: str
    operations: list[Operation] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What an address names the section by."""
        return slugify(self.name)


@dataclass(frozen=True)
class Reference:
    """The whole page."""

    introduction: SafeString
    sections: list[Section]

    def named(self, names: Names) -> Reference:
        """Return the reference with forms that are filled in with true names."""
        sections = [
            replace(each, operations=[replace(one, trial=one.trial.named(names)) for one in each.operations])
            for each in self.sections
        ]
        return replace(self, sections=sections)


@cache
def reference() -> Reference:
    """Return the reference of this code's API; made once for each process."""
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    sections = {tag["name"]: Section(tag["name"], tag["description"]) for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            sections[operation["tags"][0]].operations.append(_operation(document, method.upper(), path, operation))
    return Reference(markdown.render(document["info"]["description"]), list(sections.values()))


def _operation(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> Operation:
    return Operation(
        operation["operationId"].replace("_", "-"),
        method,
        path,
        operation.get("summary", path),
        markdown.render(operation.get("description", "")),
        list(_fields(document, operation)),
        [Sample(sample["label"], sample["source"]) for sample in operation.get("x-codeSamples", [])],
        list(_answers(operation)),
        _trial(document, operation),
    )


def _trial(document: dict[str, Any], operation: dict[str, Any]) -> Trial:
    inputs = [
        Input(
            given["name"],
            given["in"],
            given.get("required", False),
            _written(given.get("example", "")),
            tuple(_choices(document, given.get("schema", {}))),
        )
        for given in operation.get("parameters", [])
    ]
    content = operation.get("requestBody", {}).get("content", {})
    shown = [example["value"] for example in content.get("application/json", {}).get("examples", {}).values()]
    raw = any(media != "application/json" for media in content)
    # The address first, in the order in which it is written, then what the example gives.
    inputs.sort(key=lambda each: (("path", "query", "header").index(each.place), each.value == ""))
    return Trial(operation["operationId"], tuple(inputs), shown[0] if shown else None, raw)


def _written(value: Any) -> str:
    """Return a value as it stands in an address."""
    return value if isinstance(value, str) else json.dumps(value)


def _fields(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[Field]:
    """Yield what goes into address and headers, then into the body."""
    for given in operation.get("parameters", []):
        kind = _kind(document, given.get("schema", {}))
        # Choices are listed by their kind.
        about = given.get("description", "").partition("* `")[0].strip()
        yield Field(given["name"], given["in"], kind, given.get("required", False), markdown.render(about))
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        if media == "application/json":
            yield from _properties(document, content["schema"], "", DEEPEST)
        else:
            yield Field("body", "body", "raw bytes", True, SafeString(""))


def _properties(document: dict[str, Any], schema: dict[str, Any], prefix: str, depth: int) -> Iterator[Field]:
    whole = _resolved(document, schema)
    for name, given in whole.get("properties", {}).items():
        inner = _resolved(document, given)
        about = given.get("description") or inner.get("description", "") if "enum" not in inner else ""
        required = name in whole.get("required", ())
        below = inner["items"] if inner.get("type") == "array" else inner
        nested = depth > 1 and bool(_resolved(document, below).get("properties"))
        kind = _kind(document, given)
        yield Field(f"{prefix}{name}", "body", kind, required, markdown.render("" if nested else about))
        if nested:
            yield from _properties(document, below, f"{prefix}{name}.", depth - 1)


def _kind(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """Return what a value may be, in words."""
    if choices := _choices(document, schema):
        return " or ".join(choices)
    whole = _resolved(document, schema)
    if whole.get("type") == "array":
        return f"list of {_kind(document, whole['items'])}"
    formats = {"date-time": "time", "uri": "URL", "uuid": "UUID", "binary": "raw bytes"}
    words = {
        "object": "object",
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
    }
    return formats.get(whole.get("format", "")) or words.get(whole.get("type", "string"), "text")


def _choices(document: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """Return the values of a closed list, without those that mean nothing."""
    return [str(each) for each in _resolved(document, schema).get("enum", ()) if each not in {"", None}]


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with what it refers to."""
    for inner in schema.get("allOf", schema.get("oneOf", ()))[:1]:
        return {**_resolved(document, inner), **{name: schema[name] for name in ("description",) if name in schema}}
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _answers(operation: dict[str, Any]) -> Iterator[Answer]:
    for status, answer in operation["responses"].items():
        if not status.isdigit() or status >= "400":
            continue
        shown = [
            example["value"]
            for content in answer.get("content", {}).values()
            for example in content.get("examples", {}).values()
        ]
        example = json.dumps(shown[0], indent=2, ensure_ascii=False) if shown else ""
        yield Answer(f"{status} {HTTPStatus(int(status)).phrase}", example)
