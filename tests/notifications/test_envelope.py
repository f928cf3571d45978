"""A message is a CloudEvent that says who did what to what, and nothing personal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings

from apps.accounts.models import User
from apps.audit.models import Event
from apps.notifications import envelope
from tests.notifications.conftest import happens

pytestmark = pytest.mark.django_db(transaction=True)


def message(event: Event) -> dict[str, Any]:
    """Return the parsed message of an event."""
    parsed: dict[str, Any] = json.loads(envelope.body(event))
    return parsed


def test_a_message_is_a_cloud_event(owner: User) -> None:
    promotion = {"id": 3, "model": "card-fraud", "version": "1.4.0", "target_stage": "production"}
    event = happens(actor=owner, promotion=promotion)
    found = message(event)
    assert found["specversion"] == "1.0"
    assert found["id"] == str(event.pk)
    assert found["source"] == settings.PUBLIC_URL
    assert found["type"] == "tests.parcel.shipped.v1"
    assert found["subject"] == "parcel/7"
    assert found["time"] == event.content["at"]
    assert found["datacontenttype"] == "application/json"
    assert found["data"]["promotion"] == promotion
    assert found["data"]["actor"] == {"urn": owner.urn, "username": "owner"}
    assert found["data"]["leaf_index"] == event.leaf.leaf_index
    assert found["data"]["subject"] == {"type": "parcel", "id": "7", "label": "parcel 7"}
    assert found["data"]["url"] == f"{settings.PUBLIC_URL}/objects/parcel/7/"


def test_the_portal_itself_is_named_as_such() -> None:
    assert message(happens())["data"]["actor"]["username"] == "system"


def test_personal_data_never_leaves_the_portal() -> None:
    event = happens(reason="Ada has a cold")
    assert event.sentence == "shipped books: Ada has a cold"
    assert b"Ada" not in envelope.body(event)
    assert message(event)["data"]["sentence"] == "shipped books: (withheld)"


def test_a_message_stays_below_twenty_kilobytes() -> None:
    event = happens(what="é" * 15_000, other=[1] * 1000)
    body = envelope.body(event)
    assert len(body) < 20_000
    assert json.loads(body)["data"]["truncated"] is True
    assert json.loads(body)["data"]["actor"]["username"] == "system"
    assert "truncated" not in message(happens())["data"]


def test_a_message_is_the_same_bytes_every_time(owner: User) -> None:
    event = happens(actor=owner, b=1, a=2)
    assert envelope.body(event) == envelope.body(Event.objects.get(pk=event.pk))


def test_events_cannot_name_another_actor() -> None:
    event = happens(actor_name="x", leaf_index=99)
    assert message(event)["data"]["leaf_index"] == event.leaf.leaf_index
