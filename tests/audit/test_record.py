"""`record` writes canonical bytes once, keeps personal data apart, and only inside a transaction."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import rfc8785
from django.db import connection, transaction

from apps.audit import actions as audit
from apps.audit.events import register
from apps.audit.models import Event, OutboxEntry, PersonalData
from apps.core.actors import SYSTEM
from apps.core.context import Context, acting
from apps.core.errors import Invalid, TooLarge
from tests.audit.conftest import FOUND, MOVED, NOTED, Thing, moved, noted

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_raises() -> None:
    assert not connection.in_atomic_block
    with pytest.raises(RuntimeError, match="inside the transaction"):
        audit.record(MOVED, actor=SYSTEM, subject=Thing())
    assert not Event.objects.exists()


def test_a_body_is_canonical_and_survives_the_database_byte_for_byte() -> None:
    event = moved(b=[1, 2.50, "é\u2028\x00"], a={"z": None, "y": True})
    stored = Event.objects.get(pk=event.pk).body
    assert stored == event.body
    assert rfc8785.dumps(json.loads(stored)) == stored.encode()


def test_a_body_says_who_what_when_and_how() -> None:
    with acting(Context(request_id="r-1", auth={"method": "token"})):
        event = moved(thing="a box")
    content = event.content
    assert content["type"] == "tests.thing.moved"
    assert content["actor"] == SYSTEM.urn
    assert content["subject"] == {"type": "thing", "id": "1", "label": "a thing"}
    assert (content["request"], content["auth"]) == ("r-1", {"method": "token"})
    assert content["at"].endswith("Z")
    assert content["id"] == str(event.pk)


def test_columns_repeat_the_body() -> None:
    event = moved(Thing(pk=9, audit_scopes=["team:3", "model:7"]))
    row = Event.objects.get(pk=event.pk)
    assert (row.type, row.subject_type, row.subject_id) == ("tests.thing.moved", "thing", "9")
    assert row.scopes == row.content["scopes"] == ["team:3", "model:7"]


def test_personal_data_stays_out_of_the_body_and_is_committed_to() -> None:
    event = noted("Ada said so")
    kept = PersonalData.objects.get(event=event)
    assert "Ada" not in event.body
    assert kept.data == {"reason": "Ada said so"}
    salted = bytes(kept.salt) + rfc8785.dumps({"reason": "Ada said so"})
    assert event.content["personal"] == hashlib.sha256(salted).hexdigest()
    assert len(bytes(kept.salt)) == 32


def test_the_same_personal_data_never_has_the_same_commitment() -> None:
    assert noted("same").content["personal"] != noted("same").content["personal"]


def test_an_event_without_personal_data_has_no_commitment() -> None:
    event = noted("")
    assert event.content["personal"] is None
    assert not PersonalData.objects.exists()
    assert event.sentence == "noted on a thing"


def test_sentences_name_personal_data_only_while_it_is_kept() -> None:
    event = noted("Ada said so")
    assert Event.objects.get(pk=event.pk).sentence == "noted on a thing: Ada said so"
    assert event.public_sentence == "noted on a thing: (withheld)"
    PersonalData.objects.all().delete()
    assert Event.objects.get(pk=event.pk).sentence == "noted on a thing: (withheld)"


def test_sentences_write_lists_as_words() -> None:
    assert moved(thing="it", places=["here", "there"]).sentence == "moved it to here, there"


def test_sentences_say_choices_without_underscores_and_names_with_them() -> None:
    with transaction.atomic():
        event = audit.record(
            FOUND, actor=SYSTEM, subject=Thing(), data={"kind": "evaluation_report", "name": "log_loss"}
        )
    assert event.sentence == "found evaluation report log_loss"


def test_every_event_has_one_outbox_row_with_its_audience() -> None:
    with transaction.atomic():
        event = audit.record(MOVED, actor=SYSTEM, subject=Thing(), audience=[3, 1, 3])
    assert OutboxEntry.objects.get().event_id == event.pk
    assert OutboxEntry.objects.get().audience == [1, 3]


def test_a_change_too_large_for_a_leaf_is_refused() -> None:
    with pytest.raises(TooLarge, match="at most 65535"):
        moved(text="x" * 70_000)
    assert not Event.objects.exists()


@pytest.mark.parametrize("value", [2**53 + 1, float("nan"), float("inf"), object, "\ud800"])
def test_what_json_cannot_hold_exactly_is_refused(value: Any) -> None:
    with pytest.raises(Invalid):
        moved(value=value)
    assert not Event.objects.exists()


def test_a_handler_of_the_recording_transaction_can_abort_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(event: Event) -> None:
        raise RuntimeError(event.type)

    monkeypatch.setattr(audit, "_on_record", [])
    audit.on_record("tests.thing.", refuse)
    with pytest.raises(RuntimeError, match=r"tests\.thing\.moved"):
        moved()
    assert not Event.objects.exists()


@pytest.mark.parametrize("name", ["models", "models.version", "Models.version.sealed", "a.b.c.d"])
def test_malformed_event_types_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not of the form"):
        register(name, "did it")


def test_an_event_type_is_registered_once() -> None:
    with pytest.raises(ValueError, match="registered twice"):
        register(NOTED.name, "did it again")
