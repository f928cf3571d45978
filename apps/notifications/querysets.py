"""Chainable reads of notifications."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Q

from apps.accounts import grants
from apps.accounts.roles import InstanceRole, Permission
from apps.notifications.states import CLOSED, GONE, OPEN, Kind, Sending

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.notifications.models import (  # noqa: F401
        Attempt,
        Delivery,
        Digest,
        Email,
        Endpoint,
        EndpointSecret,
        Notice,
    )

# Who manages what belongs to no team.
KEEPERS = frozenset({InstanceRole.ADMINISTRATOR, InstanceRole.COMPLIANCE_OFFICER})
Row = TypeVar("Row", bound=models.Model)
# A digest that takes lines: it has not been tried yet.
GATHERING = Q(state=Sending.DUE, attempts=0)
FAILED = Q(status_code__isnull=True) | Q(status_code__gte=300)


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices of inboxes."""

    def visible_to(self, user: User) -> Self:
        """Return a person's own notices: an inbox is nobody else's."""
        return self.filter(user=user)

    def unread(self) -> Self:
        """Return notices not yet read."""
        return self.filter(read_at__isnull=True)

    def about(self, kind: Kind) -> Self:
        """Return notices of one kind."""
        return self.filter(kind=kind)

    def told(self) -> Self:
        """Read with each notice what its sentence needs."""
        return self.select_related("event", "event__personal")


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    """Webhook endpoints."""

    def visible_to(self, user: User) -> Self:
        """Return the endpoints of teams a user manages; administrators see the organisation's, auditors all."""
        if grants.reads_everything(user):
            return self
        managed = Q(team__in=grants.ids_with(user, Permission.MANAGE, apps.get_model("accounts.Team")))
        if InstanceRole.ADMINISTRATOR in user.instance_roles():
            managed |= Q(team__isnull=True)
        return self.filter(managed)

    def managed_by(self, user: User) -> Self:
        """Return the endpoints that a user manages: those of their teams, and the organisation's for its keepers."""
        if not user.is_active:
            return self.none()
        managed = Q(team__in=grants.ids_with(user, Permission.MANAGE, apps.get_model("accounts.Team")))
        return self.filter(managed | Q(team__isnull=True) if user.instance_roles() & KEEPERS else managed)

    def given_up(self) -> Self:
        """Return endpoints that are sent nothing any more because their receiver answered that it is gone."""
        return self.filter(enabled=False, disabled_reason=GONE)

    def enabled(self) -> Self:
        """Return endpoints that are sent to."""
        return self.filter(enabled=True)


class SecretQuerySet(models.QuerySet["EndpointSecret"]):
    """Secrets of endpoints."""

    def active(self, moment: datetime) -> Self:
        """Return the secrets that sign at an instant, newest first."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=moment)).order_by("-created_at", "-pk")


class JobQuerySet(models.QuerySet[Row]):
    """Rows that are sent by workers."""

    def due(self, moment: datetime) -> Self:
        """Return rows to send: those whose time has come, and those of workers that died."""
        return self.filter(state__in=OPEN, next_at__lte=moment)

    def forgotten(self, moment: datetime, patience: timedelta) -> Self:
        """Return due rows that no worker has been told of lately, longest due first."""
        told = Q(nudged_at__isnull=True) | Q(nudged_at__lte=moment - patience)
        return self.due(moment).filter(told).order_by("next_at", "pk")


class EmailQuerySet(JobQuerySet["Email"]):
    """E-mails."""


class DigestQuerySet(JobQuerySet["Digest"]):
    """Daily e-mails."""

    def gathering(self) -> Self:
        """Return digests that still take lines, at most one for each person."""
        return self.filter(GATHERING)


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """Tries to deliver."""

    def failed(self) -> Self:
        """Return tries that were not answered by success."""
        return self.filter(FAILED)


class DeliveryQuerySet(JobQuerySet["Delivery"]):
    """Deliveries to endpoints."""

    def visible_to(self, user: User) -> Self:
        """Return the deliveries of endpoints the user may know of."""
        endpoints = EndpointQuerySet(apps.get_model("notifications.Endpoint"))
        return self.filter(endpoint__in=endpoints.visible_to(user).values("pk"))

    def closed(self) -> Self:
        """Return deliveries to which nothing more will happen."""
        return self.filter(state__in=CLOSED)

    def undelivered(self) -> Self:
        """Return deliveries that were given up or cancelled."""
        return self.filter(state__in=(Sending.EXHAUSTED, Sending.CANCELLED))

    def created_between(self, since: datetime | None, until: datetime | None) -> Self:
        """Return deliveries made from one instant to another, both included; None leaves an end open."""
        found = self.filter(created_at__gte=since) if since else self
        return found.filter(created_at__lte=until) if until else found

    def told(self) -> Self:
        """Read with each delivery what its message needs."""
        return self.select_related("endpoint", "event", "event__leaf")
