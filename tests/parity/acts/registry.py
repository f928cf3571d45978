"""What people do to models, versions and standards."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from apps.models import actions
from tests.parity.acts.act import API, CONTRIBUTORS, MODEL, NOBODY, VERSION, Act, sees_anyway
from tests.parity.doors import Form, Sent
from tests.parity.world import World

STANDARD: dict[str, Any] = {"risk_tier": "high", "stage": "production", "schema": {"type": "object"}}


def register(name: str, by: frozenset[str]) -> Act:
    """Register a model."""
    given = {"name": name, "team": "cards", "risk_tier": "low"}
    return Act(
        f"register {name}",
        "sealed",
        by,
        lambda world, user: actions.register_model(**given, actor=user),
        lambda world: Sent("post", f"{API}/models/", given),
        sees=sees_anyway,
    )


def tier(value: str, by: frozenset[str], to: frozenset[str]) -> Act:
    """Change the risk tier."""
    given = {"risk_tier": value, "reason": "It decides on loans"}

    def admin(world: World) -> Form:
        chosen = {"action": "change_tier", "_selected_action": world.model.pk, "confirmed": "yes"}
        return Form("/admin/models/registeredmodel/", {**chosen, **given})

    return Act(
        f"set tier {value}",
        "sealed",
        by,
        lambda world, user: actions.change_model(world.model, **given, actor=user),
        lambda world: Sent("patch", f"{API}{MODEL}", given),
        lambda world, user: edit(world, given),
        admin=admin,
        to={"admin": to},
    )


def edit(world: World, given: dict[str, str]) -> Form:
    """Fill in the page that changes the model, leaving the rest as it is."""
    kept = {"description": "", "card": "", "tags": "", "visibility": "team", "risk_tier": "low", "reason": ""}
    return Form(f"{MODEL}edit/", {**kept, "etag": world.model.etag, **given})


CARD = {"card": "## Intended use\n\nA second look at card payments."}
ACTS = (
    register("loan-default", frozenset({"owner", "contributor", "pipeline"})),
    register("card-fraud", NOBODY),
    tier("high", frozenset({"owner", "compliance"}), frozenset({"compliance"})),
    Act(
        "set standard",
        "sealed",
        frozenset({"compliance"}),
        lambda world, user: actions.set_standard(**STANDARD, actor=user),
        lambda world: Sent("post", f"{API}/metadata-standards/", STANDARD),
        admin=lambda world: Form(
            reverse("admin:models_metadatastandard_add"), {**STANDARD, "schema": '{"type": "object"}'}
        ),
        sees=sees_anyway,
        to={"admin": frozenset({"compliance"})},
    ),
    Act(
        "set alias",
        "sealed",
        frozenset({"owner"}),
        lambda world, user: actions.set_alias(world.model, name="champion", version=world.version, actor=user),
        lambda world: Sent("put", f"{API}{MODEL}aliases/champion/", {"version": "1.0.0"}),
        lambda world, user: Form(f"{VERSION}alias/", {"alias": "champion"}),
    ),
    Act(
        "remove alias",
        "sealed",
        frozenset({"owner"}),
        lambda world, user: actions.remove_alias(world.model, name="steady", actor=user),
        lambda world: Sent("delete", f"{API}{MODEL}aliases/steady/"),
        lambda world, user: Form(f"{MODEL}aliases/steady/remove/"),
    ),
    Act(
        "write card",
        "sealed",
        frozenset({"owner"}),
        lambda world, user: actions.change_model(world.model, **CARD, actor=user),
        lambda world: Sent("patch", f"{API}{MODEL}", CARD),
        lambda world, user: edit(world, CARD),
    ),
    Act(
        "seal",
        "sealed",
        CONTRIBUTORS,
        lambda world, user: actions.seal_version(world.pending, actor=user),
        lambda world: Sent("post", f"{API}{MODEL}versions/1.1.0/seal/"),
    ),
)
