"""A daily digest gathers what came, is sent once at its hour and survives what e-mails survive."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.audit import actions as audit
from apps.audit import outbox
from apps.core import clock
from apps.core.actors import SYSTEM
from apps.notifications import actions, sending, subscriber, tasks
from apps.notifications.models import Digest, DigestLine, Email, Notice
from apps.notifications.states import Sending, next_digest
from tests import factories
from tests.notifications.conftest import ROLE, SHIPPED, Parcel, happens

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reader(owner: User) -> User:
    """Somebody who wants one e-mail a day."""
    actions.set_preference(owner, digest=True, digest_hour=7)
    return owner


def make_due() -> Digest:
    """Let the hour of the only open digest come."""
    Digest.objects.filter(state=Sending.DUE).update(next_at=clock.now() - timedelta(seconds=1))
    return Digest.objects.get(state=Sending.DUE)


@pytest.mark.parametrize(
    ("now", "due"), [("06:59", "2026-03-01 07:00"), ("07:00", "2026-03-02 07:00"), ("23:10", "2026-03-02 07:00")]
)
def test_the_next_digest_is_at_the_next_such_hour(now: str, due: str) -> None:
    moment = datetime.fromisoformat(f"2026-03-01 {now}").replace(tzinfo=UTC)
    assert next_digest(7, moment) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_events_are_gathered_and_nothing_is_sent_before_the_hour(reader: User, reviewer: User) -> None:
    events = [happens(reader, reviewer, what=what) for what in ("books", "pens")]
    digest = Digest.objects.get(user=reader)
    assert [line.event for line in digest.lines.all()] == events
    assert digest.next_at == next_digest(7, digest.created_at)
    assert sending.send_digest(digest.pk) is None
    assert set(Email.objects.values_list("user__username", flat=True)) == {"reviewer"}
    assert Notice.objects.filter(user=reader).count() == 2
    assert mail.outbox == []


def test_a_digest_tells_everything_once_by_kind(reader: User, reviewer: User) -> None:
    happens(reader, actor=reviewer, what="<b>books</b>")
    happens(reader, kind=ROLE, name="Owner", role="reviewer")
    digest = make_due()
    assert sending.send_digest(digest.pk) == ""
    assert sending.send_digest(digest.pk) is None
    (letter,) = mail.outbox
    assert letter.to == [reader.email]
    assert letter.subject == "2 events in Registry Portal"
    assert letter.body.index("\nRoles\n") < letter.body.index("\nOther\n")
    assert "* Reviewer shipped <b>books</b>" in letter.body
    assert f"{settings.PUBLIC_URL}/objects/parcel/7/" in letter.body
    assert f"{settings.PUBLIC_URL}/inbox/preferences/" in letter.body
    assert letter.message()["List-Unsubscribe"] == f"<{settings.PUBLIC_URL}/inbox/preferences/>"
    html = str(letter.alternatives[0][0])  # type: ignore[attr-defined]
    assert "&lt;b&gt;books&lt;/b&gt;" in html
    assert "<b>books</b>" not in html
    row = Digest.objects.get()
    assert (row.state, row.attempts, bool(row.sent_at)) == (Sending.SENT, 1, True)


def test_what_comes_after_a_digest_was_taken_is_in_the_next(reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    happens(reader)
    first = make_due()

    def fail(self: EmailBackend, messages: object) -> int:
        raise SMTPServerDisconnected("bye")

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", fail)
        assert sending.send_digest(first.pk) == "SMTPServerDisconnected"
    assert Digest.objects.get(pk=first.pk).state == Sending.DUE
    happens(reader, what="pens")
    second = Digest.objects.exclude(pk=first.pk).get()
    assert second.lines.count() == first.lines.count() == 1
    Digest.objects.filter(pk=first.pk).update(next_at=clock.now() - timedelta(seconds=1))
    assert sending.send_digest(first.pk) == ""
    assert mail.outbox[0].subject == "1 event in Registry Portal"


def test_a_digest_whose_worker_died_is_sent_with_the_same_message_id(reader: User) -> None:
    happens(reader)
    digest = make_due()
    for _ in range(2):
        Digest.objects.update(state=Sending.SENDING, next_at=clock.now() - timedelta(seconds=1))
        sending.send_digest(digest.pk)
    assert {letter.message()["Message-ID"] for letter in mail.outbox} == {f"<digest.{digest.pk}@127.0.0.1>"}


def test_the_sweep_wakes_workers_for_digests_that_are_due(reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[str, tuple[int | str, ...]]] = []
    monkeypatch.setattr("apps.core.jobs._publish", lambda task, ids: woken.append((task, ids)))
    happens(reader)
    tasks.sweep()
    assert [each for each in woken if "digest" in each[0]] == []
    digest = make_due()
    tasks.sweep()
    assert ("apps.notifications.tasks.send_digest", (digest.pk,)) in woken
    tasks.send_digest(digest.pk)
    assert Digest.objects.get().state == Sending.SENT


def test_somebody_who_left_gets_no_digest(reader: User) -> None:
    happens(reader)
    reader.is_active = False
    reader.save()
    assert sending.send_digest(make_due().pk) is None
    assert Digest.objects.get().state == Sending.CANCELLED
    assert mail.outbox == []


def test_a_new_hour_moves_what_was_gathered(reader: User) -> None:
    happens(reader)
    actions.set_preference(reader, digest_hour=19)
    assert Digest.objects.get().next_at == next_digest(19, clock.now())


def test_a_choice_of_something_else_leaves_the_digest_where_it_is(reader: User) -> None:
    happens(reader)
    overdue = make_due().next_at
    actions.set_preference(reader, not_in_app=["roles"])
    assert Digest.objects.get().next_at == overdue


def test_whoever_ends_digests_gets_what_was_gathered_at_once(reader: User) -> None:
    happens(reader)
    actions.set_preference(reader, digest=False)
    assert sending.send_digest(Digest.objects.get().pk) == ""
    happens(reader)
    assert (Email.objects.count(), Digest.objects.count()) == (1, 1)


def test_whoever_wants_no_e_mail_gets_no_digest_either(reader: User) -> None:
    happens(reader)
    actions.set_preference(reader, email=False)
    assert Digest.objects.get().state == Sending.CANCELLED
    happens(reader)
    assert DigestLine.objects.count() == 1


def test_kinds_that_are_not_wanted_are_in_no_digest(reader: User) -> None:
    actions.set_preference(reader, not_by_email=["roles"])
    happens(reader, kind=ROLE, name="Owner", role="reviewer")
    assert not Digest.objects.exists()
    assert Notice.objects.filter(user=reader).exists()


def test_a_line_that_meets_the_sender_is_in_one_digest_and_not_lost(reader: User) -> None:
    happens(reader)
    digest, taken = make_due(), threading.Event()

    def send_later() -> None:
        try:
            with transaction.atomic():
                row = Digest.objects.select_for_update().get(pk=digest.pk)
                taken.set()
                # The subscriber waits for this row: what it adds must not go into a digest that is being sent.
                threading.Event().wait(0.5)
                row.state, row.attempts = Sending.SENDING, 1
                row.save()
        finally:
            connection.close()

    other = threading.Thread(target=send_later)
    other.start()
    taken.wait(5)
    with transaction.atomic():
        event = audit.record(SHIPPED, actor=SYSTEM, subject=Parcel(), data={"what": "ink"}, audience=[reader.pk])
    outbox.drain()
    other.join()
    line = DigestLine.objects.get(event=event)
    assert line.digest_id != digest.pk
    assert line.digest.state == Sending.DUE


def test_many_people_are_gathered_for_in_as_many_queries_as_one(reader: User) -> None:
    event, people = happens(), [factories.person() for _ in range(5)]
    for person in people:
        actions.set_preference(person, digest=True)
    with CaptureQueriesContext(connection) as few, transaction.atomic():
        subscriber.notify(event, [reader.pk])
    with CaptureQueriesContext(connection) as many, transaction.atomic():
        subscriber.notify(event, [person.pk for person in people])
    assert len(many) == len(few)
    assert DigestLine.objects.count() == Digest.objects.count() == 6
