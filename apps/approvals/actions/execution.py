"""Moving a version between stages: the only code that opens the door in `apps.models.promotion`."""

from __future__ import annotations

from django.db import transaction

from apps.accounts import actions as account_actions
from apps.accounts.models import User
from apps.approvals import events, policies
from apps.approvals.actions.checks import verify_artifacts
from apps.approvals.actions.decisions import sign
from apps.approvals.actions.projection import audience_of, close, facts, locked, overdue, refresh, refreshed
from apps.approvals.models import Promotion, Signature
from apps.approvals.standing import Situation, Standing, approvals_in_force, evaluate, situation_of
from apps.approvals.states import Kind, State
from apps.audit import actions as audit
from apps.core import clock
from apps.core.actors import SYSTEM, System
from apps.core.errors import Conflict, Invalid
from apps.models import promotion as door
from apps.models import selectors as model_selectors
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import DEMOTIONS, MOVES, Stage


def execute(promotion: Promotion, *, actor: User | System = SYSTEM) -> Promotion:
    """Carry out an approved promotion in one transaction (R12): everything is evaluated once more under the locks.

    The stored bytes are hashed again before the locks are taken. Raises Forbidden, and Conflict where the promotion
    is closed or no longer approved; then nothing has moved.
    """
    situation = refreshed(promotion)
    promotion = situation.promotion
    policies.can_execute(actor, promotion, situation.requirement).require()
    if promotion.state != State.APPROVED:
        raise Conflict(f"Not approved: {promotion.state_reason}", code="not_approved")
    verify_artifacts(promotion)
    with transaction.atomic():
        promotion = locked(promotion)
        situation = situation_of(promotion)
        policies.can_execute(actor, promotion, situation.requirement).require()
        standing = _require_approved(promotion, situation)
        moved = door.move(
            promotion.version,
            promotion.target_stage,
            promotion_id=promotion.pk,
            moment=clock.now(),
        )
        close(promotion, State.EXECUTED, standing, f"Moved to {promotion.target_stage}.")
        _record_execution(promotion, situation, moved.retired, actor)
        _supersede_others(promotion)
    return promotion


def demote(
    version: ModelVersion,
    *,
    to_stage: str,
    reason: str,
    password: str,
    meaning: str = "",
    actor: User,
) -> Promotion:
    """Take a version down at once, with a reason and a signature (R19); recorded as an executed promotion.

    Raises Invalid (stage, reason), Forbidden (role, password) and Conflict (the version is in no stage to fall from).
    """
    _require_words(to_stage, reason)
    stage = model_selectors.stage_of(version)
    policies.can_demote(actor, version, stage or Stage.EXPERIMENTAL, to_stage).require()
    authenticated_at = account_actions.verify_password(actor, password)
    with transaction.atomic():
        RegisteredModel.objects.select_for_update(no_key=True).get(pk=version.registered_model_id)
        version = ModelVersion.objects.select_related("registered_model__team").get(pk=version.pk)
        source = model_selectors.stage_of(version) or Stage.EXPERIMENTAL
        policies.can_demote(actor, version, source, to_stage).require()
        words = meaning.strip() or f"I take {version} out of {source} to {to_stage}"
        signature = sign(actor, words, version.manifest_digest, authenticated_at)
        promotion = _demotion(version, source, to_stage, reason, signature)
        door.move(version, to_stage, promotion_id=promotion.pk, moment=promotion.created_at)
        data = facts(promotion) | {"reason": reason, "meaning": words, "printed_name": str(actor)}
        reviewers = _reviewers(promotion)
        audit.record(events.PROMOTION_DEMOTED, actor=actor, subject=promotion, data=data, audience=reviewers)
        _refresh_waiting(promotion)
    return promotion


def _require_words(to_stage: str, reason: str) -> None:
    if to_stage not in {target for targets in DEMOTIONS.values() for target in targets}:
        raise Invalid("Use experimental, staging or archived", code="unknown_stage", field="to_stage")
    if not reason.strip():
        raise Invalid("Give a reason: it becomes part of the record", code="required", field="reason")


def _demotion(version: ModelVersion, source: str, target: str, reason: str, signature: Signature) -> Promotion:
    moment = clock.now()
    return Promotion.objects.create(
        registered_model=version.registered_model,
        version=version,
        source_stage=source,
        target_stage=target,
        kind=Kind.DEMOTION,
        requested_by=signature.signer,
        reason=reason,
        state=State.EXECUTED,
        state_reason=f"Demoted to {target}.",
        signature=signature,
        created_at=moment,
        expires_at=moment,
        closed_at=moment,
    )


def _require_approved(promotion: Promotion, situation: Situation) -> Standing:
    standing = evaluate(situation)
    if overdue(promotion):
        raise Conflict("This promotion has expired.", code="already_resolved")
    seen = promotion.rounds.get(number=promotion.round_number).evidence_digest
    stage = model_selectors.stage_of(promotion.version)
    if promotion.target_stage not in MOVES[stage]:
        raise Conflict(
            f"A version in {stage} cannot go to {promotion.target_stage}.",
            code="move_not_allowed",
        )
    if standing.state != State.APPROVED or seen != situation.evidence_digest:
        raise Conflict(f"Not approved: {standing.sentence}", code="not_approved")
    return standing


def _record_execution(
    promotion: Promotion,
    situation: Situation,
    retired: ModelVersion | None,
    actor: User | System,
) -> None:
    counted = sorted(approvals_in_force(situation).values(), key=lambda row: row.pk)
    data = facts(promotion) | {
        "state": promotion.state,
        "evidence_digest": situation.evidence_digest,
        "replaced": retired.version if retired else None,
        "decisions": [
            {
                "decision": row.pk,
                "actor": row.actor.urn,
                "meaning": row.signature.meaning,
            }
            for row in counted
        ],
        "requested_by": promotion.requested_by.urn,
    }
    audience = audience_of(situation)
    audit.record(
        events.PROMOTION_EXECUTED,
        actor=actor,
        subject=promotion,
        data=data,
        audience=audience,
    )


def _supersede_others(promotion: Promotion) -> None:
    """Close what can no longer be: rivals for the production place, and moves this version can no longer make."""
    here = promotion.target_stage
    for other in Promotion.objects.pending().filter(registered_model=promotion.registered_model_id).order_by("pk"):
        rival = here == other.target_stage == Stage.PRODUCTION
        same = other.version_id == promotion.version_id
        if rival or (same and (here == Stage.ARCHIVED or other.target_stage not in MOVES[here])):
            _supersede(locked(other), promotion)
        else:
            refresh(other)


def _supersede(other: Promotion, by: Promotion) -> None:
    situation = situation_of(other)
    close(
        other,
        State.SUPERSEDED,
        evaluate(situation),
        f"{by.version} went to {by.target_stage} first.",
    )
    data = facts(other) | {"by": str(by.version), "by_promotion": by.pk}
    audience = audience_of(situation)
    audit.record(
        events.PROMOTION_SUPERSEDED,
        actor=SYSTEM,
        subject=other,
        data=data,
        audience=audience,
    )


def _refresh_waiting(promotion: Promotion) -> None:
    for other in Promotion.objects.pending().filter(registered_model=promotion.registered_model_id).order_by("pk"):
        refresh(other)


def _reviewers(promotion: Promotion) -> set[int]:
    return {pk for group in situation_of(promotion).eligible.values() for pk in group}
