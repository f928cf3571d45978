"""The report of R10: approvals that stand in executed promotions, given by people who could not give them today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from apps.accounts.models import User
from apps.approvals import eligibility
from apps.approvals.eligibility import Seat
from apps.approvals.models import Decision, Promotion
from apps.approvals.states import State, Verdict

RELATED = ("actor", "signature", "round", "promotion__version__registered_model", "promotion__registered_model__team")
# How many approvals one look goes through: a report is read from the newest backwards.
STRETCH = 500


@dataclass(frozen=True)
class Departure:
    """An approval that counted, and why its author would not be eligible any more."""

    decision: Decision
    reason: str


@dataclass(frozen=True)
class Look:
    """The departures among the approvals that one look went through, newest first.

    `before` is the id of the oldest of them, given where there may be older ones, and `back_to` its time.
    """

    found: list[Departure]
    before: int | None
    back_to: datetime | None


def look(user: User, before: int | None = None) -> Look:
    """Return who left since among the newest approvals of executed promotions, or those older than a decision."""
    counted = _counted(user)
    rows = list(
        (counted.filter(pk__lt=before) if before else counted)
        .order_by("-pk")
        .values_list(
            "pk",
            "created_at",
            "groups",
            "actor",
            "actor__is_active",
            "promotion__registered_model",
            "promotion__registered_model__team",
            "promotion__registered_model__visibility",
        )[:STRETCH]
    )
    seats = {row[0]: Seat(row[3], tuple(row[2]), *row[5:]) for row in rows if row[4]}
    kept = eligibility.kept(set(seats.values()))
    left = [row[0] for row in rows if seats.get(row[0]) not in kept]
    decisions = Decision.objects.select_related(*RELATED).in_bulk(left)
    more = len(rows) == STRETCH
    return Look(
        [Departure(decisions[pk], _reason(decisions[pk])) for pk in left],
        rows[-1][0] if more else None,
        rows[-1][1] if more else None,
    )


def departures(user: User) -> Iterator[Departure]:
    """Yield the approvals of executed promotions, newest first, whose authors have left since; look by look."""
    before: int | None = None
    while True:
        seen = look(user, before)
        yield from seen.found
        if seen.before is None:
            return
        before = seen.before


def _counted(user: User) -> QuerySet[Decision]:
    visible = Promotion.objects.visible_to(user).filter(state=State.EXECUTED)
    return Decision.objects.filter(
        promotion__in=visible.values("pk"), verdict=Verdict.APPROVE, round__number=F("promotion__round_number")
    )


def _reason(decision: Decision) -> str:
    if not decision.actor.is_active:
        return "deactivated"
    return f"no longer among {_words(decision.groups)}"


def _words(groups: Sequence[str]) -> str:
    return " or ".join(eligibility.group_words(group) for group in groups)
