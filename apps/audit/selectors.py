"""Answers that combine the log with who stands behind its pseudonyms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import F, Value
from django.db.models.functions import Least

from apps.audit.models import Event, Head, Leaf
from apps.audit.querysets import EventQuerySet
from apps.core import spreadsheets
from apps.core.canonical import canonical
from apps.core.counts import MOST, Count, counted

PERSON = "urn:portal:user:"
CHUNK = 500
# How far the page of an export counts; the export itself counts all.
COUNTED = MOST
COLUMNS = (
    *("index", "at", "type", "actor", "username", "name", "sentence", "subject_type", "subject_id", "subject"),
    *("data", "personal", "request", "event", "leaf_hash"),
)


def people_behind(urns: Iterable[str]) -> dict[str, Any]:
    """Return the users behind pseudonyms, by pseudonym; pseudonyms of nobody are left out."""
    pseudonyms = {urn.removeprefix(PERSON) for urn in urns if urn.startswith(PERSON)}
    users = get_user_model()._default_manager.filter(pseudonym__in=[UUID(each) for each in pseudonyms])
    return {user.urn: user for user in users}


def urn_of(username: str) -> str:
    """Return the pseudonym of a user name; the text itself where it is a pseudonym or nobody's name."""
    user = get_user_model()._default_manager.filter(username=username).first()
    return user.urn if user else username


def size() -> int:
    """Return the number of events in the log."""
    return Head.objects.get().size


def places_between(since: datetime | None, until: datetime | None) -> range:
    """Return places that hold everything recorded within a time; None leaves an end open. One query."""
    events = Event.objects.all()
    first = events.place_before(since) if since else Value(-1)
    end = events.place_behind(until) if until else F("size")
    found = Head.objects.values_list(first, Least(end, F("size"))).get()
    return range(found[0] + 1, found[1])


@dataclass(frozen=True)
class Extract:
    """Events of the log that were there at one moment, and how long the log was."""

    events: EventQuerySet
    size: int

    @cached_property
    def count(self) -> int:
        """How many events there are: all of them are looked at."""
        return self._recorded.count()

    @cached_property
    def counted(self) -> Count:
        """How many events there are, counted up to a bound."""
        return counted(self._recorded, COUNTED)

    @property
    def _recorded(self) -> EventQuerySet:
        return self.events.filter(leaf__leaf_index__lt=self.size).order_by()


def extract(events: EventQuerySet) -> Extract:
    """Return what an export of committed events would hold if it began now."""
    return Extract(events, size())


def json_lines(found: Extract) -> Iterator[bytes]:
    """Yield an extract as JSON Lines in the order of the log."""
    for chunk in _chunks(found):
        yield b"".join(_line(event) for event in chunk)


def csv_lines(found: Extract) -> Iterator[bytes]:
    """Yield an extract as CSV in the order of the log, one line for each event, under a line of headings."""
    yield spreadsheets.lines([COLUMNS])
    for chunk in _chunks(found):
        people = people_behind(event.actor for event in chunk)
        yield spreadsheets.lines(_cells(event, people.get(event.actor)) for event in chunk)


FORMATS: dict[str, tuple[str, Callable[[Extract], Iterator[bytes]]]] = {
    "jsonl": ("application/jsonl; charset=utf-8", json_lines),
    "csv": ("text/csv; charset=utf-8", csv_lines),
}


def _chunks(found: Extract) -> Iterator[list[Event]]:
    """Yield a bounded number of events at a time by leaf index, so neither side ever holds the whole log."""
    after = -1
    while chunk := list(found.events.filter(leaf__leaf_index__gt=after, leaf__leaf_index__lt=found.size)[:CHUNK]):
        yield chunk
        after = chunk[-1].leaf.leaf_index


def _cells(event: Event, person: Any) -> list[object]:
    content = event.content
    subject, personal = content["subject"], event.kept_personal
    return [
        event.leaf.leaf_index,
        content["at"],
        event.type,
        event.actor,
        person.username if person else "",
        str(person) if person else "",
        " ".join(event.sentence.split()),
        subject["type"],
        subject["id"],
        subject["label"],
        canonical(content["data"]).decode(),
        canonical(personal).decode() if personal else "",
        content["request"],
        str(event.pk),
        bytes(event.leaf.leaf_hash).hex(),
    ]


def _line(event: Event) -> bytes:
    leaf: Leaf = event.leaf
    kept = getattr(event, "personal", None)
    line = {
        "index": leaf.leaf_index,
        "leaf_hash": bytes(leaf.leaf_hash).hex(),
        "body": event.body,
        "personal": {"salt": bytes(kept.salt).hex(), "data": kept.data} if kept else None,
    }
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
