"""Keeping the stored round and state of a promotion true to its evidence; every act ends here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.approvals import events, evidence
from apps.approvals.models import Evaluation, Promotion, Round
from apps.approvals.standing import Situation, Standing, evaluate, situation_of
from apps.approvals.states import MOVES, State
from apps.audit import actions as audit
from apps.core import clock, jobs
from apps.core.actors import SYSTEM
from apps.core.errors import Conflict
from apps.models.models import RegisteredModel

PROJECTED = [
    "state",
    "state_reason",
    "standing",
    "round_number",
    "approved_at",
    "execute_by",
]


@dataclass(frozen=True)
class Projection:
    """How a promotion stands after an act, and what the act changed."""

    standing: Standing
    situation: Situation
    before: str
    new_round: Round | None

    @property
    def changed(self) -> bool:
        """The state or the round is another one than before."""
        return self.new_round is not None or self.before != self.standing.state


def locked(promotion: Promotion) -> Promotion:
    """Lock the model's row, then the promotion's, and return the promotion as it is now."""
    RegisteredModel.objects.select_for_update(no_key=True).get(pk=promotion.registered_model_id)
    related = (
        "registered_model__team",
        "version__registered_model",
        "requested_by__owner",
    )
    rows = Promotion.objects.select_for_update(no_key=True, of=("self",)).select_related(*related)
    return rows.get(pk=promotion.pk)


def project(promotion: Promotion, situation: Situation | None = None) -> Projection:
    """Open a new round if the evidence changed, store the state that follows; the caller holds the locks.

    `situation` spares reading what was read under the same locks.
    """
    situation = situation or situation_of(promotion)
    before, moment = promotion.state, clock.now()
    new_round = _next_round(promotion, situation, moment)
    standing = evaluate(situation)
    move(promotion, standing.state)
    promotion.state_reason, promotion.standing = standing.sentence, standing.as_dict()
    if standing.state == State.APPROVED:
        promotion.approved_at = promotion.approved_at or moment
        promotion.execute_by = promotion.execute_by or moment + timedelta(
            hours=situation.requirement.execute_within_hours
        )
    else:
        promotion.approved_at = promotion.execute_by = None
    promotion.save(update_fields=PROJECTED)
    projection = Projection(standing, situation, before, new_round)
    if projection.changed:
        remember(promotion, moment)
    if standing.state == State.APPROVED and situation.requirement.automatic:
        jobs.nudge("apps.approvals.tasks.execute_promotion", promotion.pk)
    return projection


def move(promotion: Promotion, state: str) -> None:
    """Assign a state that may follow the present one."""
    if state != promotion.state and state not in MOVES[promotion.state]:
        raise Conflict(
            f"A promotion that is {promotion.state} cannot become {state}.",
            code="already_resolved",
        )
    promotion.state = state


def close(promotion: Promotion, state: str, standing: Standing, reason: str) -> None:
    """End a promotion and keep how it stood; the caller holds the locks."""
    moment = clock.now()
    move(promotion, state)
    promotion.state_reason, promotion.closed_at = reason, moment
    promotion.standing = {**standing.as_dict(), "state": state, "sentence": reason}
    promotion.save(update_fields=["state", "state_reason", "standing", "closed_at"])
    remember(promotion, moment)


def remember(promotion: Promotion, moment: datetime) -> None:
    """Store how everything stood when the state changed."""
    Evaluation.objects.create(
        promotion=promotion,
        state=promotion.state,
        standing=promotion.standing,
        created_at=moment,
    )


def begin(promotion: Promotion) -> Projection:
    """Open round 1 of a promotion just created and store how it stands."""
    situation = situation_of(promotion)
    first = _open(promotion, 1, situation, [], clock.now())
    projection = project(promotion, situation)
    if not projection.changed:
        remember(promotion, first.opened_at)
    return projection


def refresh(promotion: Promotion) -> Promotion:
    """Bring a pending promotion up to date with evidence, people, checks and clock; return it as it is now."""
    return refreshed(promotion).promotion


def refreshed(promotion: Promotion) -> Situation:
    """Bring a pending promotion up to date, and return it with all that its evaluation read."""
    with transaction.atomic():
        promotion = locked(promotion)
        situation = situation_of(promotion)
        if promotion.is_pending and overdue(promotion):
            expire(promotion, situation)
        elif promotion.is_pending:
            _record_change(promotion, project(promotion, situation))
    return situation


def _record_change(promotion: Promotion, projection: Projection) -> None:
    if projection.changed:
        data = facts(promotion) | {
            "state": promotion.state,
            "before": projection.before,
            "changed": projection.new_round.changed if projection.new_round else [],
        }
        audience = audience_of(projection.situation)
        audit.record(events.PROMOTION_REEVALUATED, actor=SYSTEM, subject=promotion, data=data, audience=audience)


def refresh_model(registered_model_id: int) -> None:
    """Bring every pending promotion of a model up to date."""
    for promotion in Promotion.objects.pending().filter(registered_model=registered_model_id).order_by("pk"):
        refresh(promotion)


def overdue(promotion: Promotion) -> bool:
    """Tell by the database's clock whether the time of a pending promotion has run out (R13)."""
    ends = [moment for moment in (promotion.expires_at, promotion.execute_by) if moment is not None]
    return min(ends) <= clock.now()


def expire(promotion: Promotion, situation: Situation) -> None:
    """End a promotion whose time has run out; the caller holds the locks."""
    close(promotion, State.EXPIRED, evaluate(situation), "Its time ran out.")
    audit.record(
        events.PROMOTION_EXPIRED,
        actor=SYSTEM,
        subject=promotion,
        data=facts(promotion),
        audience=audience_of(situation),
    )


def facts(promotion: Promotion) -> dict[str, Any]:
    """Return what every event about a promotion says of it."""
    version = promotion.version
    return {
        "promotion": promotion.pk,
        "model": promotion.registered_model.name,
        "version": version.version,
        "number": version.number,
        "manifest_digest": version.manifest_digest,
        "source_stage": promotion.source_stage,
        "target_stage": promotion.target_stage,
        "kind": promotion.kind,
        "round": promotion.round_number,
    }


def audience_of(situation: Situation, also: Iterable[int] = ()) -> set[int]:
    """Return whom an event about the promotion concerns: who asked, who decided and who could decide."""
    asked = situation.promotion.requested_by
    people = {pk for group in situation.eligible.values() for pk in group}
    people |= {row.actor_id for row in situation.decisions} | {asked.owner_id or asked.pk} | set(also)
    return people


def _next_round(promotion: Promotion, situation: Situation, moment: datetime) -> Round | None:
    last = promotion.rounds.get(number=promotion.round_number)
    if last.evidence_digest == situation.evidence_digest:
        return None
    promotion.round_number += 1
    return _open(
        promotion,
        promotion.round_number,
        situation,
        evidence.changed(last.evidence, situation.evidence),
        moment,
    )


def _open(
    promotion: Promotion,
    number: int,
    situation: Situation,
    changed: list[str],
    moment: datetime,
) -> Round:
    return Round.objects.create(
        promotion=promotion,
        number=number,
        evidence=situation.evidence,
        evidence_digest=situation.evidence_digest,
        changed=changed,
        opened_at=moment,
    )
