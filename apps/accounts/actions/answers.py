"""Answers kept for requests that may be sent twice; not governed data, so they leave no audit event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from apps.accounts.models import IdempotentAnswer, User
from apps.core import clock
from apps.core.errors import Unprocessable

KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Answer:
    """What a request was answered: an HTTP status, headers and a body."""

    status: int
    headers: dict[str, str]
    body: str


def answer_once(
    key: str, asked: dict[str, str], answer: Callable[[], Answer], *, actor: User
) -> IdempotentAnswer | None:
    """Call `answer` if the key is new, and keep a success in the same transaction; return what was kept before.

    Of a refusal, what the act left on purpose commits and the key is free again; after a failure nothing commits.
    Raises Unprocessable (`idempotency_key_reused`) where the key stands for another request.
    """
    with transaction.atomic():
        # A second request with the key waits here, in the unique index, until the first has committed.
        kept, first = IdempotentAnswer.objects.get_or_create(user=actor, key=key, defaults=asked)
        if not first:
            return _same(kept, asked)
        given = answer()
        if 200 <= given.status < 300:
            kept.status, kept.headers, kept.body = given.status, given.headers, given.body
            kept.save(update_fields=["status", "headers", "body"])
        elif given.status < 500:
            kept.delete()
        else:
            transaction.set_rollback(True)
    return None


def forget_answers() -> int:
    """Delete answers kept for 7 days, after which their keys are free again; return how many."""
    deleted, _ = IdempotentAnswer.objects.filter(created_at__lt=clock.now() - KEPT).delete()
    return deleted


def _same(kept: IdempotentAnswer, asked: dict[str, str]) -> IdempotentAnswer:
    if any(getattr(kept, name) != value for name, value in asked.items()):
        raise Unprocessable(
            "This Idempotency-Key was used for another request; take a new key.", code="idempotency_key_reused"
        )
    return kept
