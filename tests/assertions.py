"""What every success and every refusal must prove."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from apps.audit.events import EventType
from apps.audit.models import Event, OutboxEntry, PersonalData
from apps.core.actors import Actor

# Notes of use that every request may leave; they are nobody's state.
NOTES = frozenset({"last_used_at", "last_login"})


@dataclass
class Recorded:
    """The one event of the block, there once the block has ended."""

    events: list[Event] = field(default_factory=list)

    @property
    def event(self) -> Event:
        """The event itself."""
        return self.events[0]

    @property
    def data(self) -> dict[str, Any]:
        """What stands in the leaf."""
        return self.event.data

    @property
    def personal(self) -> dict[str, Any]:
        """What is kept apart, erasable."""
        found = PersonalData.objects.filter(event=self.event).first()
        return dict(found.data) if found else {}

    @property
    def audience(self) -> list[int]:
        """Ids of the users the event is meant for."""
        return list(OutboxEntry.objects.get(event=self.event).audience)


@contextmanager
def assert_audited(
    event_type: EventType | str, subject: Model | None = None, *, actor: Actor | None = None, also: tuple[str, ...] = ()
) -> Iterator[Recorded]:
    """Prove that the block records exactly one event: this one, about this subject, by this actor.

    `also` names the types of further events that belong to the same act, such as an automatic execution.
    """
    before = set(Event.objects.values_list("pk", flat=True))
    recorded = Recorded()
    yield recorded
    new = list(Event.objects.exclude(pk__in=before))
    assert sorted(event.type for event in new) == sorted([str(event_type), *also])
    recorded.events = [event for event in new if event.type == str(event_type)]
    event = recorded.event
    assert OutboxEntry.objects.filter(event=event).exists()
    if subject is not None:
        assert (event.subject_type, event.subject_id) == (getattr(subject, "audit_type", None), str(subject.pk))
    if actor is not None:
        assert event.actor == actor.urn


@contextmanager
def assert_unchanged(*things: Model | type[Model]) -> Iterator[None]:
    """Prove that the block records nothing and changes no row: an instance names its row, a model its whole table."""
    before = [_rows(thing) for thing in (*things, Event)]
    yield
    assert [_rows(thing) for thing in (*things, Event)] == before


def _rows(thing: Model | type[Model]) -> list[dict[str, Any]]:
    table = thing if isinstance(thing, type) else type(thing)
    rows = table._base_manager.order_by("pk")
    found = (rows if isinstance(thing, type) else rows.filter(pk=thing.pk)).values()
    return [{name: value for name, value in row.items() if name not in NOTES} for row in found]
