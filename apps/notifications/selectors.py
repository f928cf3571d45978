"""Answers about inboxes, and about how webhooks fare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max

from apps.accounts.models import User
from apps.core import clock
from apps.notifications.models import Attempt, Delivery, Endpoint, Notice, Preference
from apps.notifications.querysets import DeliveryQuerySet
from apps.notifications.states import OPEN

LATELY = timedelta(hours=24)


@dataclass(frozen=True)
class Health:
    """How a webhook fares: its last success, failed attempts within 24 hours, deliveries that wait."""

    last_success: datetime | None = None
    failures: int = 0
    waiting: int = 0

    @property
    def state(self) -> str:
        """In a word: failing, waiting, healthy, or unused."""
        if self.failures:
            return "failing"
        return "waiting" if self.waiting else "healthy" if self.last_success else "unused"


def unread_count(user: User) -> int:
    """Return how many notices a person has not read."""
    return Notice.objects.visible_to(user).unread().count()


def preference_of(user: User) -> Preference:
    """Return in which ways a person is told: what they chose, or all."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


def health_of(endpoints: Sequence[Endpoint]) -> dict[int, Health]:
    """Return how webhooks fare, by id; three queries however many there are."""
    of_these = Delivery.objects.filter(endpoint__in=endpoints).order_by()
    successes = of_these.filter(sent_at__isnull=False).values_list("endpoint").annotate(Max("sent_at"))
    waiting = of_these.filter(state__in=OPEN).values_list("endpoint").annotate(Count("pk"))
    failed = Attempt.objects.failed().filter(at__gte=clock.now() - LATELY, delivery__endpoint__in=endpoints).order_by()
    failures = failed.values_list("delivery__endpoint").annotate(Count("pk"))
    last, waits, fails = _by_id(successes), _by_id(waiting), _by_id(failures)
    return {
        endpoint.pk: Health(last.get(endpoint.pk), fails.get(endpoint.pk, 0), waits.get(endpoint.pk, 0))
        for endpoint in endpoints
    }


def repeatable(
    endpoint: Endpoint, since: datetime | None = None, until: datetime | None = None, *, failed_only: bool = True
) -> DeliveryQuerySet:
    """Return the deliveries of a webhook and a time that can be sent again."""
    found = Delivery.objects.filter(endpoint=endpoint).created_between(since, until)
    return found.undelivered() if failed_only else found.closed()


def _by_id(pairs: Any) -> dict[int, Any]:
    return dict(pairs)
