"""Asking for a promotion, and taking the request back."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from apps.accounts.models import User
from apps.approvals import events, evidence, policies
from apps.approvals.actions.projection import audience_of, begin, close, facts, locked
from apps.approvals.models import PolicyVersion, Promotion
from apps.approvals.requirements import Requirement, rollback_days
from apps.approvals.standing import evaluate, situation_of
from apps.approvals.states import Kind, State
from apps.audit import actions as audit
from apps.core import clock, jobs
from apps.core.errors import Conflict, Invalid
from apps.models import selectors as model_selectors
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import Stage


def submit(version: ModelVersion, *, target_stage: str, reason: str = "", actor: User) -> Promotion:
    """Ask for a version to be moved to a stage; pins the policies, opens round 1 and starts the checks.

    Raises Invalid for an unknown stage or a missing reason, Forbidden, and Conflict where the version is not
    sealed, cannot go there, or already waits to.
    """
    if target_stage not in (Stage.STAGING, Stage.PRODUCTION, Stage.ARCHIVED):
        raise Invalid(
            "Use staging, production or archived",
            code="unknown_stage",
            field="target_stage",
        )
    with transaction.atomic():
        RegisteredModel.objects.select_for_update(no_key=True).get(pk=version.registered_model_id)
        version = ModelVersion.objects.select_related("registered_model__team").get(pk=version.pk)
        pinned = evidence.current_policies(version.registered_model, target_stage)
        kind = _kind(version, target_stage, pinned)
        requirement = evidence.requirement_from(pinned, kind)
        source = model_selectors.stage_of(version) or Stage.EXPERIMENTAL
        policies.can_submit(actor, version, source, target_stage, requirement).require()
        _require_room(version, target_stage)
        if requirement.needs_reason and not reason.strip():
            raise Invalid(
                "Give a reason: the policy of this stage asks for one",
                code="required",
                field="reason",
            )
        promotion = _create(version, source, target_stage, kind, reason, requirement, actor)
        promotion.pinned.set(pinned)
        projection = begin(promotion)
        data = facts(promotion) | {
            "reason": reason,
            "state": promotion.state,
            "evidence_digest": projection.standing.evidence_digest,
            "policies": [{"policy": p.policy_id, "number": p.number, "digest": p.digest} for p in pinned],
        }
        audience = audience_of(projection.situation)
        audit.record(
            events.PROMOTION_SUBMITTED,
            actor=actor,
            subject=promotion,
            data=data,
            audience=audience,
        )
        jobs.nudge("apps.approvals.tasks.verify_artifacts", promotion.pk)
    return promotion


def withdraw(promotion: Promotion, *, reason: str = "", actor: User) -> Promotion:
    """Take a request back before it is executed."""
    with transaction.atomic():
        promotion = locked(promotion)
        policies.can_withdraw(actor, promotion).require()
        situation = situation_of(promotion)
        close(promotion, State.CANCELLED, evaluate(situation), "Withdrawn.")
        data = facts(promotion) | {"reason": reason}
        audience = audience_of(situation)
        audit.record(
            events.PROMOTION_WITHDRAWN,
            actor=actor,
            subject=promotion,
            data=data,
            audience=audience,
        )
    return promotion


def _create(
    version: ModelVersion,
    source: str,
    target: str,
    kind: str,
    reason: str,
    requirement: Requirement,
    actor: User,
) -> Promotion:
    moment = clock.now()
    replaced = evidence.in_production(version.registered_model) if target == Stage.PRODUCTION else None
    return Promotion.objects.create(
        registered_model=version.registered_model,
        version=version,
        source_stage=source,
        target_stage=target,
        kind=kind,
        requested_by=actor,
        reason=reason,
        replaces=replaced,
        created_at=moment,
        expires_at=moment + timedelta(days=requirement.expires_after_days),
        verify_at=moment,
    )


def _require_room(version: ModelVersion, target_stage: str) -> None:
    waiting = Promotion.objects.pending().filter(version=version, target_stage=target_stage).first()
    if waiting is not None:
        raise Conflict(
            f"Promotion {waiting.pk} already asks for {version} to go to {target_stage}.",
            code="promotion_exists",
            field="target_stage",
        )


def _kind(version: ModelVersion, target_stage: str, pinned: list[PolicyVersion]) -> str:
    """Going back is the reduced rule set's only when the version was approved for production recently (R19)."""
    days = [rollback_days(policy.document) for policy in pinned if policy.document.get("rollback")]
    if target_stage != Stage.PRODUCTION or not days:
        return Kind.PROMOTION
    since = clock.now() - timedelta(days=min(days))
    before = Promotion.objects.filter(
        version=version,
        target_stage=target_stage,
        state=State.EXECUTED,
        kind=Kind.PROMOTION,
        closed_at__gte=since,
    )
    return Kind.ROLLBACK if before.exists() else Kind.PROMOTION
