"""Writing the log: `record` is the one way in, called inside the caller's transaction."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Protocol
from uuid import UUID

from django.db import connection, transaction
from uuid_utils.compat import uuid7

from apps.audit import policies
from apps.audit.events import PERSONAL_ERASED, REPORT_EXPORTED, EventType
from apps.audit.models import MAX_BODY_BYTES, Event, OutboxEntry, PersonalData
from apps.audit.policies import RoleHolder
from apps.core import clock, context, jobs
from apps.core.actors import Actor
from apps.core.canonical import canonical
from apps.core.errors import TooLarge

VERSION = 1
_on_record: list[tuple[str, Callable[[Event], None]]] = []


class Auditable(Protocol):
    """Anything an event may be about."""

    pk: Any

    @property
    def audit_type(self) -> str:
        """Stable noun, such as `promotion`."""

    @property
    def audit_label(self) -> str:
        """Name that a reader knows the subject by; never personal data."""

    @property
    def audit_scopes(self) -> list[str]:
        """Scopes whose readers may see events about the subject, such as `team:3`."""


class Reader(Actor, Protocol):
    """An account that reads."""

    @property
    def pk(self) -> Any:
        """Id of the account."""


@dataclass
class Report:
    """What can be exported, as events name it."""

    pk: str
    audit_label: str
    audit_scopes: list[str]
    audit_type: str = "report"


def record(
    event_type: EventType,
    *,
    actor: Actor,
    subject: Auditable,
    data: Mapping[str, Any] | None = None,
    audience: Iterable[int] = (),
) -> Event:
    """Append one event and its outbox row to the caller's transaction; `audience` are user ids.

    Raises TooLarge above 65,535 bytes of canonical JSON, and RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record belongs inside the transaction of the change it records")
    inline, personal = _split(data or {}, event_type.personal)
    salt = os.urandom(32)
    event = _event(event_type, actor, subject, inline, commitment(salt, personal) if personal else None)
    event.save(force_insert=True)
    if personal:
        PersonalData.objects.create(event=event, salt=salt, data=personal)
    OutboxEntry.objects.create(event=event, audience=sorted(set(audience)), next_at=event.at)
    jobs.nudge("apps.audit.tasks.dispatch_outbox")
    for prefix, handler in _on_record:
        if event.type.startswith(prefix):
            handler(event)
    return event


def erase_personal_data(event: Event, *, actor: RoleHolder) -> Event:
    """Erase what a person can be recognised by, and the salt; the leaf and its proofs stay valid."""
    with transaction.atomic():
        PersonalData.objects.select_for_update().filter(event=event).first()
        event = Event.objects.told().get(pk=event.pk)
        policies.can_erase(actor, event).require()
        event.personal.delete()
        return record(PERSONAL_ERASED, actor=actor, subject=event, data={"index": event.leaf.leaf_index})


@transaction.atomic
def record_export(*, report: str, form: str, count: int, conditions: Mapping[str, str], actor: Reader) -> Event:
    """Record that somebody took a report along: how many lines, and by which conditions it was narrowed.

    Seen by whoever took it and by readers of everything.
    """
    subject = Report(report.replace(" ", "-"), report, [f"user:{actor.pk}"])
    data = {"report": report, "format": form, "count": count, "conditions": dict(conditions)}
    return record(REPORT_EXPORTED, actor=actor, subject=subject, data=data)


def on_record(prefix: str, handler: Callable[[Event], None]) -> None:
    """Call `handler(event)` inside the recording transaction, which its errors abort.

    For what must stand or fall with the change; everything else subscribes to the outbox.
    """
    _on_record.append((prefix, handler))


def commitment(salt: bytes, personal: Mapping[str, Any]) -> str:
    """Return SHA-256(salt || RFC 8785 of the personal data), 64 hex digits."""
    return hashlib.sha256(salt + canonical(dict(personal))).hexdigest()


def _split(data: Mapping[str, Any], personal: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    inline = {key: value for key, value in data.items() if key not in personal}
    return inline, {key: data[key] for key in personal if data.get(key) not in (None, "")}


def _event(
    event_type: EventType, actor: Actor, subject: Auditable, data: dict[str, Any], personal: str | None
) -> Event:
    event = Event(
        id=UUID(str(uuid7())),
        type=event_type.name,
        at=clock.now(),
        actor=actor.urn,
        subject_type=subject.audit_type,
        subject_id=str(subject.pk),
        scopes=subject.audit_scopes,
    )
    event.body = _body(event, subject.audit_label, data, personal)
    return event


def _body(event: Event, label: str, data: dict[str, Any], personal: str | None) -> str:
    here = context.current()
    body = canonical(
        {
            "v": VERSION,
            "id": str(event.pk),
            "type": event.type,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "actor": event.actor,
            "auth": here.auth,
            "request": here.request_id,
            "subject": {"type": event.subject_type, "id": event.subject_id, "label": label},
            "scopes": event.scopes,
            "data": data,
            "personal": personal,
        }
    )
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge(f"The change is too large to be recorded: {len(body)} bytes, at most {MAX_BODY_BYTES}")
    return body.decode()
