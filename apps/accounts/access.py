"""Who can do what, and through which grant: for one person everywhere, and for everybody on one team or model."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import models

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.policies import levels
from apps.accounts.roles import ABOUT_OBJECTS, BUNDLES, DUTIES, InstanceRole, Permission, Role


@dataclass(frozen=True)
class Line:
    """One grant: whose, where it holds, as what, and what it lets its holder do."""

    user: User
    where: str
    role: str
    through: str
    may: tuple[str, ...]
    # The grant by its role's name and the team's slug or the model's name, as forms have it.
    terms: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Access:
    """Everything somebody can do; `hidden` counts grants on objects that the reader may not know of."""

    user: User
    lines: tuple[Line, ...]
    hidden: int = 0

    @property
    def nothing_counts(self) -> str:
        """Why none of it holds at present; empty where it does."""
        if not self.user.is_active:
            return "The account is deactivated: none of this holds until it is reactivated."
        if self.user.owner is not None and not self.user.owner.is_active:
            return f"{self.user.owner}, who owns this service account, is deactivated: its tokens do not work."
        return ""


@dataclass(frozen=True)
class ObjectAccess:
    """Everybody who can do something on one team or model; `everybody_sees` where it is open to the organisation."""

    name: str
    lines: tuple[Line, ...]
    everybody_sees: bool

    @property
    def by_act(self) -> list[tuple[str, list[Line]]]:
        """For each thing that can be done, the lines of those who can do it now; what nobody can do is left out."""
        found: dict[str, list[Line]] = {str(permission.label): [] for permission in Permission}
        for line in self.lines:
            for act in line.may if line.user.is_active else ():
                found.setdefault(act, []).append(line)
        return [(act, those) for act, those in found.items() if those]


def of_person(user: User, reader: User) -> Access:
    """Return what a person can do anywhere, each through the grant that says so; a query for each kind of object."""
    lines = [_duty(user, role) for role in InstanceRole.values if role in _instance_roles(user)]
    hidden = 0
    for kind in grants.grantable():
        visible = set(grants.visible(kind, reader)) if _narrow(reader) else None
        for target, roles in grants.given_to(user, kind):
            if visible is not None and target.pk not in visible:
                hidden += 1
                continue
            lines += [_grant(user, target, role, target) for role in roles]
    return Access(user, tuple(lines), hidden)


def of_object(target: models.Model) -> ObjectAccess:
    """Return everybody who can do something on a team or model: by grants on it, on its team, over the portal."""
    lines = [
        _grant(user, target, role, level)
        for level in levels(target)
        for user, roles in grants.grants_on(level)
        for role in roles
    ]
    holders = User.objects.active().people().filter(groups__name__in=InstanceRole.values).distinct()
    for user in holders.prefetch_related("groups").order_by("username"):
        held = {group.name for group in user.groups.all()}
        duties = [_duty(user, role) for role in InstanceRole.values if role in held and _concerns(role, target)]
        lines += [replace(duty, may=tuple(act for act in duty.may if act in ABOUT_OBJECTS)) for duty in duties]
    return ObjectAccess(named(target), tuple(lines), "organisation" in getattr(target, "audit_scopes", ()))


def _concerns(role: str, target: models.Model) -> bool:
    """Administrators give roles on teams and see no model for that."""
    return role != InstanceRole.ADMINISTRATOR or isinstance(target, Team)


def _instance_roles(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def _narrow(reader: User) -> bool:
    return not grants.reads_everything(reader)


def _duty(user: User, role: str) -> Line:
    label = str(InstanceRole(role).label)
    through = f"the role {label} over the portal"
    return Line(user, "the whole portal", label, through, DUTIES[role], (("role", role),))


def _grant(user: User, target: models.Model, role: str, level: models.Model) -> Line:
    kind = str(level._meta.verbose_name)
    label = str(Role(role).label)
    place = ("team", level.slug) if isinstance(level, Team) else ("model", str(level))
    return Line(user, named(target), label, f"{label} of the {kind} {level}", may(role), (("role", role), place))


def named(target: models.Model) -> str:
    """Return an object with its kind, as in `team Payments ML`."""
    return f"{target._meta.verbose_name} {target}"


def may(role: str) -> tuple[str, ...]:
    """Return what a role on a team or model lets its holder do, in words."""
    return tuple(str(permission.label) for permission in Permission if permission in BUNDLES[role])
