"""Promotions as they were at an instant: all that is recorded of them is append-only, so it can be told exactly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.text import get_text_list

from apps.approvals.models import Decision, Evaluation, Promotion
from apps.approvals.standing import DECISION, OWN, blockers_in_force
from apps.approvals.states import State, Verdict


def turn_back(promotions: Sequence[Promotion], at: datetime) -> None:
    """Set state, round and end of promotions back to an instant at which they had been asked for; two queries.

    What had ended by then stays as it ended. For what was pending, the sentence names whose signatures stood.
    """
    pending = {each.pk: each for each in promotions if each.closed_at is None or each.closed_at > at}
    kept = Evaluation.objects.filter(promotion__in=pending, created_at__lte=at).order_by("promotion_id", "-pk")
    last = {each.promotion_id: each for each in kept.distinct("promotion_id")}
    signed: dict[int, list[Decision]] = {}
    rows = Decision.objects.filter(promotion__in=pending, created_at__lte=at).select_related(*DECISION)
    for row in rows.order_by("pk"):
        signed.setdefault(row.promotion_id, []).append(row)
    for pk, promotion in pending.items():
        stood = last.get(pk)
        promotion.closed_at = None
        promotion.state = stood.state if stood else State.OPEN
        promotion.round_number = stood.standing["round"] if stood else 1
        promotion.state_reason = _sentence(promotion.round_number, signed.get(pk, []))


def _sentence(number: int, decisions: Sequence[Decision]) -> str:
    latest = {row.actor_id: row for row in decisions if row.verdict in OWN}
    approving = [str(row.actor) for row in latest.values() if _counts(row, number)]
    asking = [blocker.person.name for blocker in blockers_in_force(decisions)]
    parts = [f"Round {number}."]
    parts += [f"Approved by {get_text_list(approving, 'and')}."] if approving else []
    parts += [f"{get_text_list(asking, 'and')} asked for changes."] if asking else []
    return " ".join(parts if len(parts) > 1 else [*parts, "No decision stood."])


def _counts(row: Decision, number: int) -> bool:
    return row.verdict == Verdict.APPROVE and row.round.number == number
