"""Deciding on a promotion: one signed row per act, on the evidence the person saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from apps.accounts import actions as account_actions
from apps.accounts.models import User
from apps.approvals import events, policies
from apps.approvals.actions.projection import audience_of, close, facts, locked, overdue, project, refreshed
from apps.approvals.models import Decision, Promotion, Signature
from apps.approvals.standing import Situation, evaluate, situation_of
from apps.approvals.states import MEANINGS, NEEDS_REASON, State, Verdict
from apps.audit import actions as audit
from apps.core import clock
from apps.core.errors import Conflict, Invalid, Stale

LONGEST_COMMENT = 4000
LONGEST_MEANING = 300


def decide(
    promotion: Promotion,
    *,
    verdict: str,
    comment: str = "",
    password: str,
    meaning: str = "",
    etag: str,
    settles: int | None = None,
    actor: User,
) -> Decision:
    """Sign a verdict on the round named by `etag`; the last approval makes the promotion approved (R1 to R11, R16).

    Raises Invalid (verdict, missing reason), Forbidden (not eligible, wrong password), Stale (the evidence has moved
    on), and Conflict (closed, already said).
    """
    _require_words(verdict, comment, meaning)
    policies.can_decide(actor, refreshed(promotion)).require()
    authenticated_at = account_actions.verify_password(actor, password)
    with transaction.atomic():
        promotion = locked(promotion)
        situation = situation_of(promotion)
        policies.can_decide(actor, situation).require()
        _require_current(promotion, situation, etag)
        settled = next((row for row in situation.decisions if row.pk == settles), None)
        policies.can_give(actor, verdict, situation, settled).require()
        words = meaning.strip() or MEANINGS[verdict].format(stage=promotion.target_stage)
        signature = sign(actor, words, situation.evidence_digest, authenticated_at)
        decision = _append(promotion, situation, verdict, comment, settled, signature, actor)
        _conclude(promotion, decision, replace(situation, decisions=[*situation.decisions, decision]))
    return decision


def sign(actor: User, meaning: str, digest: str, authenticated_at: datetime) -> Signature:
    """Return a signature bound to a digest: printed name, time and meaning (21 CFR 11.50, 11.70)."""
    return Signature.objects.create(
        signer=actor,
        printed_name=str(actor),
        meaning=meaning,
        method="password",
        subject_digest=digest,
        authenticated_at=authenticated_at,
        signed_at=clock.now(),
    )


def _require_words(verdict: str, comment: str, meaning: str) -> None:
    if verdict not in Verdict.values:
        raise Invalid(
            f"Use one of {', '.join(Verdict.values)}",
            code="unknown_verdict",
            field="verdict",
        )
    if verdict in NEEDS_REASON and not comment.strip():
        raise Invalid(
            "Give a reason: it becomes part of the record",
            code="required",
            field="comment",
        )
    if len(comment) > LONGEST_COMMENT:
        raise Invalid(
            f"Use at most {LONGEST_COMMENT} characters",
            code="too_long",
            field="comment",
        )
    if len(meaning) > LONGEST_MEANING:
        raise Invalid(
            f"Use at most {LONGEST_MEANING} characters",
            code="too_long",
            field="signature.meaning",
        )


def _require_current(promotion: Promotion, situation: Situation, etag: str) -> None:
    if overdue(promotion):
        raise Conflict("This promotion has expired.", code="already_resolved")
    seen = promotion.rounds.get(number=promotion.round_number).evidence_digest
    if etag.strip() != promotion.etag or seen != situation.evidence_digest:
        raise Stale(
            "The evidence has changed since you looked: read the promotion again, then decide on its present round."
        )


def _append(
    promotion: Promotion,
    situation: Situation,
    verdict: str,
    comment: str,
    settled: Decision | None,
    signature: Signature,
    actor: User,
) -> Decision:
    own = [row for row in situation.decisions if row.actor_id == actor.pk]
    if verdict == Verdict.RETRACT:
        settled = own[-1]
    return Decision.objects.create(
        promotion=promotion,
        round=promotion.rounds.get(number=promotion.round_number),
        actor=actor,
        sequence=len(own) + 1,
        verdict=verdict,
        comment=comment,
        groups=policies.groups_of(actor, situation),
        evidence_digest=situation.evidence_digest,
        settles=settled,
        signature=signature,
        created_at=signature.signed_at,
    )


def _conclude(promotion: Promotion, decision: Decision, situation: Situation) -> None:
    """Store the state that follows from the decision and record both as one event."""
    before = promotion.state
    if decision.verdict == Verdict.REJECT:
        close(promotion, State.REJECTED, evaluate(situation), f"Rejected by {decision.actor}.")
    else:
        project(promotion, situation)
    data = facts(promotion) | {
        "decision": decision.pk,
        "verdict": decision.verdict,
        "comment": decision.comment,
        "settles": decision.settles_id,
        "evidence_digest": decision.evidence_digest,
        "meaning": decision.signature.meaning,
        "printed_name": decision.signature.printed_name,
        "state": promotion.state,
        "before": before,
    }
    audience = audience_of(situation)
    audit.record(
        events.PROMOTION_DECIDED,
        actor=decision.actor,
        subject=promotion,
        data=data,
        audience=audience,
    )
