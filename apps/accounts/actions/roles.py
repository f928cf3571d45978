"""Giving and taking roles: on a team, on a registered model, over the whole portal."""

from __future__ import annotations

from typing import Protocol, cast

from django.contrib.auth.models import Group
from django.db import models, transaction

from apps.accounts import events, grants, policies
from apps.accounts.actions.people import locked_administrators, require_other_administrator
from apps.accounts.models import User
from apps.accounts.policies import Acting
from apps.accounts.roles import InstanceRole, Role
from apps.audit import actions as audit
from apps.core.errors import Conflict, Invalid


class Target(audit.Auditable, Protocol):
    """A team or registered model."""


@transaction.atomic
def give_role(user: User, role: str, target: Target, *, actor: Acting) -> None:
    """Give a role on a team (and so on all its models) or on one registered model."""
    _known(role, Role)
    user, row = _locked(user), _locked_target(target)
    policies.can_give_role(actor, user, role, row).require()
    if role in grants.given_roles(user, row):
        raise Conflict(f"{user} is {role} of {row} already.", code="role_already_held")
    grants.give(role, user, row)
    data = {"user": user.urn, "role": role, "name": str(user)}
    audit.record(events.ROLE_GIVEN, actor=actor, subject=target, data=data, audience=[user.pk])


@transaction.atomic
def take_role(user: User, role: str, target: Target, *, actor: Acting) -> None:
    """Take a role back; what another role held there gives stays."""
    _known(role, Role)
    user, row = _locked(user), _locked_target(target)
    policies.can_take_role(actor, user, row).require()
    if role not in grants.given_roles(user, row):
        raise Conflict(f"{user} is not {role} of {row}.", code="role_not_held")
    grants.take(role, user, row)
    data = {"user": user.urn, "role": role, "name": str(user)}
    audit.record(events.ROLE_TAKEN, actor=actor, subject=target, data=data, audience=[user.pk])


@transaction.atomic
def give_instance_role(user: User, role: str, *, actor: Acting) -> User:
    """Give a role over the whole portal, with the right to open the admin pages."""
    _known(role, InstanceRole)
    user = _locked(user)
    policies.can_give_instance_role(actor, user).require()
    if role in _instance_roles(user):
        raise Conflict(f"{user} is {role} already.", code="role_already_held")
    user.groups.add(Group.objects.get(name=role))
    _sync_staff(user)
    data = {"role": role, "name": str(user)}
    audit.record(events.INSTANCE_ROLE_GIVEN, actor=actor, subject=user, data=data, audience=[user.pk])
    return user


@transaction.atomic
def take_instance_role(user: User, role: str, *, actor: Acting) -> User:
    """Take a role over the whole portal; one administrator always stays."""
    _known(role, InstanceRole)
    administrators = locked_administrators()
    user = _locked(user)
    policies.can_take_instance_role(actor, user).require()
    if role not in _instance_roles(user):
        raise Conflict(f"{user} is not {role}.", code="role_not_held")
    if role == InstanceRole.ADMINISTRATOR:
        require_other_administrator(user, administrators)
    user.groups.remove(Group.objects.get(name=role))
    _sync_staff(user)
    data = {"role": role, "name": str(user)}
    audit.record(events.INSTANCE_ROLE_TAKEN, actor=actor, subject=user, data=data, audience=[user.pk])
    return user


def _known(role: str, roles: type[models.TextChoices]) -> None:
    if role not in roles.values:
        raise Invalid(f"{role!r} is none of {', '.join(roles.values)}.", code="unknown_role", field="role")


def _instance_roles(user: User) -> set[str]:
    return set(user.groups.filter(name__in=InstanceRole.values).values_list("name", flat=True))


def _sync_staff(user: User) -> None:
    user.is_staff = user.is_superuser or bool(_instance_roles(user))
    user.save(update_fields=["is_staff"])


def _locked(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _locked_target(target: Target) -> models.Model:
    row = cast(models.Model, target)
    locked: models.Model = type(row)._default_manager.select_for_update(no_key=True).get(pk=row.pk)
    return locked
