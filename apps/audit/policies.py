"""Who may do the little that can be done to the log."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from apps.audit.models import Event
from apps.core.actors import Actor
from apps.core.verdicts import Allowed, Denied, Verdict

ERASER = "compliance_officer"


class RoleHolder(Actor, Protocol):
    """An actor who may hold roles over the whole portal."""

    def instance_roles(self) -> Collection[str]:
        """Return the names of the roles held."""


def is_eraser(actor: RoleHolder) -> bool:
    """Tell whether the actor may erase personal data at all."""
    return ERASER in actor.instance_roles()


def can_erase(actor: RoleHolder, event: Event) -> Verdict:
    """Compliance officers may erase the personal part of an event, once."""
    if not is_eraser(actor):
        return Denied("Only compliance officers erase personal data.")
    if event.kept_personal is None:
        return Denied("The event has no personal data left to erase.", code="nothing_to_erase", wrong_state=True)
    return Allowed()
