"""Who may set up webhooks and repeat what they were sent."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import Permission
from apps.core.actors import System
from apps.core.verdicts import Allowed, Denied, Verdict
from apps.notifications.models import Delivery, Endpoint
from apps.notifications.querysets import KEEPERS
from apps.notifications.states import CLOSED

Acting = User | System
RECEIVES_ALL = Denied("Only administrators and compliance officers manage webhooks of the whole organisation.")


def can_create(actor: Acting, team: Team | None) -> Verdict:
    """Whoever manages the team; administrators and compliance officers for the organisation."""
    if isinstance(actor, System):
        return Allowed()
    if team is None:
        kept = actor.is_active and any(role in actor.instance_roles() for role in KEEPERS)
        return Allowed() if kept else RECEIVES_ALL
    if grants.holds(actor, Permission.MANAGE, [team]):
        return Allowed()
    return Denied(f"Only owners of {team} manage its webhooks.")


def can_manage(actor: Acting, endpoint: Endpoint) -> Verdict:
    """The same people who may create one there."""
    return can_create(actor, endpoint.team)


def can_disable(actor: Acting, endpoint: Endpoint) -> Verdict:
    """An endpoint that is enabled, by whoever manages it."""
    if not endpoint.enabled:
        return Denied("The webhook is disabled already.", code="already_disabled", wrong_state=True)
    return can_manage(actor, endpoint)


def can_enable(actor: Acting, endpoint: Endpoint) -> Verdict:
    """An endpoint that is disabled, by whoever manages it."""
    if endpoint.enabled:
        return Denied("The webhook is enabled already.", code="already_enabled", wrong_state=True)
    return can_manage(actor, endpoint)


def can_repeat_range(actor: Acting, endpoint: Endpoint) -> Verdict:
    """Deliveries of an endpoint that is enabled, by whoever manages it."""
    if not (verdict := can_manage(actor, endpoint)):
        return verdict
    if not endpoint.enabled:
        return Denied("The webhook is disabled; enable it first.", code="endpoint_disabled", wrong_state=True)
    return Allowed()


def can_repeat(actor: Acting, delivery: Delivery) -> Verdict:
    """A delivery that nothing more will happen to, at an endpoint that is enabled."""
    if not (verdict := can_repeat_range(actor, delivery.endpoint)):
        return verdict
    if delivery.state not in CLOSED:
        return Denied("The delivery is still being tried.", code="still_open", wrong_state=True)
    return Allowed()


def who_can_manage(endpoint: Endpoint) -> QuerySet[User]:
    """Return the people who are told when an endpoint fails."""
    if endpoint.team is not None:
        return grants.holders(Permission.MANAGE, [endpoint.team])
    return User.objects.active().people().filter(groups__name__in=KEEPERS).distinct()
