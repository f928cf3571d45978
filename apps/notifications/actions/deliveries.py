"""Sending again what webhooks were sent before, and telling of what was given up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from apps.audit import actions as audit
from apps.core import clock, jobs
from apps.core.actors import SYSTEM
from apps.core.errors import Conflict, Invalid
from apps.notifications import events, policies, selectors
from apps.notifications.actions.endpoints import locked
from apps.notifications.models import Delivery, Endpoint
from apps.notifications.policies import Acting
from apps.notifications.states import Sending

LARGEST_RANGE = 10_000
LONGEST_SENTENCE = 200


def redeliver(delivery: Delivery, *, actor: Acting) -> Delivery:
    """Send a closed delivery again, with the same webhook-id and a fresh series of attempts."""
    with transaction.atomic():
        endpoint = locked(delivery.endpoint)
        delivery = Delivery.objects.told().select_for_update(of=("self",)).get(pk=delivery.pk)
        delivery.endpoint = endpoint
        policies.can_repeat(actor, delivery).require()
        delivery.state, delivery.attempts, delivery.nudged_at = Sending.DUE, 0, None
        delivery.next_at = clock.now()
        delivery.save(update_fields=["state", "attempts", "nudged_at", "next_at"])
        audit.record(events.DELIVERY_REPEATED, actor=actor, subject=delivery, data=_told(delivery))
        jobs.nudge("apps.notifications.tasks.deliver", delivery.pk)
    return delivery


def redeliver_range(
    endpoint: Endpoint,
    *,
    actor: Acting,
    since: datetime | None = None,
    until: datetime | None = None,
    failed_only: bool = True,
) -> int:
    """Send the closed deliveries of a time again, at most 10,000, and return how many; without ends: all."""
    with transaction.atomic():
        endpoint = locked(endpoint)
        policies.can_repeat_range(actor, endpoint).require()
        if since and until and since > until:
            raise Invalid("The end of the range is before its beginning.", field="until", code="ends_before_it_begins")
        chosen = selectors.repeatable(endpoint, since, until, failed_only=failed_only)
        found = list(chosen.select_for_update().order_by("pk").values_list("pk", flat=True)[: LARGEST_RANGE + 1])
        if not found:
            raise Conflict("Nothing in this range can be sent again.", code="nothing_to_repeat")
        if len(found) > LARGEST_RANGE:
            raise Invalid(f"These are more than {LARGEST_RANGE:,} deliveries; choose a shorter time.", code="too_many")
        chosen.filter(pk__in=found).update(state=Sending.DUE, attempts=0, nudged_at=None, next_at=clock.now())
        data = {"count": len(found), "since": _instant(since), "until": _instant(until), "failed_only": failed_only}
        audit.record(events.DELIVERIES_REPEATED, actor=actor, subject=endpoint, data=data)
        jobs.nudge("apps.notifications.tasks.sweep")
    return len(found)


def report_exhausted(delivery: Delivery) -> None:
    """Tell whoever manages the endpoint; called inside the transaction that gives the delivery up."""
    audience = policies.who_can_manage(delivery.endpoint).values_list("pk", flat=True)
    data = {**_told(delivery), "attempts": delivery.attempts}
    audit.record(events.DELIVERY_EXHAUSTED, actor=SYSTEM, subject=delivery, data=data, audience=audience)


def _instant(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _told(delivery: Delivery) -> dict[str, Any]:
    about = f"“{delivery.event.public_sentence[:LONGEST_SENTENCE]}”"
    return {"about": about, "message_id": delivery.message_id, "event": str(delivery.event_id)}
