"""E-mails as plain text and HTML: of one event for one person, and of what came in a day."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from apps.accounts.models import User
from apps.audit import selectors as audit
from apps.audit.models import Event
from apps.core.actors import SYSTEM
from apps.notifications import envelope
from apps.notifications.models import Digest, Email
from apps.notifications.states import Kind, kind_of

LONGEST_SUBJECT = 200
MOST_LINES = 200


def letter(email: Email) -> EmailMultiAlternatives:
    """Return the message; its Message-ID is that of the row, the same whenever it is sent again."""
    (line,) = _lines([email.event])
    context = {**line, "kind": kind_of(email.event.type).label}
    return _message(f"{line['who']} {line['sentence']}", "email", context, email.user, email.message_id)


def digest(row: Digest) -> EmailMultiAlternatives:
    """Return the message of everything that a digest gathered, by kind; the first 200 events in full."""
    events = [line.event for line in row.lines.select_related("event__personal").order_by("pk")[: MOST_LINES + 1]]
    count = row.lines.count()
    lines = _lines(events[:MOST_LINES])
    groups = [(kind.label, [line for line in lines if line["kind"] == kind]) for kind in Kind]
    context = {
        "groups": [(label, found) for label, found in groups if found],
        "count": count,
        "more": count - len(lines),
        "inbox": f"{settings.PUBLIC_URL}/inbox/",
    }
    subject = f"{count} {'event' if count == 1 else 'events'} in Registry Portal"
    return _message(subject, "digest", context, row.user, row.message_id)


def _lines(events: Iterable[Event]) -> list[dict[str, Any]]:
    events = list(events)
    people = audit.people_behind(event.actor for event in events)
    return [
        {
            "who": str(people.get(event.actor, SYSTEM.name)),
            "sentence": event.sentence,
            "at": event.at,
            "link": envelope.link(event),
            "kind": kind_of(event.type),
        }
        for event in events
    ]


def _message(
    subject: str, template: str, context: dict[str, Any], reader: User, message_id: str
) -> EmailMultiAlternatives:
    preferences = f"{settings.PUBLIC_URL}/inbox/preferences/"
    context |= {"name": str(reader), "preferences": preferences}
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split())[:LONGEST_SUBJECT],
        body=render_to_string(f"notifications/{template}.txt", context),
        to=[reader.email],
        headers={
            "Message-ID": message_id,
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{preferences}>",
        },
    )
    message.attach_alternative(render_to_string(f"notifications/{template}.html", context), "text/html")
    return message
