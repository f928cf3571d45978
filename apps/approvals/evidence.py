"""What decisions are based on: the evidence document of a promotion, its digest, and how two differ."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from apps.approvals import requirements
from apps.approvals.models import AttachedEvidence, Policy, PolicyVersion, Promotion
from apps.approvals.requirements import Requirement
from apps.approvals.states import Kind
from apps.core.canonical import canonical
from apps.models.models import ModelVersion, RegisteredModel, StageAssignment
from apps.models.states import Stage

VERSION = 1


def current_policies(registered_model: RegisteredModel, stage: str) -> list[PolicyVersion]:
    """Return the newest version of every policy that governs promotions of a model to a stage; one query."""
    governing = Policy.objects.governing(registered_model, stage)
    newest = PolicyVersion.objects.filter(policy__in=governing.order_by().values("pk"))
    return list(newest.order_by("policy_id", "-number").distinct("policy_id"))


def requirement_of(promotion: Promotion) -> Requirement:
    """Return what a promotion needs now: pinned and present policies joined, so tightening counts, loosening never."""
    governing = Policy.objects.governing(promotion.registered_model, promotion.target_stage)
    newest = PolicyVersion.objects.filter(policy__in=governing.order_by().values("pk"))
    present = newest.order_by("policy_id", "-number").distinct("policy_id").values("pk")
    pinned = Promotion.pinned.through.objects.filter(promotion=promotion).values("policyversion")
    joined = PolicyVersion.objects.filter(Q(pk__in=present) | Q(pk__in=pinned))
    return requirement_from(joined.order_by("policy_id", "number"), promotion.kind)


def requirement_from(versions: Iterable[PolicyVersion], kind: str) -> Requirement:
    """Return the joined requirement of policy versions."""
    rollback = kind == Kind.ROLLBACK
    return requirements.join(requirements.parse(version.document, rollback=rollback) for version in versions)


def in_production(registered_model: RegisteredModel, at: datetime | None = None) -> ModelVersion | None:
    """Return the version in production now or at an instant; `since` says from when."""
    held = StageAssignment.objects.current() if at is None else StageAssignment.objects.at(at)
    held = held.filter(registered_model=registered_model, stage=Stage.PRODUCTION)
    rows = ModelVersion.objects.filter(stage_assignments__in=held).select_related("registered_model")
    return rows.annotate(since=F("stage_assignments__period__startswith")).first()


def attached_to(version: ModelVersion) -> list[AttachedEvidence]:
    """Return what was attached to a version, oldest first, without its contents."""
    return list(AttachedEvidence.objects.filter(version=version).order_by("pk").only("kind", "title", "digest"))


def document_of(
    promotion: Promotion,
    requirement: Requirement,
    replaces: ModelVersion | None,
    attached: Iterable[AttachedEvidence],
) -> dict[str, Any]:
    """Return everything a decision on the promotion is based on, as plain JSON data."""
    version = promotion.version
    return {
        "v": VERSION,
        "model": promotion.registered_model.name,
        "version": version.version,
        "number": version.number,
        "manifest": version.manifest_digest,
        "metrics": version.metrics,
        "parameters": version.parameters,
        "metadata": version.metadata,
        "lineage": version.lineage,
        "card": version.card,
        "risk_tier": promotion.registered_model.risk_tier,
        "target_stage": promotion.target_stage,
        "kind": promotion.kind,
        "replaces": replaces.version if replaces and promotion.target_stage == Stage.PRODUCTION else None,
        "attached": [{"id": row.pk, "kind": row.kind, "digest": row.digest} for row in attached],
        "requirement": requirement.as_dict(),
        "conditions": [],
    }


def text_of(document: dict[str, Any]) -> str:
    """Return the evidence as canonical JSON text (RFC 8785)."""
    return canonical(document).decode()


WORDS = {
    "manifest": "artifacts",
    "risk_tier": "risk tier",
    "replaces": "version in production",
    "attached": "attached evidence",
    "requirement": "policy",
}


def changed(before: str, after: str) -> list[str]:
    """Return in words which parts of the evidence differ between two texts."""
    old, new = json.loads(before), json.loads(after)
    return [WORDS.get(key, key) for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
