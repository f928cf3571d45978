"""A delivery is claimed, sent and settled; what fails comes back at the right time, and nothing is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from apps.accounts.models import Team, User
from apps.audit import outbox
from apps.audit.models import Event
from apps.core import clock, jobs
from apps.notifications import sending, tasks
from apps.notifications.events import DELIVERY_EXHAUSTED, ENDPOINT_DISABLED
from apps.notifications.models import Attempt, Delivery, Email, Endpoint, EndpointSecret, Notice
from apps.notifications.states import ATTEMPTS, GONE, LONGEST_WAIT, WAITS, Sending, wait_after
from tests.assertions import assert_audited, assert_unchanged
from tests.notifications.conftest import happens
from tests.notifications.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


def make_due(delivery: Delivery) -> Delivery:
    """Let the time of a delivery come."""
    Delivery.objects.filter(pk=delivery.pk).update(next_at=clock.now() - timedelta(seconds=1))
    return delivery


def fresh(delivery: Delivery) -> Delivery:
    """Read a delivery again."""
    return Delivery.objects.get(pk=delivery.pk)


def waits(delivery: Delivery) -> timedelta:
    """Return how long a delivery waits from now."""
    return fresh(delivery).next_at - clock.now()


def test_a_delivery_is_signed_and_sent_once(
    delivery: Delivery, receiver: Receiver, secret_of: tuple[Endpoint, str]
) -> None:
    sending.deliver(delivery.pk)
    assert sending.deliver(delivery.pk) is None
    message = receiver.messages[0]
    assert len(receiver.messages) == 1
    assert message.verified(secret_of[1])["id"] == str(delivery.event_id)
    assert message.id == delivery.message_id
    assert message.headers["content-type"].startswith("application/cloudevents+json")
    row = fresh(delivery)
    assert (row.state, row.attempts, row.last_error) == (Sending.SENT, 1, "")
    assert row.sent_at
    attempt = Attempt.objects.get(delivery=delivery)
    assert (attempt.number, attempt.status_code, attempt.error, attempt.excerpt) == (1, 204, "", "")


def test_a_failure_comes_back_with_the_same_id(delivery: Delivery, receiver: Receiver) -> None:
    receiver.answer((500, {}, b"no"), 200)
    sending.deliver(delivery.pk)
    row = fresh(delivery)
    assert (row.state, row.attempts, row.last_error, row.nudged_at) == (Sending.DUE, 1, "HTTP 500", None)
    assert timedelta(seconds=4) < waits(delivery) <= timedelta(seconds=5.5)
    assert sending.deliver(delivery.pk) is None
    sending.deliver(make_due(delivery).pk)
    assert fresh(delivery).state == Sending.SENT
    assert {message.id for message in receiver.messages} == {delivery.message_id}
    assert receiver.messages[0].body == receiver.messages[1].body
    assert list(Attempt.objects.values_list("number", "status_code", "excerpt")) == [(1, 500, "no"), (2, 200, "")]


def test_waits_are_those_of_the_table() -> None:
    assert [wait_after(attempts) for attempts in range(ATTEMPTS)] == list(WAITS)
    assert wait_after(ATTEMPTS) is None
    assert wait_after(2, luck=0.999) < WAITS[2] * 1.1  # type: ignore[operator]
    assert wait_after(1, timedelta(minutes=3)) == timedelta(minutes=3)
    assert wait_after(5, timedelta(minutes=3)) == WAITS[5]
    assert wait_after(1, timedelta(days=400)) == LONGEST_WAIT
    assert wait_after(1, timedelta(days=-1)) == WAITS[1]


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_may_ask_for_patience(delivery: Delivery, receiver: Receiver, status: int) -> None:
    receiver.answer((status, {"Retry-After": "3600"}))
    sending.deliver(delivery.pk)
    assert timedelta(minutes=59) < waits(delivery) <= timedelta(hours=1)


def test_the_last_failure_gives_up_and_tells_who_manages(
    delivery: Delivery, receiver: Receiver, owner: User, reviewer: User
) -> None:
    receiver.answer(500)
    Delivery.objects.update(attempts=ATTEMPTS - 1)
    with assert_audited(DELIVERY_EXHAUSTED, delivery) as recorded:
        sending.deliver(delivery.pk)
    assert fresh(delivery).state == Sending.EXHAUSTED
    assert recorded.audience == [owner.pk]
    assert recorded.data["attempts"] == ATTEMPTS
    assert sending.deliver(make_due(delivery).pk) is None


def test_410_disables_the_endpoint_and_cancels_what_waits(
    delivery: Delivery, endpoint: Endpoint, receiver: Receiver, team: Team
) -> None:
    waiting = happens(scopes=[f"team:{team.pk}"]).deliveries.get()
    receiver.answer(410)
    with assert_audited(ENDPOINT_DISABLED, endpoint) as recorded:
        sending.deliver(delivery.pk)
    endpoint.refresh_from_db()
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, GONE)
    assert {fresh(delivery).state, fresh(waiting).state} == {Sending.CANCELLED}
    assert recorded.data["cancelled"] == 2
    assert Attempt.objects.get().status_code == 410


def test_a_delivery_to_an_endpoint_disabled_meanwhile_is_cancelled(delivery: Delivery, receiver: Receiver) -> None:
    Endpoint.objects.update(enabled=False, disabled_reason="quietly")
    assert sending.deliver(delivery.pk) is None
    assert fresh(delivery).state == Sending.CANCELLED
    assert receiver.messages == []


def test_a_claim_holds_for_its_lease_and_ends_by_itself(delivery: Delivery, settings: Settings) -> None:
    settings.DELIVERY_LEASE_SECONDS = 60
    claimed = sending.claim(Delivery.objects.told(), delivery.pk)
    assert claimed is not None
    assert (claimed.state, claimed.attempts) == (Sending.SENDING, 1)
    assert timedelta(seconds=58) < waits(delivery) <= timedelta(seconds=60)
    assert sending.claim(Delivery.objects.told(), delivery.pk) is None
    make_due(delivery)
    again = sending.claim(Delivery.objects.told(), delivery.pk)
    assert again is not None
    assert again.attempts == 2


def test_a_worker_that_lost_its_claim_does_not_undo_the_other_ones_work(
    delivery: Delivery, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answer(500, 200)
    slow = sending.claim(Delivery.objects.told(), delivery.pk)
    assert slow is not None
    sending.deliver(make_due(delivery).pk)
    held = fresh(delivery)
    sending._settle_delivery(slow, sending.Outcome(status=500))
    assert fresh(delivery).next_at == held.next_at
    sending._settle_delivery(slow, sending.Outcome(status=200))
    assert fresh(delivery).state == Sending.SENT
    sending._settle_delivery(slow, sending.Outcome(status=500))
    assert fresh(delivery).state == Sending.SENT


def test_a_row_whose_workers_always_die_is_given_up(delivery: Delivery) -> None:
    Delivery.objects.update(attempts=ATTEMPTS, state=Sending.SENDING)
    make_due(delivery)
    with assert_audited(DELIVERY_EXHAUSTED):
        assert sending.deliver(delivery.pk) is None
    assert fresh(delivery).state == Sending.EXHAUSTED


def test_workers_at_the_same_moment_send_once(delivery: Delivery, receiver: Receiver) -> None:
    receiver.before = lambda handler: time.sleep(0.3)

    def work() -> None:
        sending.deliver(delivery.pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.messages) == 1


def test_nothing_is_locked_while_a_receiver_takes_its_time(
    delivery: Delivery, receiver: Receiver, endpoint: Endpoint, owner: User
) -> None:
    seen: list[str] = []

    def meanwhile(_: Any) -> None:
        with transaction.atomic():
            seen.append(Delivery.objects.select_for_update(nowait=True).get(pk=delivery.pk).state)
            Endpoint.objects.select_for_update(nowait=True).get(pk=endpoint.pk)
        connection.close()

    receiver.before = meanwhile
    sending.deliver(delivery.pk)
    assert seen == [Sending.SENDING]
    assert fresh(delivery).state == Sending.SENT


def test_a_secret_under_a_lost_key_is_a_failure_that_is_told(delivery: Delivery, receiver: Receiver) -> None:
    EndpointSecret.objects.update(sealed="gibberish")
    sending.deliver(delivery.pk)
    assert (fresh(delivery).state, fresh(delivery).last_error) == (Sending.DUE, "SecretUnreadable")
    assert receiver.messages == []


def test_attempts_are_append_only(delivery: Delivery, receiver: Receiver) -> None:
    sending.deliver(delivery.pk)
    changes: list[Callable[[], object]] = [
        lambda: Attempt.objects.update(status_code=200),
        lambda: Attempt.objects.all().delete(),
    ]
    for change in changes:
        with assert_unchanged(Attempt), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


@pytest.fixture
def nudged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Collect nudges instead of publishing them."""
    found: list[tuple[str, int]] = []
    monkeypatch.setattr(jobs, "nudge", lambda task, *ids: found.extend((task.rpartition(".")[2], pk) for pk in ids))
    return found


def test_the_sweep_wakes_workers_for_what_is_due_and_only_once_in_a_while(
    delivery: Delivery, owner: User, nudged: list[tuple[str, int]]
) -> None:
    email = happens(owner, scopes=["team:0"]).emails.get()
    nudged.clear()
    assert tasks.sweep() == 2
    assert sorted(nudged) == [("deliver", delivery.pk), ("send_email", email.pk)]
    assert tasks.sweep() == 0
    Delivery.objects.update(nudged_at=clock.now() - sending.PATIENCE)
    assert tasks.sweep() == 1


@pytest.mark.parametrize("state", [Sending.SENT, Sending.EXHAUSTED, Sending.CANCELLED])
def test_the_sweep_leaves_closed_and_future_rows_alone(delivery: Delivery, state: Sending) -> None:
    Delivery.objects.update(state=state)
    assert tasks.sweep() == 0
    Delivery.objects.update(state=Sending.DUE, next_at=clock.now() + timedelta(minutes=1))
    assert tasks.sweep() == 0
    Delivery.objects.update(state=Sending.SENDING)
    assert tasks.sweep() == 0
    make_due(delivery)
    assert tasks.sweep() == 1


def test_giving_up_reaches_the_inbox_of_who_manages(delivery: Delivery, receiver: Receiver, owner: User) -> None:
    receiver.answer(500)
    Delivery.objects.update(attempts=ATTEMPTS - 1)
    sending.deliver(delivery.pk)
    outbox.drain()
    assert Notice.objects.get(user=owner).event.type == str(DELIVERY_EXHAUSTED)
    assert Email.objects.filter(user=owner).count() == 1
    assert Delivery.objects.count() == 1
    assert Event.objects.filter(type=str(DELIVERY_EXHAUSTED)).count() == 1
