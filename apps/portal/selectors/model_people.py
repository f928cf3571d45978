"""Who may do what with a model, now or at an instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.accounts import grants, past
from apps.accounts.models import User
from apps.accounts.selectors import Grant
from apps.models.models import RegisteredModel


@dataclass(frozen=True)
class People:
    """The grants on a model and its team, and who reads every model."""

    grants: tuple[Grant, ...]
    readers: tuple[tuple[str, User], ...]

    @property
    def is_told(self) -> bool:
        """Whether the log accounts for every grant."""
        return not any(grant.untold for grant in self.grants)


def people(model: RegisteredModel, at: datetime | None = None) -> People:
    """Return who may do what with a model and through which grant, or who might at an instant."""
    if at is None:
        held = [past.Held(grants.grants_on(target), frozenset()) for target in (model, model.team)]
        return People(_grants(model, held), tuple(_readers_of_everything()))
    held = [past.grants_at(target, at) for target in (model, model.team)]
    return People(_grants(model, held), tuple(past.readers_at(at)))


def _readers_of_everything() -> list[tuple[str, User]]:
    return [(str(role.label), user) for role in past.READERS for user in User.objects.holding(role).order_by("name")]


def _grants(model: RegisteredModel, held: Sequence[past.Held]) -> tuple[Grant, ...]:
    return tuple(
        Grant.of(user, scope, target, role, untold=user.pk in each.untold)
        for (scope, target), each in zip((("model", model), ("team", model.team)), held, strict=True)
        for user, roles in each.members
        for role in roles
    )
