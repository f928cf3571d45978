"""What tests of notifications need: events that happen, a receiver, an endpoint that points to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from apps.accounts.models import Team, User
from apps.audit import actions as audit
from apps.audit import outbox
from apps.audit.events import EventType, register, registered
from apps.audit.models import Event
from apps.core.actors import SYSTEM, Actor
from apps.notifications import actions
from apps.notifications.models import Delivery, Endpoint
from tests.notifications.receiver import Receiver, listening


def declared(name: str, wording: str, personal: tuple[str, ...] = ()) -> EventType:
    """Declare an event type of the tests, once for all test modules of a process."""
    return registered().get(name) or register(name, wording, personal)


SHIPPED = declared("tests.parcel.shipped", "shipped {what}: {reason}", personal=("reason",))
ROLE = "accounts.role.given"


@dataclass(frozen=True)
class Parcel:
    """Something that events are about."""

    pk: int = 7
    audit_type: str = "parcel"
    audit_label: str = "parcel 7"
    audit_scopes: list[str] = field(default_factory=lambda: ["organisation"])


def happens(
    *told: User, scopes: list[str] | None = None, actor: Actor = SYSTEM, kind: str = SHIPPED.name, **data: Any
) -> Event:
    """Let an event happen that these users are told of, and hand it on."""
    with transaction.atomic():
        event = audit.record(
            registered()[kind],
            actor=actor,
            subject=Parcel(audit_scopes=scopes or ["organisation"]),
            data={"what": "books", **data},
            audience=[user.pk for user in told],
        )
    outbox.drain()
    return event


@pytest.fixture
def private(settings: Settings) -> None:
    """Let webhooks go to loopback."""
    settings.WEBHOOK_ALLOW_PRIVATE = True


@pytest.fixture
def receiver(private: None) -> Iterator[Receiver]:
    """A receiver that answers 204."""
    with listening(Receiver()) as found:
        yield found


@pytest.fixture
def secret_of(receiver: Receiver, owner: User, team: Team) -> tuple[Endpoint, str]:
    """An endpoint of the team at the receiver, and its secret."""
    return actions.create_endpoint("deployer", receiver.url, actor=owner, team=team)


@pytest.fixture
def endpoint(secret_of: tuple[Endpoint, str]) -> Endpoint:
    """An endpoint of the team at the receiver."""
    return secret_of[0]


@pytest.fixture
def delivery(endpoint: Endpoint, team: Team) -> Delivery:
    """A delivery that is due."""
    event = happens(scopes=[f"team:{team.pk}"])
    return Delivery.objects.get(event=event, endpoint=endpoint)
