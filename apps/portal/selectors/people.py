"""What a reader may know of a person or program: roles, programs, and what they did."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Model

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import InstanceRole, Role
from apps.audit.querysets import EventQuerySet
from apps.models.models import RegisteredModel
from apps.portal.selectors import ledger


@dataclass(frozen=True)
class HeldRole:
    """A role and where it is held."""

    role: str
    on: str
    kind: str
    key: str


@dataclass(frozen=True)
class Somebody:
    """A person or program with the roles that the reader may know of."""

    user: User
    roles: tuple[HeldRole, ...]
    everywhere: tuple[str, ...]
    programs: tuple[User, ...]
    acts: EventQuerySet


def find(reader: User, username: str) -> Somebody | None:
    """Return somebody the reader may know of; None otherwise.

    Everybody knows themselves and their programs, whoever holds a role where they read, and whoever did what they may
    read of; auditors, compliance officers and administrators know everybody.
    """
    if "\x00" in username:
        return None
    user = User.objects.filter(username=username).select_related("owner").first()
    if user is None:
        return None
    acts = ledger.readable(reader).filter(actor=user.urn)
    roles = tuple(_roles(reader, user, Team)) + tuple(_roles(reader, user, RegisteredModel))
    if not (_knows(reader, user) or roles or acts.order_by().exists()):
        return None
    everywhere = tuple(str(InstanceRole(role).label) for role in sorted(user.instance_roles()))
    return Somebody(user, roles, everywhere, tuple(user.service_accounts.order_by("username")), acts)


def _knows(reader: User, user: User) -> bool:
    own = reader.pk in (user.pk, user.owner_id)
    return own or grants.reads_everything(reader) or InstanceRole.ADMINISTRATOR in reader.instance_roles()


def _roles(reader: User, user: User, table: type[Team | RegisteredModel]) -> list[HeldRole]:
    held: list[tuple[Model, list[str]]] = grants.held_by(user, table)
    seen = set(
        table.objects.visible_to(reader).filter(pk__in=[target.pk for target, _ in held]).values_list("pk", flat=True)
    )
    return [
        HeldRole(str(Role(role).label), str(target), table.audit_type, str(target.pk))
        for target, roles in held
        if target.pk in seen
        for role in roles
    ]
