"""Handing events on: subscribers turn an event into rows of their own, exactly once each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import connection, transaction

from apps.audit.models import Event, OutboxEntry
from apps.core import clock

log = structlog.get_logger(__name__)
Subscriber = Callable[[Event, list[int]], None]
_subscribers: list[tuple[str, Subscriber]] = []
BATCH = 100
LONGEST_WAIT = timedelta(minutes=5)


def subscribe(prefix: str, subscriber: Subscriber) -> None:
    """Call `subscriber(event, audience)` for events whose type starts with `prefix`.

    It runs inside the transaction that marks the event as handed on, so it writes rows and does nothing else.
    """
    _subscribers.append((prefix, subscriber))


def drain(batch: int = BATCH) -> int:
    """Hand on due events, several drains at once being safe; return how many were tried."""
    tried = 0
    while dispatched := _drain_one():
        tried += dispatched
        if tried >= batch:
            break
    return tried


def _drain_one() -> int:
    with transaction.atomic():
        moment = clock.now()
        entry = OutboxEntry.objects.due(moment).select_for_update(skip_locked=True, of=("self",)).first()
        if entry is None:
            return 0
        try:
            with transaction.atomic():
                _deliver(entry)
                # Deferred constraints of the subscribers' rows must fail here, not at the outer COMMIT.
                _check_constraints()
        except Exception as error:
            log.exception("outbox_subscriber_failed", event_id=str(entry.event_id))
            entry.attempts += 1
            entry.error = repr(error)[:2000]
            entry.next_at = moment + min(timedelta(seconds=2 ** min(entry.attempts, 16)), LONGEST_WAIT)
        else:
            entry.dispatched_at = moment
            entry.error = ""
        entry.save(update_fields=["attempts", "error", "next_at", "dispatched_at"])
    return 1


def _deliver(entry: OutboxEntry) -> None:
    for prefix, subscriber in _subscribers:
        if entry.event.type.startswith(prefix):
            subscriber(entry.event, entry.audience)


def _check_constraints() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
