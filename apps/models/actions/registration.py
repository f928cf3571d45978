"""Registering models and changing what is said of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import Permission
from apps.audit import actions as audit
from apps.core import clock
from apps.core.errors import Conflict, FieldError, Invalid, Stale
from apps.models import catalogue, events, policies
from apps.models.models import MODEL_NAME, RegisteredModel
from apps.models.states import RiskTier, Visibility
from apps.models.words import MAX_CARD, MAX_DESCRIPTION, refusal, refuse, tag_errors, text_errors

CHANGEABLE = ("description", "card", "tags", "visibility", "risk_tier")


@transaction.atomic
def register_model(
    *,
    name: str,
    team: Team | str,
    risk_tier: str,
    actor: User,
    description: str = "",
    card: str = "",
    visibility: str = Visibility.TEAM,
    tags: Iterable[str] = (),
) -> RegisteredModel:
    """Register a model for a team, given as itself or by its slug.

    Raises Invalid naming each wrong field (a team that the actor may not know of is unknown), Forbidden, and
    Conflict (`model_exists`) for a name that is taken.
    """
    tags = _distinct(tags)
    fields = {"description": description, "card": card, "visibility": visibility, "tags": tags, "risk_tier": risk_tier}
    owner = _team(team, actor)
    errors = _name_errors(name) + _field_errors(fields)
    if owner is None:
        raise refusal([*errors, FieldError("team", "There is no such team that you may see.", "unknown_team")])
    refuse(errors)
    policies.can_register_model(actor, owner).require()
    moment = clock.now()
    model = RegisteredModel(name=name, team=owner, registered_by=actor, created_at=moment, changed_at=moment, **fields)
    try:
        with transaction.atomic():
            model.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(f"There is a model called {name} already.", code="model_exists", field="name") from error
    catalogue.refresh(model.pk)
    data = {"name": name, "team": owner.slug, "risk_tier": risk_tier, "visibility": visibility, "tags": tags}
    audit.record(events.MODEL_REGISTERED, actor=actor, subject=model, data=data)
    return model


@transaction.atomic
def change_model(
    model: RegisteredModel, *, actor: User, reason: str = "", expected: str | None = None, **fields: Any
) -> RegisteredModel:
    """Change description, card, tags, visibility or risk tier; a change of tier needs a reason.

    `expected` is the ETag the actor saw. Raises Stale where it is no longer current, Invalid, Forbidden.
    """
    model = RegisteredModel.objects.select_for_update(of=("self",)).select_related("team").get(pk=model.pk)
    if unknown := sorted(set(fields) - set(CHANGEABLE)):
        refuse([FieldError(name, f"Only {', '.join(CHANGEABLE)} can be changed.", "unknown_field") for name in unknown])
    if "tags" in fields:
        fields["tags"] = _distinct(fields["tags"])
    refuse(_field_errors(fields) + text_errors("reason", reason, longest=MAX_DESCRIPTION, lines=True))
    changed = {name: value for name, value in fields.items() if getattr(model, name) != value}
    _require_change(model, actor, fields, changed, reason)
    if expected not in (None, model.etag):
        raise Stale(f"{model} was changed since you read it; read it again.")
    if not changed:
        return model
    before = {name: getattr(model, name) for name in changed}
    for name, value in changed.items():
        setattr(model, name, value)
    model.changed_at = clock.now()
    model.save(update_fields=[*changed, "changed_at"])
    catalogue.refresh(model.pk)
    words = " and ".join(name.replace("_", " ") for name in changed)
    data = {"fields": words, "before": before, "after": changed, "reason": reason}
    audit.record(events.MODEL_CHANGED, actor=actor, subject=model, data=data)
    return model


def _require_change(
    model: RegisteredModel, actor: User, fields: dict[str, Any], changed: dict[str, Any], reason: str
) -> None:
    if set(fields) != {"risk_tier"}:
        policies.can_change_model(actor, model).require()
    if "risk_tier" in fields:
        policies.can_change_tier(actor, model, fields["risk_tier"]).require()
    if "risk_tier" in changed and not reason.strip():
        raise Invalid("Say why the risk tier changes.", code="reason_required", field="reason")


def _team(team: Team | str, actor: User) -> Team | None:
    if isinstance(team, Team):
        return team
    found = Team.objects.filter(slug=team).first() if "\x00" not in team else None
    if found is None:
        return None
    return found if grants.reads_everything(actor) or grants.holds(actor, Permission.VIEW, [found]) else None


def _distinct(tags: Iterable[Any]) -> list[Any]:
    """Return tags once each, in their order; what is not text is left for the field's error."""
    given = list(tags)
    if all(isinstance(tag, str) for tag in given):
        return list(dict.fromkeys(tag.strip() for tag in given))
    return given


def _name_errors(name: Any) -> list[FieldError]:
    try:
        MODEL_NAME(name)
    except (ValidationError, TypeError):
        return [FieldError("name", str(MODEL_NAME.message), "invalid_name")]
    return [] if isinstance(name, str) else [FieldError("name", str(MODEL_NAME.message), "invalid_name")]


def _field_errors(fields: dict[str, Any]) -> list[FieldError]:
    errors: list[FieldError] = []
    if "description" in fields:
        errors += text_errors("description", fields["description"], longest=MAX_DESCRIPTION, lines=True)
    if "card" in fields:
        errors += text_errors("card", fields["card"], longest=MAX_CARD, lines=True)
    if "tags" in fields:
        errors += tag_errors(fields["tags"])
    for name, choices in (("visibility", Visibility.values), ("risk_tier", RiskTier.values)):
        if name in fields and fields[name] not in choices:
            errors.append(FieldError(name, f"Give one of {', '.join(choices)}.", "invalid_choice"))
    return errors
