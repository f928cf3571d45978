"""The whole way with real processes: an event, a broker, a worker, a receiver; and any of them may die."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import transaction

from apps.accounts.models import Team, User
from apps.audit import actions as audit
from apps.audit.models import Event
from apps.core import clock, jobs
from apps.core.actors import SYSTEM
from apps.notifications import actions
from apps.notifications.models import Delivery, Email, Endpoint, Notice
from apps.notifications.states import Sending
from tests import factories
from tests.infrastructure import services
from tests.notifications.brokers import Broker
from tests.notifications.conftest import SHIPPED, Parcel
from tests.notifications.receiver import Receiver, listening

pytestmark = pytest.mark.django_db(transaction=True)
BROKERS = [
    "filesystem",
    pytest.param("redis", marks=pytest.mark.redis),
    pytest.param("rabbitmq", marks=pytest.mark.rabbitmq),
]
PATIENCE = 60.0


def eventually(true: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait until something is true and return it; fail when it never is."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.1)
    return found


def shipped(team: Team, *told: User) -> Event:
    """Let an event happen, without handing it on: that is the workers' part."""
    with transaction.atomic():
        subject = Parcel(audit_scopes=[f"team:{team.pk}"])
        audience = [user.pk for user in told]
        return audit.record(SHIPPED, actor=SYSTEM, subject=subject, data={"what": "books"}, audience=audience)


def delivered(*events: Event) -> bool:
    """Tell whether all these events have been delivered to every endpoint."""
    found = set(Delivery.objects.filter(event__in=events).values_list("event_id", "state"))
    return found == {(event.pk, Sending.SENT) for event in events}


def without_waits(*events: Event) -> bool:
    """Let the time of whatever waits come, and tell whether all these events have been delivered."""
    Delivery.objects.filter(state=Sending.DUE).update(next_at=clock.now(), nudged_at=None)
    return delivered(*events)


@pytest.fixture
def broker(
    request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Broker]:
    """A broker to which this process publishes, without workers as yet."""
    kind = getattr(request, "param", "filesystem")
    url = "filesystem://localhost" if kind == "filesystem" else services.SERVERS[kind].url
    found = Broker(url, tmp_path)
    # Celery prefers the environment's broker to the configured one.
    monkeypatch.setenv("CELERY_BROKER_URL", url)
    monkeypatch.setattr(jobs, "current_app", found.publisher())
    monkeypatch.setattr(jobs, "_silent_until", 0.0)
    yield found
    found.close()


@pytest.mark.parametrize("broker", BROKERS, indirect=True)
def test_an_event_reaches_receiver_inbox_and_mailbox(
    broker: Broker, receiver: Receiver, secret_of: tuple[Endpoint, str], team: Team, reviewer: User
) -> None:
    broker.start()
    event = shipped(team, reviewer)
    eventually(lambda: delivered(event) and Email.objects.filter(event=event, state=Sending.SENT).exists())
    message = receiver.messages[0]
    assert message.verified(secret_of[1])["id"] == str(event.pk)
    assert message.event["data"]["leaf_index"] == event.leaf.leaf_index
    assert Notice.objects.get(event=event).user == reviewer
    letters = [message_from_bytes(path.read_bytes()) for path in (broker.home / "mail").iterdir()]
    assert any(letter["Message-ID"] == Email.objects.get(event=event).message_id for letter in letters)
    assert {each.id for each in receiver.messages if each.event["id"] == str(event.pk)} == {message.id}


@pytest.mark.parametrize("broker", BROKERS, indirect=True)
def test_a_worker_killed_while_it_delivers_loses_nothing(
    broker: Broker, receiver: Receiver, secret_of: tuple[Endpoint, str], team: Team
) -> None:
    arrived, dead = threading.Event(), threading.Event()

    def hang(_: Any) -> None:
        arrived.set()
        dead.wait(PATIENCE)

    receiver.before = hang
    broker.start()
    events = [shipped(team) for _ in range(4)]
    assert arrived.wait(PATIENCE)
    broker.kill()
    assert not delivered(events[0], events[1])
    receiver.before = lambda handler: None
    dead.set()
    broker.start()
    eventually(lambda: delivered(*events))
    ids = Delivery.objects.filter(event__in=events).values_list("message_id", "event_id")
    sent = {(message.id, message.verified(secret_of[1])["id"]) for message in receiver.messages}
    assert {(name, str(event)) for name, event in ids} <= sent
    assert len({message.id for message in receiver.messages}) == len(
        {message.event["id"] for message in receiver.messages}
    )


def test_a_receiver_that_was_down_gets_everything_when_it_is_up(
    broker: Broker, receiver: Receiver, team: Team, owner: User
) -> None:
    with listening(Receiver()) as late:
        actions.create_endpoint("late", late.url, actor=owner, team=team)
    broker.start()
    events = [shipped(team) for _ in range(2)]
    waiting = Delivery.objects.filter(endpoint__name="late", event__in=events, last_error="ConnectionRefusedError")
    eventually(lambda: waiting.count() == 2)
    with listening(late):
        # A second failure would mean five minutes.
        eventually(lambda: without_waits(*events))
    assert {message.event["id"] for message in late.messages} >= {str(event.pk) for event in events}


def test_without_a_broker_requests_succeed_and_the_sweep_delivers(
    broker: Broker, receiver: Receiver, endpoint: Endpoint, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = Broker("redis://127.0.0.1:1/0", broker.home)
    monkeypatch.setattr(jobs, "current_app", nobody.publisher())
    started = time.monotonic()
    answer = factories.api(owner).post(
        f"/api/v1/webhooks/{endpoint.pk}/disable/", {"reason": "to see"}, headers={"Idempotency-Key": "once-more"}
    )
    assert answer.status_code == 200
    assert time.monotonic() - started < 5
    actions.enable_endpoint(endpoint, actor=owner)
    event = shipped(endpoint.team or Team(), owner)
    assert not Delivery.objects.filter(event=event).exists()
    broker.start()
    eventually(lambda: delivered(event))
    assert [message.event["id"] for message in receiver.messages].count(str(event.pk)) == 1


def test_flood_of_mail_lets_no_promotion_wait(broker: Broker) -> None:
    published, flood, token = broker.publisher(), 400, uuid4().hex
    for number in range(flood):
        published.send_task("apps.notifications.tasks.send_email", args=[-number])
    published.send_task("registry_portal.answer_health", args=[token])
    broker.start()
    eventually(lambda: cache.get(f"portal:worker-seen:{token}"))
    left = sum(broker.notices in path.name for path in (broker.home / "broker" / "queue").iterdir())
    assert left > flood / 2
