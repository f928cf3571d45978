"""What tests of the log need: a subject, and events about it in transactions of their own."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction

from apps.audit import actions as audit
from apps.audit.events import EventType, register, registered
from apps.audit.models import Event
from apps.core.actors import SYSTEM, Actor


def declared(name: str, wording: str, personal: tuple[str, ...] = ()) -> EventType:
    """Declare an event type of the tests, once for all test modules of a process."""
    return registered().get(name) or register(name, wording, personal)


MOVED = declared("tests.thing.moved", "moved {thing} to {places}")
FOUND = declared("tests.thing.found", "found {kind} {name}")
NOTED = declared("tests.thing.noted", "noted on {subject}: {reason}", personal=("reason", "name"))


@dataclass(frozen=True)
class Thing:
    """Something that events are about."""

    pk: int = 1
    audit_type: str = "thing"
    audit_label: str = "a thing"
    audit_scopes: list[str] = field(default_factory=lambda: ["team:1"])


def moved(about: Thing | None = None, /, actor: Actor = SYSTEM, **data: object) -> Event:
    """Record one event in a transaction of its own."""
    with transaction.atomic():
        return audit.record(MOVED, actor=actor, subject=about or Thing(), data=data)


def noted(reason: str = "Ada said so", actor: Actor = SYSTEM) -> Event:
    """Record one event with personal data in a transaction of its own."""
    with transaction.atomic():
        return audit.record(NOTED, actor=actor, subject=Thing(), data={"reason": reason, "line": 3})
