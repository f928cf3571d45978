"""The audit ledger as pages show it: events with the people behind their pseudonyms and a link to their subject."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.accounts.models import User
from apps.audit import selectors as audit_selectors
from apps.audit.models import Event
from apps.audit.querysets import EventQuerySet
from apps.audit.search import search
from apps.core.actors import SYSTEM
from apps.portal import wording

LINKED = frozenset({"model", "version", "promotion", "artifact", "alias", "evidence"})
NEAR = 1_000
KINDS = {"user": "account", "log": "the log"}


@dataclass(frozen=True)
class Entry:
    """One event with what a reader sees of it; the actor's and the subject's addresses tell all about them."""

    event: Event
    actor: str
    actor_address: str
    index: int | None
    leaf_hash: str
    kind: str
    subject: str
    subject_address: str
    address: tuple[str, str] | None
    request: str
    auth: str
    changes: tuple[tuple[str, str, str], ...]
    facts: tuple[tuple[str, str], ...]
    personal: tuple[tuple[str, str], ...]

    @property
    def at(self) -> datetime:
        """When it was recorded."""
        return self.event.at

    @property
    def request_address(self) -> str:
        """Where everything of the same request stands."""
        return reverse("portal:ledger", query={"text": f'"{self.request}"'})

    @property
    def exact(self) -> str:
        """The instant in full."""
        return wording.exact(self.event.at)

    @property
    def sentence(self) -> str:
        """What was done."""
        return self.event.sentence


@dataclass(frozen=True)
class Stretch:
    """Part of the log, newest first; `older` and `newer` are the places where its neighbours begin.

    A search for words may stop before it has filled the stretch; `searched` is the place that it came to.
    """

    entries: list[Entry]
    older: int | None
    newer: int | None
    searched: int | None = None

    @property
    def first(self) -> int | None:
        """The highest place shown."""
        return self.entries[0].index if self.entries else None

    @property
    def last(self) -> int | None:
        """The lowest place shown."""
        return self.entries[-1].index if self.entries else None


def readable(user: User) -> EventQuerySet:
    """Return the log as a user may read it, newest first."""
    return Event.objects.visible_to(user).committed().order_by("-leaf__leaf_index")


def history(user: User, scope: str) -> EventQuerySet:
    """Return the events of one scope that a user may see, newest first."""
    return readable(user).within(scope)


def stretch(events: EventQuerySet, size: int, *, before: int | None = None, after: int | None = None) -> Stretch:
    """Return the stretch of events (which carry their place) just before or just behind a place, or the newest.

    Two queries for the events at most, one for the people, however long the log is.
    """
    upwards = after is not None and before is None
    found = nearest(events, size + 1, before=before, after=after if upwards else None)
    more, found = len(found) > size, found[:size]
    if upwards:
        found.reverse()
    older = found[-1].leaf.leaf_index if found and (more or upwards) else None
    newer = found[0].leaf.leaf_index if found and (more if upwards else before is not None) else None
    return Stretch(entries(found), older, newer)


def searched(
    events: EventQuerySet, words: str, size: int, within: range, *, before: int | None = None, after: int | None = None
) -> Stretch:
    """Return the stretch of events that hold the words, of those at some places of the log."""
    upwards = after is not None and before is None
    lowest = within.start if after is None or not upwards else max(within.start, after + 1)
    highest = within.stop if before is None else min(within.stop, before)
    found = search(events, words, size + 1, range(lowest, highest), upwards=upwards)
    shown, more, stopped = found.events[:size], len(found.events) > size, None
    if found.rest and not more:
        stopped = found.rest[0] - 1 if upwards else found.rest[-1] + 1
    begun = None if before is None and after is None else shown[0].leaf.leaf_index if shown else before or after
    ahead = shown[-1].leaf.leaf_index if more else stopped
    if upwards:
        shown.reverse()
        return Stretch(entries(shown), begun, ahead, stopped)
    return Stretch(entries(shown), ahead, begun, stopped)


def nearest(events: EventQuerySet, size: int, *, before: int | None = None, after: int | None = None) -> list[Event]:
    """Return the first events upwards from behind a place, or downwards from before one or from the top.

    Looks near the place first: what is frequent is found there without sorting all of it, what is rare by its index.
    """
    if after is not None:
        ordered = events.filter(leaf__leaf_index__gt=after).order_by("leaf__leaf_index")
        near = ordered.filter(leaf__leaf_index__lte=after + NEAR)
    else:
        top = audit_selectors.size() if before is None else before
        ordered = events.filter(leaf__leaf_index__lt=top).order_by("-leaf__leaf_index")
        near = ordered.filter(leaf__leaf_index__gte=top - NEAR)
    found = list(near[:size])
    return found if len(found) == size else list(ordered[:size])


def neighbours(events: EventQuerySet, event: Event) -> tuple[Event | None, Event | None]:
    """Return the events just before and behind one in the part of the log that a reader sees; two queries."""
    place = event.leaf.leaf_index
    earlier = events.filter(leaf__leaf_index__lt=place).order_by("-leaf__leaf_index")
    later = events.filter(leaf__leaf_index__gt=place).order_by("leaf__leaf_index")
    return earlier.first(), later.first()


def entries(events: Sequence[Event]) -> list[Entry]:
    """Return events as a ledger shows them; one query for all the people."""
    named = {event.subject_label for event in events if event.subject_type == User.audit_type}
    people = audit_selectors.people_behind({event.actor for event in events} | named)
    return [_entry(event, people) for event in events]


def name_of(urn: str, people: Mapping[str, Any]) -> str:
    """Return whom a pseudonym stands for."""
    return SYSTEM.name if urn == SYSTEM.urn else str(people.get(urn, "Somebody erased"))


def _actor_address(urn: str, people: Mapping[str, Any]) -> str:
    if urn in people:
        return reverse("portal:person", args=[people[urn].username])
    return reverse("portal:ledger", query={"actor": urn})


def _entry(event: Event, people: Mapping[str, Any]) -> Entry:
    content, leaf = event.content, getattr(event, "leaf", None)
    subject, kept = content["subject"], event.kept_personal
    return Entry(
        event=event,
        actor=name_of(event.actor, people),
        actor_address=_actor_address(event.actor, people),
        index=leaf.leaf_index if leaf else None,
        leaf_hash=bytes(leaf.leaf_hash).hex() if leaf else "",
        kind=KINDS.get(subject["type"], subject["type"]),
        subject=_subject(subject, people),
        subject_address=reverse("portal:object-history", args=[subject["type"], subject["id"]]),
        address=(subject["type"], subject["id"]) if subject["type"] in LINKED else None,
        request=content.get("request", ""),
        auth=", ".join(f"{key} {value}" for key, value in content.get("auth", {}).items()),
        changes=_changes(content["data"]),
        facts=tuple((key, _text(value)) for key, value in content["data"].items() if key not in ("before", "after")),
        personal=tuple((key, _text(value)) for key, value in (kept or {}).items()),
    )


def _subject(subject: Mapping[str, str], people: Mapping[str, Any]) -> str:
    label = subject["label"]
    return str(people[label]) if label in people else label


def _changes(data: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    before, after = data.get("before"), data.get("after")
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return (("state", before, _text(data.get("state"))),) if isinstance(before, str) else ()
    return tuple((key, _text(before.get(key)), _text(after.get(key))) for key in sorted(before.keys() | after.keys()))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
