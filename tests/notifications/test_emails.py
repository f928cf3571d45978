"""E-mails are sent at least once, recognised as one when sent twice, and readable as text and as HTML."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from apps.accounts.models import User
from apps.core import clock
from apps.notifications import sending
from apps.notifications.models import Email
from apps.notifications.states import ATTEMPTS, Sending
from tests.notifications.conftest import happens

pytestmark = pytest.mark.django_db


@pytest.fixture
def email(owner: User, reviewer: User) -> Email:
    """An e-mail to the owner about what the reviewer did."""
    happens(owner, actor=reviewer, what="<b>books</b>\n&c", reason="no reason")
    return Email.objects.get(user=owner)


def test_an_e_mail_says_who_did_what_and_where_to_look(email: Email, owner: User) -> None:
    assert sending.send_email(email.pk) == ""
    letter = mail.outbox[0]
    assert letter.to == [owner.email]
    assert letter.subject == "Reviewer shipped <b>books</b> &c: no reason"
    assert "Reviewer shipped <b>books</b>\n&c: no reason." in letter.body
    assert f"{settings.PUBLIC_URL}/objects/parcel/7/" in letter.body
    html = str(letter.alternatives[0][0])  # type: ignore[attr-defined]
    assert "&lt;b&gt;books&lt;/b&gt;" in html
    assert "<b>books</b>" not in html
    assert f'href="{settings.PUBLIC_URL}/objects/parcel/7/"' in html
    preferences = f"{settings.PUBLIC_URL}/inbox/preferences/"
    assert letter.message()["List-Unsubscribe"] == f"<{preferences}>"
    assert preferences in letter.body
    assert f'href="{preferences}"' in html


def test_an_e_mail_is_sent_once_and_noted(email: Email) -> None:
    sending.send_email(email.pk)
    assert sending.send_email(email.pk) is None
    row = Email.objects.get(pk=email.pk)
    assert (row.state, row.attempts, bool(row.sent_at)) == (Sending.SENT, 1, True)
    assert len(mail.outbox) == 1


def test_an_e_mail_that_is_sent_twice_has_one_message_id(email: Email) -> None:
    for _ in range(2):
        Email.objects.update(state=Sending.SENDING, next_at=clock.now() - timedelta(seconds=1))
        sending.send_email(email.pk)
    ids = {letter.message()["Message-ID"] for letter in mail.outbox}
    assert len(mail.outbox) == 2
    assert ids == {f"<{email.event_id}.{email.pk}@127.0.0.1>"}


@pytest.mark.parametrize("error", [SMTPServerDisconnected("bye"), ConnectionRefusedError(), TimeoutError()])
def test_a_mail_server_that_is_down_loses_nothing(
    email: Email, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(self: EmailBackend, messages: object) -> int:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", fail)
        assert sending.send_email(email.pk) == type(error).__name__
    row = Email.objects.get(pk=email.pk)
    assert (row.state, row.last_error) == (Sending.DUE, type(error).__name__)
    Email.objects.update(next_at=clock.now() - timedelta(seconds=1))
    assert sending.send_email(email.pk) == ""
    assert len(mail.outbox) == 1


def test_e_mails_are_given_up_after_the_last_wait(email: Email, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: EmailBackend, messages: object) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    Email.objects.update(attempts=ATTEMPTS - 1)
    sending.send_email(email.pk)
    assert Email.objects.get().state == Sending.EXHAUSTED


def test_somebody_who_left_gets_no_e_mail(email: Email, owner: User) -> None:
    owner.is_active = False
    owner.save()
    assert sending.send_email(email.pk) is None
    assert Email.objects.get().state == Sending.CANCELLED
    assert mail.outbox == []


def test_an_event_of_the_portal_itself_has_its_name(owner: User) -> None:
    happens(owner)
    sending.send_email(Email.objects.get().pk)
    assert mail.outbox[0].subject == "Registry Portal shipped books"
