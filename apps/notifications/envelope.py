"""What a receiver gets: the event as a CloudEvent 1.0 (structured JSON), thin and without personal data."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from apps.audit import selectors as audit
from apps.audit.models import Event
from apps.core.actors import SYSTEM
from apps.core.canonical import canonical

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
LARGEST = 20_000
LONGEST_SENTENCE = 500


def link(event: Event) -> str:
    """Return the address of the event's subject in the portal, and of its own place on that page."""
    return f"{settings.PUBLIC_URL}{event.page}"


def body(event: Event) -> bytes:
    """Return the message of a committed event, below 20 kB: larger data is left out and `truncated` says so."""
    whole = _cloud_event(event, event.data)
    return whole if len(whole) < LARGEST else _cloud_event(event, {"truncated": True})


def ping(name: str, message_id: str, moment: str) -> bytes:
    """Return the message of a test event."""
    return canonical(
        {
            "specversion": "1.0",
            "id": message_id,
            "source": settings.PUBLIC_URL,
            "type": "notifications.endpoint.pinged.v1",
            "subject": "endpoint",
            "time": moment,
            "datacontenttype": "application/json",
            "data": {"endpoint": name},
        }
    )


def _cloud_event(event: Event, data: dict[str, Any]) -> bytes:
    content = event.content
    return canonical(
        {
            "specversion": "1.0",
            "id": str(event.pk),
            "source": settings.PUBLIC_URL,
            "type": f"{event.type}.v1",
            "subject": f"{event.subject_type}/{event.subject_id}",
            "time": content["at"],
            "datacontenttype": "application/json",
            "data": {
                "subject": content["subject"],
                "sentence": event.public_sentence[:LONGEST_SENTENCE],
                "url": link(event),
                **data,
                "actor": _actor(event.actor),
                "leaf_index": event.leaf.leaf_index,
            },
        }
    )


def _actor(urn: str) -> dict[str, str | None]:
    if urn == SYSTEM.urn:
        return {"urn": urn, "username": "system"}
    person = audit.people_behind([urn]).get(urn)
    return {"urn": urn, "username": person.username if person else None}
