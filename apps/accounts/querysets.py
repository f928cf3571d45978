"""Chainable reads of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.accounts import grants
from apps.accounts.roles import InstanceRole, Permission

if TYPE_CHECKING:
    from apps.accounts.models import ApiToken, Team, User  # noqa: F401


class UserQuerySet(models.QuerySet["User"]):
    """People and service accounts."""

    def active(self) -> Self:
        """Return those who may act now."""
        return self.filter(is_active=True)

    def people(self) -> Self:
        """Return human beings."""
        return self.filter(owner__isnull=True)

    def service_accounts(self) -> Self:
        """Return programs' accounts."""
        return self.filter(owner__isnull=False)

    def holding(self, role: InstanceRole | str) -> Self:
        """Return active holders of an instance-wide role."""
        return self.active().filter(groups__name=str(role))

    def known_to(self, user: User) -> Self:
        """Return whom a user may find: themselves, their programs, and whoever has a role on a team or model they see.

        Administrators and readers of everything find everybody.
        """
        if grants.reads_everything(user) or InstanceRole.ADMINISTRATOR in user.instance_roles():
            return self
        return self.filter(Q(pk=user.pk) | Q(owner=user) | grants.holders_seen_by(user))

    def managed_by(self, user: User) -> Self:
        """Return the service accounts whose tokens and life a user manages: their own, an administrator all."""
        programs = self.service_accounts()
        return programs if InstanceRole.ADMINISTRATOR in user.instance_roles() else programs.filter(owner=user)


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams."""

    def visible_to(self, user: User) -> Self:
        """Return the teams a user has a role in; all of them for administrators and readers of everything."""
        if grants.reads_everything(user) or InstanceRole.ADMINISTRATOR in user.instance_roles():
            return self
        return self.filter(pk__in=grants.ids_with(user, Permission.VIEW, self.model))


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """API tokens."""

    def visible_to(self, user: User) -> Self:
        """Return a user's own tokens and those of their service accounts; all of them for administrators."""
        if InstanceRole.ADMINISTRATOR in user.instance_roles():
            return self
        return self.filter(Q(user=user) | Q(user__owner=user)) if user.is_active else self.none()

    def usable(self) -> Self:
        """Return tokens that are neither revoked nor expired and whose holder (and its owner) is active."""
        holder = Q(user__is_active=True) & (Q(user__owner__isnull=True) | Q(user__owner__is_active=True))
        return self.filter(holder, revoked_at__isnull=True, expires_at__gt=Now())
