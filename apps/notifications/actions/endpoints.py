"""Adding and changing webhooks, and what the portal does to them by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from apps.accounts.models import Team, User
from apps.audit import actions as audit
from apps.core import clock
from apps.core.actors import SYSTEM
from apps.core.errors import Invalid
from apps.notifications import envelope, events, policies, sealing, signing, targets, webhooks
from apps.notifications.models import Endpoint, EndpointSecret
from apps.notifications.policies import Acting
from apps.notifications.states import GONE, OPEN, Sending
from apps.notifications.transport import Outcome

OVERLAP = timedelta(hours=24)
LONGEST_REASON = 200


def create_endpoint(
    name: str, url: str, *, actor: User, team: Team | None = None, event_types: Iterable[str] = ()
) -> tuple[Endpoint, str]:
    """Add a webhook for a team's events, or the organisation's; returns it and its secret, shown only now."""
    with transaction.atomic():
        policies.can_create(actor, team).require()
        moment = clock.now()
        endpoint = Endpoint.objects.create(
            name=_checked_name(name),
            url=targets.checked_url(url),
            team=team,
            event_types=targets.checked_event_types(event_types),
            created_by=actor,
            created_at=moment,
        )
        secret = signing.new_secret()
        EndpointSecret.objects.create(endpoint=endpoint, sealed=sealing.seal(secret), created_at=moment)
        data = {"host": endpoint.host, "event_types": endpoint.event_types, "team": team.slug if team else None}
        audit.record(events.ENDPOINT_CREATED, actor=actor, subject=endpoint, data=data)
    return endpoint, secret


def change_endpoint(endpoint: Endpoint, *, actor: Acting, **fields: Any) -> Endpoint:
    """Change the name, URL or event types of a webhook; the log names the host only, as a path may be a secret."""
    with transaction.atomic():
        endpoint = locked(endpoint)
        policies.can_manage(actor, endpoint).require()
        if not fields:
            raise Invalid("Say what to change: name, url or event_types.", code="nothing_to_change")
        before = _described(endpoint)
        for field, value in fields.items():
            setattr(endpoint, field, CHECKS[field](value))
        endpoint.save(update_fields=list(fields))
        data = {"fields": sorted(fields), "before": before, "after": _described(endpoint)}
        audit.record(events.ENDPOINT_CHANGED, actor=actor, subject=endpoint, data=data)
    return endpoint


def rotate_secret(endpoint: Endpoint, *, actor: Acting) -> str:
    """Return a new secret; it and the one before both sign for a day, any earlier one no longer."""
    with transaction.atomic():
        endpoint = locked(endpoint)
        policies.can_manage(actor, endpoint).require()
        moment = clock.now()
        endpoint.secrets.filter(expires_at__gt=moment).update(expires_at=moment)
        endpoint.secrets.filter(expires_at__isnull=True).update(expires_at=moment + OVERLAP)
        secret = signing.new_secret()
        EndpointSecret.objects.create(endpoint=endpoint, sealed=sealing.seal(secret), created_at=moment)
        audit.record(events.SECRET_ROTATED, actor=actor, subject=endpoint)
    return secret


def disable_endpoint(endpoint: Endpoint, reason: str, *, actor: Acting) -> Endpoint:
    """Send nothing more there; what was waiting is cancelled and can be repeated one by one."""
    with transaction.atomic():
        endpoint = locked(endpoint)
        policies.can_disable(actor, endpoint).require()
        if not reason.strip():
            raise Invalid("Say why the webhook is disabled.", field="reason", code="required")
        _disable(endpoint, reason.strip()[:LONGEST_REASON], actor)
    return endpoint


def retire_endpoint(endpoint: Endpoint) -> None:
    """Disable an endpoint whose receiver wants no more; called inside the transaction that notes the answer."""
    endpoint = locked(endpoint)
    if endpoint.enabled:
        _disable(endpoint, GONE, SYSTEM)


def enable_endpoint(endpoint: Endpoint, *, actor: Acting) -> Endpoint:
    """Send events there again, those from now on."""
    with transaction.atomic():
        endpoint = locked(endpoint)
        policies.can_enable(actor, endpoint).require()
        endpoint.enabled, endpoint.disabled_reason = True, ""
        endpoint.save(update_fields=["enabled", "disabled_reason"])
        audit.record(events.ENDPOINT_ENABLED, actor=actor, subject=endpoint)
    return endpoint


def ping(endpoint: Endpoint, *, actor: Acting) -> Outcome:
    """Send a test event now and return what came of it; faces show the status and nothing else."""
    policies.can_manage(actor, endpoint).require()
    message_id, moment = f"msg_{uuid4()}", clock.now()
    outcome = webhooks.post(endpoint, message_id, envelope.ping(endpoint.name, message_id, moment.isoformat()))
    with transaction.atomic():
        data = {"message_id": message_id, "status": outcome.status, "delivered": outcome.delivered}
        audit.record(events.ENDPOINT_PINGED, actor=actor, subject=endpoint, data=data)
    return outcome


def locked(endpoint: Endpoint) -> Endpoint:
    """Take the lock of a webhook, before those of its deliveries."""
    return Endpoint.objects.select_related("team").select_for_update(of=("self",)).get(pk=endpoint.pk)


def _disable(endpoint: Endpoint, reason: str, actor: Acting) -> None:
    endpoint.enabled, endpoint.disabled_reason = False, reason
    endpoint.save(update_fields=["enabled", "disabled_reason"])
    cancelled = endpoint.deliveries.filter(state__in=OPEN).update(state=Sending.CANCELLED)
    audience = policies.who_can_manage(endpoint).values_list("pk", flat=True)
    data = {"reason": reason, "cancelled": cancelled}
    audit.record(events.ENDPOINT_DISABLED, actor=actor, subject=endpoint, data=data, audience=audience)


def _described(endpoint: Endpoint) -> dict[str, Any]:
    return {"name": endpoint.name, "host": endpoint.host, "event_types": endpoint.event_types}


def _checked_name(name: str) -> str:
    text = " ".join(name.split())
    if not 0 < len(text) <= 100 or "\x00" in text:
        raise Invalid("Give the webhook a name of at most 100 characters.", field="name")
    return text


CHECKS = {"name": _checked_name, "url": targets.checked_url, "event_types": targets.checked_event_types}
