"""Registering, sealing and giving up versions."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Max

from apps.accounts.models import User
from apps.audit import actions as audit
from apps.core import clock
from apps.core.canonical import digest
from apps.core.errors import Conflict, FieldError, Invalid, NotFound
from apps.models import catalogue, events, policies, provenance, selectors, semver
from apps.models.models import ModelVersion, RegisteredModel, StageAssignment
from apps.models.states import Stage, VersionState
from apps.models.words import MAX_CARD, MAX_DESCRIPTION, metric_errors, object_errors, refuse, text_errors


@transaction.atomic
def register_version(
    model: RegisteredModel,
    *,
    actor: User,
    version: str | None = None,
    bump: str | None = None,
    metrics: Any = None,
    parameters: Any = None,
    metadata: Any = None,
    lineage: Any = None,
    description: str = "",
    card: str = "",
) -> ModelVersion:
    """Open a pending version under a given semantic version, or the one that `bump` derives from the highest.

    Raises Invalid naming every wrong field, Forbidden, and Conflict (`version_exists`).
    """
    model = RegisteredModel.objects.select_for_update(of=("self",)).select_related("team").get(pk=model.pk)
    policies.can_register_version(actor, model).require()
    content = _content(model, actor, metrics or {}, parameters or {}, metadata or {}, lineage or {}, description, card)
    name = _next_version(model, version, bump)
    number = (model.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    registered = ModelVersion.objects.create(
        registered_model=model,
        number=number,
        version=name,
        precedence=semver.sort_key(name),
        registered_by=actor,
        created_at=clock.now(),
        **content,
    )
    data = {"model": model.name, "version": name, "number": number, "content_digest": digest(content)}
    audit.record(events.VERSION_REGISTERED, actor=actor, subject=registered, data=data)
    return registered


@transaction.atomic
def seal_version(version: ModelVersion, *, actor: User) -> ModelVersion:
    """Close a pending version with at least one artifact: immutable from here, and in the stage experimental."""
    version = locked(version)
    policies.can_seal(actor, version).require()
    manifest = selectors.manifest(version)
    if not manifest:
        raise Conflict(f"{version} has no artifacts; upload at least one before sealing.", code="no_artifacts")
    version.state = VersionState.READY
    version.manifest_digest = digest(manifest)
    version.sealed_by, version.sealed_at = actor, clock.now()
    version.save(update_fields=["state", "manifest_digest", "sealed_by", "sealed_at"])
    StageAssignment.objects.create(
        registered_model_id=version.registered_model_id,
        version=version,
        stage=Stage.EXPERIMENTAL,
        period=DateTimeTZRange(version.sealed_at, None),
    )
    catalogue.refresh(version.registered_model_id)
    data = {
        "model": version.registered_model.name,
        "version": version.version,
        "manifest_digest": version.manifest_digest,
        "artifacts": len(manifest),
        "bytes": sum(entry["size"] for entry in manifest),
    }
    audit.record(events.VERSION_SEALED, actor=actor, subject=version, data=data)
    return version


@transaction.atomic
def fail_version(version: ModelVersion, *, reason: str, actor: User) -> ModelVersion:
    """Give a pending version up, saying why; its number and semantic version stay taken."""
    version = locked(version)
    policies.can_fail(actor, version).require()
    refuse(text_errors("reason", reason, longest=MAX_DESCRIPTION, required=True, lines=True))
    version.state, version.failure = VersionState.FAILED, reason.strip()
    version.save(update_fields=["state", "failure"])
    data = {"model": version.registered_model.name, "version": version.version, "reason": reason.strip()}
    registrar = version.registered_by
    audience = [registrar.owner_id or registrar.pk]
    audit.record(events.VERSION_FAILED, actor=actor, subject=version, data=data, audience=audience)
    return version


def locked(version: ModelVersion) -> ModelVersion:
    """Return the version as it is now, its row locked until the transaction ends."""
    rows = ModelVersion.objects.select_for_update(of=("self",))
    return rows.select_related("registered_model__team").get(pk=version.pk)


def _content(
    model: RegisteredModel,
    actor: User,
    metrics: Any,
    parameters: Any,
    metadata: Any,
    lineage: Any,
    description: Any,
    card: Any,
) -> dict[str, Any]:
    """Return what the version says of itself, checked; raises Invalid with every error at once."""
    shaped, errors = provenance.checked(lineage)
    errors += metric_errors(metrics) + object_errors("parameters", parameters)
    errors += text_errors("description", description, longest=MAX_DESCRIPTION, lines=True)
    errors += text_errors("card", card, longest=MAX_CARD, lines=True)
    unfit = object_errors("metadata", metadata)
    errors += unfit or selectors.standard_errors(metadata, model.risk_tier)
    refuse(errors or _parent_errors(shaped["parents"], actor))
    content = {"metrics": metrics, "parameters": parameters, "metadata": metadata, "lineage": shaped}
    return {**content, "description": description, "card": card}


def _parent_errors(parents: list[dict[str, Any]], actor: User) -> list[FieldError]:
    """Put the plain semantic version into each parent; return an error for each that is unknown or hidden."""
    errors = []
    visible = RegisteredModel.objects.visible_to(actor)
    for index, parent in enumerate(parents):
        model = visible.filter(name=parent["model"]).first()
        try:
            parent["version"] = selectors.resolve_version(model, parent["version"]).version if model else None
        except NotFound:
            parent["version"] = None
        if parent["version"] is None:
            field = f"lineage.parents[{index}]"
            errors.append(FieldError(field, "There is no such model version that you may see.", "unknown_parent"))
    return errors


def _next_version(model: RegisteredModel, version: str | None, bump: str | None) -> str:
    if (version is None) == (bump is None):
        raise Invalid("Give either version or bump.", code="version_or_bump", field="version")
    if version is None:
        highest = model.versions.highest_first().values_list("version", flat=True).first()
        return str(semver.parse(semver.bump(highest, str(bump))))
    name = str(semver.parse(version))
    if model.versions.filter(version=name).exists():
        raise Conflict(f"{model} has a version {name} already.", code="version_exists", field="version")
    return name
