"""Sending rows: claim one, send it outside any transaction, note what came of it.

A claim ends by itself: a row of a worker that died is due again when its lease is over. So everything is sent at
least once, and receivers recognise what they have had by its id.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import TypeVar

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from apps.core import clock, jobs
from apps.notifications import actions, envelope, letters, webhooks
from apps.notifications.models import Attempt, Delivery, Digest, Email, Job
from apps.notifications.querysets import JobQuerySet
from apps.notifications.states import ATTEMPTS, Sending, wait_after
from apps.notifications.transport import Outcome

log = structlog.get_logger(__name__)
Row = TypeVar("Row", Delivery, Email, Digest)
Letter = TypeVar("Letter", Email, Digest)
SWEPT = 500
PATIENCE = timedelta(seconds=30)


def deliver(pk: int) -> Outcome | None:
    """Send one delivery to its endpoint; None where there is nothing to do (any more, or yet)."""
    delivery = claim(Delivery.objects.told(), pk)
    if delivery is None:
        return None
    outcome = webhooks.post(delivery.endpoint, delivery.message_id, envelope.body(delivery.event))
    _settle_delivery(delivery, outcome)
    return outcome


def send_email(pk: int) -> str | None:
    """Send one e-mail; return what went wrong, nothing when it was sent, None where there is nothing to do."""
    email = claim(Email.objects.select_related("user", "event"), pk)
    return None if email is None else _post(email, letters.letter)


def send_digest(pk: int) -> str | None:
    """Send one daily e-mail, as `send_email` does."""
    digest = claim(Digest.objects.select_related("user"), pk)
    return None if digest is None else _post(digest, letters.digest)


def _post(claimed: Letter, write: Callable[[Letter], EmailMessage]) -> str:
    try:
        write(claimed).send()
        problem = ""
    except (SMTPException, OSError, ValueError) as error:
        problem = type(error).__name__
    _settle_letter(claimed, problem)
    return problem


def claim(rows: JobQuerySet[Row], pk: int) -> Row | None:
    """Take a due row for the time of a lease; None where it is not due or another worker has it."""
    with transaction.atomic():
        moment = clock.now()
        row = rows.due(moment).filter(pk=pk).select_for_update(skip_locked=True, of=("self",)).first()
        if row is None:
            return None
        if not _wanted(row) or row.attempts >= ATTEMPTS:
            _close(row, Sending.EXHAUSTED if _wanted(row) else Sending.CANCELLED)
            return None
        row.state, row.attempts = Sending.SENDING, row.attempts + 1
        row.next_at = moment + timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)
        row.save(update_fields=["state", "attempts", "next_at"])
    return row


def wake(rows: JobQuerySet[Row], task: str) -> int:
    """Tell workers of due rows that no worker has been told of lately; return how many."""
    with transaction.atomic():
        moment = clock.now()
        forgotten = rows.forgotten(moment, PATIENCE).select_for_update(skip_locked=True)[:SWEPT]
        found = list(forgotten.values_list("pk", flat=True))
        rows.filter(pk__in=found).update(nudged_at=moment)
        for pk in found:
            jobs.nudge(task, pk)
    return len(found)


def _wanted(row: Job) -> bool:
    if isinstance(row, Delivery):
        return row.endpoint.enabled
    return isinstance(row, Email | Digest) and row.user.is_active


def _close(row: Row, state: Sending) -> None:
    row.state = state
    row.save(update_fields=["state"])
    if state == Sending.EXHAUSTED and isinstance(row, Delivery):
        actions.report_exhausted(row)


def _settle_delivery(claimed: Delivery, outcome: Outcome) -> None:
    with transaction.atomic():
        moment = clock.now()
        if outcome.gone:
            # The endpoint before its deliveries, in the order in which people lock them.
            actions.retire_endpoint(claimed.endpoint)
        _note(claimed, outcome, moment)
        delivery = Delivery.objects.select_for_update().get(pk=claimed.pk)
        if outcome.delivered:
            _sent(delivery, moment)
        elif _holds(claimed, delivery):
            _try_again(delivery, moment, outcome.problem, outcome.retry_after)


def _note(claimed: Delivery, outcome: Outcome, moment: datetime) -> None:
    Attempt.objects.create(
        delivery=claimed,
        number=claimed.attempts,
        at=moment,
        milliseconds=outcome.milliseconds,
        status_code=outcome.status,
        error=outcome.error[:100],
        excerpt=outcome.excerpt,
    )


def _settle_letter(claimed: Letter, problem: str) -> None:
    with transaction.atomic():
        moment = clock.now()
        letter = type(claimed)._default_manager.select_for_update().get(pk=claimed.pk)
        if not problem:
            _sent(letter, moment)
        elif _holds(claimed, letter):
            _try_again(letter, moment, problem, None)


def _holds(claimed: Row, row: Row) -> bool:
    """Tell whether the claim is still ours: neither over and taken by another worker, nor cancelled meanwhile."""
    return row.state == Sending.SENDING and row.next_at == claimed.next_at


def _sent(row: Row, moment: datetime) -> None:
    row.state, row.sent_at, row.last_error = Sending.SENT, moment, ""
    row.save(update_fields=["state", "sent_at", "last_error"])


def _try_again(row: Row, moment: datetime, problem: str, asked: timedelta | None) -> None:
    row.last_error = problem[:200]
    # Spreads retries; nothing is kept secret by it.
    wait = wait_after(row.attempts, asked, random.random())  # noqa: S311
    row.state = Sending.EXHAUSTED if wait is None else Sending.DUE
    row.next_at, row.nudged_at = moment + (wait or timedelta(0)), None
    row.save(update_fields=["state", "next_at", "nudged_at", "last_error"])
    log.warning("sending_failed", row=str(row), attempt=row.attempts, problem=problem)
    if wait is None and isinstance(row, Delivery):
        actions.report_exhausted(row)
