"""Event types: declared by each app in its `events.py`, registered once, never renamed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NAME = re.compile(r"^[a-z]+(\.[a-z_]+){2}$")
_registered: dict[str, EventType] = {}


@dataclass(frozen=True)
class EventType:
    """A kind of change: `app.noun.past_verb`, its sentence, and which data keys are personal.

    `wording` is formatted with the event's data, so it may name keys: "moved {version} to {stage}".
    Keys listed in `personal` stay out of the leaf: it holds a salted commitment to them instead.
    `place` names, from the data too, where on its subject's page the event shows: "comment-{comment}".
    """

    name: str
    wording: str
    personal: tuple[str, ...] = ()
    place: str = ""

    def __str__(self) -> str:
        return self.name


def register(name: str, wording: str, personal: tuple[str, ...] = (), place: str = "") -> EventType:
    """Declare an event type; raises ValueError for a malformed or repeated name."""
    if not NAME.match(name):
        raise ValueError(f"{name!r} is not of the form app.noun.past_verb")
    if name in _registered:
        raise ValueError(f"{name!r} is registered twice")
    _registered[name] = EventType(name, wording, personal, place)
    return _registered[name]


def registered() -> dict[str, EventType]:
    """Return every declared event type by name."""
    return dict(_registered)


def place_of(name: str, data: Mapping[str, Any]) -> str:
    """Return where on its subject's page an event shows; empty for the whole page."""
    place = _registered[name].place if name in _registered else ""
    try:
        return place.format_map(data)
    except KeyError:
        return ""


def wording_of(name: str) -> str:
    """Return the sentence of an event type; the bare name where the code no longer declares it."""
    return _registered[name].wording if name in _registered else name


PERSONAL_ERASED = register("audit.personal.erased", "erased the personal data of event {index}")
REPORT_EXPORTED = register(
    "audit.report.exported", "exported {count} lines of {report} as {format}", personal=("conditions",)
)
