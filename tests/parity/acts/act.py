"""What an act is: who may do it where, and how it is done through each face that has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from apps.accounts.models import Team, User
from apps.models.models import RegisteredModel
from tests.parity.doors import Form, Sent
from tests.parity.world import World
from tests.personas import PERSONAS

EVERYBODY = frozenset(PERSONAS)
PEOPLE = EVERYBODY - {"pipeline"}
CONTRIBUTORS = frozenset({"owner", "contributor", "pipeline"})
REVIEWERS = frozenset({"reviewer", "second_reviewer", "third"})
NOBODY: frozenset[str] = frozenset()
MODEL, VERSION = "/models/card-fraud/", "/models/card-fraud/versions/1.0.0/"
API = "/api/v1"


def sees_model(world: World, user: User) -> bool:
    """Tell whether the user may see the model and all that belongs to it."""
    return RegisteredModel.objects.visible_to(user).filter(pk=world.model.pk).exists()


def sees_team(world: World, user: User) -> bool:
    """Tell whether the user may see the team."""
    return Team.objects.visible_to(user).filter(pk=world.team.pk).exists()


def sees_anyway(world: World, user: User) -> bool:
    """Tell that there is nothing to be hidden."""
    return True


@dataclass(frozen=True)
class Act:
    """Something people do in a situation; `to` names whom a face serves where it serves fewer than the domain."""

    name: str
    situation: str
    by: frozenset[str]
    do: Callable[[World, User], object]
    api: Callable[[World], Sent]
    portal: Callable[[World, User], Form] | None = None
    admin: Callable[[World], Form] | None = None
    sees: Callable[[World, User], bool] = sees_model
    to: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name} when {self.situation}"
