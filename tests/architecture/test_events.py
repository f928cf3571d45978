"""Every event type is declared once in an app's events.py, and every record uses a declared one."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.audit.events import EventType, registered

APPS = Path(__file__).resolve().parents[2] / "apps"
DECLARING = sorted(path.parent.name for path in APPS.glob("*/events.py"))
SOURCES = sorted(path for path in APPS.rglob("*.py") if "migrations" not in path.parts)


def declared(app: str) -> dict[str, EventType]:
    """Return the event types of an app's events module by their constant's name."""
    module = importlib.import_module(f"apps.{app}.events")
    return {name: value for name, value in vars(module).items() if isinstance(value, EventType)}


def records() -> Iterator[tuple[str, ast.expr]]:
    """Yield where something is recorded, and the expression of its event type."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _is_record(node.func, path):
                yield f"{path.relative_to(APPS)}:{node.lineno}", node.args[0]


def _is_record(function: ast.expr, path: Path) -> bool:
    if isinstance(function, ast.Attribute):
        return function.attr == "record" and isinstance(function.value, ast.Name) and function.value.id == "audit"
    return isinstance(function, ast.Name) and function.id == "record" and path.parts[-2:] == ("audit", "actions.py")


def _constants(expression: ast.expr) -> set[str]:
    return {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(expression)
        if isinstance(node, (ast.Attribute, ast.Name))
        and (node.attr if isinstance(node, ast.Attribute) else node.id).isupper()
    }


@pytest.mark.parametrize("app", DECLARING)
def test_declared_event_types_are_registered_under_their_app(app: str) -> None:
    for name, kind in declared(app).items():
        assert registered()[kind.name] is kind, name
        assert kind.name.startswith(f"{app}."), f"{kind.name} is declared by {app}"


@pytest.mark.parametrize("app", DECLARING)
def test_wordings_are_sentences_without_a_subject(app: str) -> None:
    for kind in declared(app).values():
        assert not kind.wording.endswith("."), kind.name
        assert re.match(r"[a-z]", kind.wording), kind.name


def test_every_event_type_is_declared_in_an_events_module() -> None:
    known = {kind.name for app in DECLARING for kind in declared(app).values()}
    assert {name for name in registered() if not name.startswith("tests.")} == known


def test_every_record_uses_a_declared_event_type() -> None:
    known = {name for app in DECLARING for name in declared(app)}
    found = list(records())
    assert len(found) > 1
    for place, expression in found:
        constants = _constants(expression)
        if constants:
            assert constants <= known, f"{place} records {sorted(constants - known)}"
        else:
            assert isinstance(expression, ast.Name), f"{place} records an event type that is no constant"


def test_every_declared_event_type_is_recorded_somewhere() -> None:
    text = "\n".join(path.read_text() for path in SOURCES if path.name != "events.py")
    unused = [name for app in DECLARING for name in declared(app) if not re.search(rf"\b{name}\b", text)]
    own = (APPS / "audit/actions.py").read_text()
    assert [name for name in unused if name not in own] == []
