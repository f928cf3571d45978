"""Schemathesis over every operation of the API, as programs of two teams: all checks, nothing foreign.

Each operation gets generated input, half of it with names of own or foreign objects put into its address and body.
Whatever an example changed is taken back afterwards, so that examples do not depend on one another.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case

from registry_portal.wsgi import application
from tests.factories import api, token
from tests.fuzz.conftest import EXAMPLES, Side, undone

Leaked = Callable[[Side, str, str], list[str]]
TRIES = EXAMPLES or 8
SCHEMA = "/api/v1/schema/?format=json"
# What a check would call wrong and is meant; every line says why.
NEEDLESS = {
    "positive_data_acceptance": "rules of the domain refuse what a schema cannot describe",
}
BOUNDS = settings(
    max_examples=TRIES,
    deadline=None,
    database=None,
    derandomize=not EXAMPLES,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def served(environ: dict[str, Any], start_response: Any) -> Any:
    """Answer as the server does, which always knows whence a request comes."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        return list(application({"REMOTE_ADDR": "127.0.0.1", **environ}, start_response))
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def renamed(value: Any, objects: dict[str, Any]) -> Any:
    """Return the value with what is called like an object's key replaced by that object's name."""
    if isinstance(value, dict):
        return {key: objects.get(key, renamed(each, objects)) for key, each in value.items()}
    return value


def aimed(case: Case, side: Side) -> None:
    """Let a case name the objects of a side."""
    words = [word for word in side.objects if word and word in case.path]
    objects = side.objects[""] | (side.objects[words[0]] if words else {})
    case.path_parameters = {key: objects.get(key, each) for key, each in (case.path_parameters or {}).items()}
    if isinstance(case.body, dict):
        case.body = renamed(case.body, objects)
    if isinstance(case.query, dict):
        case.query = renamed(case.query, objects)


def checks() -> list[Any]:
    """Return every check that schemathesis knows, but the needless."""
    schemathesis.checks.load_all_checks()
    return [check for check in schemathesis.checks.CHECKS.get_all() if check.__name__ not in NEEDLESS]


@pytest.mark.parametrize("asker", ["north", "south"])
def test_no_input_breaks_the_api_or_shows_anything_of_another_team(
    sides: dict[str, Side], leaked: Leaked, asker: str
) -> None:
    own, other = sides[asker], next(side for name, side in sides.items() if name != asker)
    bearer = {"Authorization": f"Bearer {token(own.owner)}"}
    schema = schemathesis.openapi.from_wsgi(SCHEMA, served)
    wrong: dict[str, list[str]] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        if faults := tried(operation, bearer, own, other, leaked):
            wrong[f"{operation.method.upper()} {operation.path}"] = sorted(faults)
    assert wrong == {}


@pytest.mark.parametrize("cursor", [b"p=\x00", b"p=x", b"p=" + b"9" * 30, b"o=9&p=-1", b"p=", b"\xff"])
def test_cursor_that_no_answer_gave_is_refused_or_finds_nothing(sides: dict[str, Side], cursor: bytes) -> None:
    client, place = api(sides["north"].owner), b64encode(cursor).decode()
    for path in ("audit/events/", "models/", "promotions/", "webhooks/", "inbox/"):
        assert client.get(f"/api/v1/{path}", {"cursor": place}).status_code in (200, 404), path


def tried(operation: Any, bearer: dict[str, str], own: Side, other: Side, leaked: Leaked) -> set[str]:
    """Return what was wrong with the answers of an operation."""
    faults: set[str] = set()

    @given(case=operation.as_strategy(), aim=st.sampled_from([None, own, own, other]))
    @BOUNDS
    def ask(case: Case, aim: Side | None) -> None:
        if aim is not None:
            aimed(case, aim)
        with undone():
            response = case.call(headers=bearer)
            try:
                case.validate_response(response, checks=checks(), headers=bearer)
            except* schemathesis.checks.Failure as group:
                faults.update(f"{type(each).__name__}: {each}"[:700] for each in group.exceptions)
        request = response.request
        question = unquote(f"{request.url} {request.body}")
        faults.update(f"tells {word} to another team" for word in leaked(own, question, response.text))

    ask()
    return faults
