"""Events are handed on exactly once, whatever fails in between."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from apps.audit import outbox, tasks
from apps.audit.models import Event, OutboxEntry
from apps.core import clock
from tests.audit.conftest import Thing, moved


@pytest.fixture
def handed_on(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Collect what a subscriber is given."""
    given: list[Event] = []
    monkeypatch.setattr(outbox, "_subscribers", [])
    outbox.subscribe("tests.thing.", lambda event, audience: given.append(event))
    return given


@pytest.mark.django_db
def test_draining_hands_each_event_on_once(handed_on: list[Event]) -> None:
    events = [moved().pk, moved().pk]
    assert tasks.dispatch_outbox() == 2
    assert tasks.dispatch_outbox() == 0
    assert sorted(event.pk for event in handed_on) == sorted(events)


@pytest.mark.django_db
def test_a_subscriber_of_another_prefix_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_subscribers", [])
    outbox.subscribe("models.", lambda event, audience: pytest.fail("called"))
    moved()
    assert outbox.drain() == 1


@pytest.mark.django_db
def test_a_failing_subscriber_leaves_no_row_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(event: Event, audience: list[int]) -> None:
        OutboxEntry.objects.filter(event=event).update(error="half done")
        raise RuntimeError("no")

    monkeypatch.setattr(outbox, "_subscribers", [("", fail)])
    moved()
    outbox.drain()
    entry = OutboxEntry.objects.get()
    assert (entry.attempts, entry.error, entry.dispatched_at) == (1, "RuntimeError('no')", None)
    assert entry.next_at > clock.now()
    monkeypatch.setattr(outbox, "_subscribers", [])
    OutboxEntry.objects.update(next_at=clock.now())
    assert outbox.drain() == 1
    assert OutboxEntry.objects.get().dispatched_at


@pytest.mark.django_db
def test_an_event_that_fails_for_days_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, handed_on: list[Event]
) -> None:
    def fail(event: Event, audience: list[int]) -> None:
        if event.subject_id == "13":
            raise RuntimeError("no")

    outbox.subscribe("", fail)
    moved(Thing(pk=13))
    OutboxEntry.objects.update(attempts=2000)
    good = moved()
    assert outbox.drain() == 2
    assert OutboxEntry.objects.get(event=good).dispatched_at
    assert OutboxEntry.objects.get(attempts=2001).next_at < clock.now() + timedelta(minutes=6)


@pytest.mark.django_db
def test_a_full_batch_asks_for_the_next_one(monkeypatch: pytest.MonkeyPatch, handed_on: list[Event]) -> None:
    nudged: list[str] = []
    monkeypatch.setattr("apps.core.jobs.nudge", lambda task, *ids: nudged.append(task))
    monkeypatch.setattr(outbox, "BATCH", 2)
    for _ in range(3):
        moved()
    nudged.clear()
    assert outbox.drain(2) == 2
    assert tasks.dispatch_outbox() == 1
    assert len(handed_on) == 3


@pytest.mark.django_db(transaction=True)
def test_drains_at_the_same_moment_share_the_work(handed_on: list[Event]) -> None:
    for _ in range(30):
        moved()

    def drain() -> None:
        outbox.drain()
        connection.close()

    threads = [threading.Thread(target=drain) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({event.pk for event in handed_on}) == len(handed_on) == 30


@pytest.mark.django_db(transaction=True)
def test_an_event_that_rolls_back_is_never_handed_on(handed_on: list[Event]) -> None:
    with transaction.atomic():
        moved()
        transaction.set_rollback(True)
    assert outbox.drain() == 0
    assert handed_on == []
