"""Turns an event into rows: notices, e-mails and digest lines for its audience, deliveries for endpoints."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from apps.accounts.models import User
from apps.audit.models import Event
from apps.core import clock, jobs
from apps.notifications.models import Delivery, Digest, DigestLine, Email, Endpoint, Notice, Preference, message_id
from apps.notifications.states import kind_of, next_digest


def notify(event: Event, audience: list[int]) -> None:
    """Write the rows of one event, in the transaction that marks it as handed on, and wake the workers."""
    moment, kind = clock.now(), kind_of(event.type)
    people = list(told_of(event, audience))
    chosen = {preference.user_id: preference for preference in Preference.objects.filter(user__in=people)}
    ways = {person: chosen.get(person.pk) or Preference(user=person) for person in people}
    _notices(event, moment, [person for person, way in ways.items() if way.tells_in_app(kind)])
    mailed = {person: way for person, way in ways.items() if person.email and way.tells_by_email(kind)}
    _emails(event, moment, [person for person, way in mailed.items() if not way.digest])
    _digest_lines(event, moment, {person: way for person, way in mailed.items() if way.digest})
    _deliveries(event, moment)


def told_of(event: Event, audience: list[int]) -> Iterable[User]:
    """Return the active people of an audience without the one who acted; programs have no inbox."""
    people = User.objects.active().people().filter(pk__in=audience)
    return (person for person in people if person.urn != event.actor)


def _notices(event: Event, moment: datetime, people: list[User]) -> None:
    kind = kind_of(event.type)
    Notice.objects.bulk_create([Notice(user=person, event=event, kind=kind, created_at=moment) for person in people])


def _emails(event: Event, moment: datetime, people: list[User]) -> None:
    rows = [Email(user=person, event=event, created_at=moment, next_at=moment) for person in people]
    for row in Email.objects.bulk_create(rows):
        jobs.nudge("apps.notifications.tasks.send_email", row.pk)


def _digest_lines(event: Event, moment: datetime, ways: dict[User, Preference]) -> None:
    wanted = dict(sorted(ways.items(), key=lambda item: item[0].pk))
    while wanted:
        fresh = [
            Digest(user=person, created_at=moment, next_at=next_digest(way.digest_hour, moment))
            for person, way in wanted.items()
        ]
        Digest.objects.bulk_create(fresh, ignore_conflicts=True)
        # Locked, so that no worker takes a digest before its new line is there; one just taken is made anew.
        found = Digest.objects.gathering().filter(user__in=wanted).select_for_update().order_by("user_id")
        digests = {digest.user_id: digest for digest in found}
        DigestLine.objects.bulk_create([DigestLine(digest=digest, event=event) for digest in digests.values()])
        wanted = {person: way for person, way in wanted.items() if person.pk not in digests}


def _deliveries(event: Event, moment: datetime) -> None:
    rows = [
        Delivery(
            event=event,
            endpoint=endpoint,
            message_id=message_id(event, endpoint),
            created_at=moment,
            next_at=moment,
        )
        for endpoint in Endpoint.objects.enabled()
        if endpoint.wants(event)
    ]
    for row in Delivery.objects.bulk_create(rows):
        jobs.nudge("apps.notifications.tasks.deliver", row.pk)
