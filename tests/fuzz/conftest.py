"""Two teams that must not learn of each other, and somebody of each who tries."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.cache import caches
from django.db import transaction

from apps.accounts import actions as account_actions
from apps.accounts.models import Team, User
from apps.accounts.roles import Role
from apps.approvals import actions as approval_actions
from apps.audit import outbox
from apps.audit.models import Event
from apps.core.actors import SYSTEM
from apps.models import actions as model_actions
from apps.notifications import actions as notification_actions
from apps.notifications.models import Delivery
from tests import factories, registry_factories

# How many times each operation and page is tried; `make fuzz` tries more.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
SECRETS = ("description", "metric", "parameter", "artifact", "reason", "webhook", "token", "program", "model")


@dataclass
class Side:
    """A team with one of everything, its owner, and the words that nobody else may read."""

    name: str
    team: Team
    owner: User
    objects: dict[str, Any] = field(default_factory=dict)

    @property
    def secrets(self) -> list[str]:
        """Return the words that occur in this team's own objects alone."""
        return [secret(self.name, kind) for kind in SECRETS]


def secret(side: str, kind: str) -> str:
    """Return a word that no other object has."""
    return f"{side}ern-{kind}-kept-secret"


def side(name: str) -> Side:
    """Return a team with one of everything."""
    team = factories.team(f"{name}-team")
    owner = factories.member(Role.OWNER, team, f"{name}-owner")
    factories.member(Role.REVIEWER, team, f"{name}-reviewer")
    program = account_actions.create_service_account(secret(name, "program"), "Program", owner=owner, actor=owner)
    endpoint, _ = notification_actions.create_endpoint(
        secret(name, "webhook"), f"https://{name}.example.org/", team=team, actor=owner
    )
    model = registry_factories.registered_model(
        team, actor=owner, name=secret(name, "model"), description=secret(name, "description")
    )
    content = {"metrics": {secret(name, "metric"): 0.9}, "parameters": {secret(name, "parameter"): 1}}
    files = {secret(name, "artifact"): name.encode()}
    version = registry_factories.sealed_version(model, actor=owner, version="1.0.0", files=files, **content)
    registry_factories.in_stage(version, "production")
    later = registry_factories.sealed_version(model, actor=owner, version="1.1.0", files=files, **content)
    promotion = approval_actions.submit(later, target_stage="production", reason=secret(name, "reason"), actor=owner)
    token, _ = account_actions.create_token(owner, secret(name, "token"), ["models:read"], actor=SYSTEM)
    thread = approval_actions.open_thread(promotion, text="Why?", actor=owner).thread
    search = model_actions.save_search("Kept", "tier=high", actor=owner)
    outbox.drain()
    event = Event.objects.filter(type="models.model.registered").latest("at")
    delivery = Delivery.objects.filter(endpoint=endpoint).latest("pk")
    objects = {
        "token": {"pk": token.pk, "prefix": token.prefix},
        "approvals:": {"pk": promotion.pk, "thread": thread.pk, "name": model.name, "version": "1.0.0"},
        "search": {"pk": search.pk},
        "lineage:": {"node": version.lineage_node.name},
        "webhook": {"pk": endpoint.pk, "delivery_pk": delivery.pk},
        "deliver": {"pk": endpoint.pk, "delivery_pk": delivery.pk},
        "person": {"username": owner.username},
        "object": {"kind": "model", "key": str(model.pk)},
        "": {
            **dict.fromkeys(("name", "model"), model.name),
            **dict.fromkeys(("slug", "team"), team.slug),
            **dict.fromkeys(("event", "event_id"), str(event.pk)),
            **dict.fromkeys(("promotion", "promotion_id"), promotion.pk),
            "version": "1.0.0",
            "stage": "production",
            "alias": "champion",
            "path": secret(name, "artifact"),
            "prefix": token.prefix,
            "index": event.leaf.leaf_index if hasattr(event, "leaf") else 0,
            "username": program.username,
            "pk": endpoint.pk,
        },
    }
    return Side(name, team, owner, objects)


@pytest.fixture
def sides(db: None) -> dict[str, Side]:
    """Both teams."""
    return {name: side(name) for name in ("north", "south")}


@contextmanager
def undone() -> Iterator[None]:
    """Let the block change what it can, and take all of it back."""
    caches["local"].clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def leaked(sides: dict[str, Side]) -> Callable[[Side, str, str], list[str]]:
    """Return what tells which secrets of the other side an answer holds that the question did not."""

    def find(asker: Side, question: str, answer: str) -> list[str]:
        (other,) = (each for each in sides.values() if each is not asker)
        return [word for word in other.secrets if word in answer and word not in question]

    return find
