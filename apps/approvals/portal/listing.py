"""The list of promotions as one reader may see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Q, Value, When

from apps.accounts.models import User
from apps.approvals import selectors
from apps.approvals.models import Promotion
from apps.approvals.querysets import PromotionQuerySet
from apps.approvals.states import TERMINAL
from apps.core.counts import Count, counted
from apps.models.states import RiskTier

BY_TIER = Case(*(When(registered_model__risk_tier=tier, then=Value(rank)) for rank, tier in enumerate(RiskTier.values)))
DUE = (F("closed_at").desc(nulls_first=True), "expires_at", "-pk")
ORDERS: dict[str, tuple[Any, ...]] = {
    "due": DUE,
    "newest": ("-pk",),
    "model": ("registered_model__name", *DUE),
    "tier": (BY_TIER.desc(), *DUE),
}
# What a line says; the rest of a version, its card above all, is much to read.
SHOWN = (
    *("state", "state_reason", "standing", "target_stage", "expires_at", "closed_at"),
    *("version__version", "version__registered_model__name", "registered_model__risk_tier"),
    *("requested_by__name", "requested_by__username"),
)


@dataclass(frozen=True)
class View:
    """A ready-made query of the list; `count` where it says how much there is to do."""

    label: str
    state: str
    mine: str
    count: Count | None = None


def asked_of(user: User, promotions: Iterable[Promotion]) -> dict[int, str]:
    """Return what each promotion of a page asks of the reader, by its id; no query."""
    return {promotion.pk: selectors.asked_of(user, promotion) for promotion in promotions}


def views(user: User) -> list[View]:
    """Return the ready-made queries, with what is pending and what waits for this person."""
    visible = Promotion.objects.visible_to(user)
    return [
        View("Waiting for me", "pending", "waiting", counted(visible.waiting_for(user))),
        View("Pending", "pending", "", counted(visible.pending())),
        View("Requested by me", "all", "requested"),
        View("Ended", "closed", ""),
        View("All", "all", ""),
    ]


def matching(user: User, **criteria: str) -> PromotionQuerySet:
    """Return the promotions that meet the query in the order asked for: due first, then ended ones, newest first."""
    found, state, mine = Promotion.objects.visible_to(user), criteria["state"], criteria["mine"]
    if mine == "waiting":
        found = found.waiting_for(user)
    if mine == "requested":
        found = found.filter(Q(requested_by=user) | Q(requested_by__owner=user))
    if state == "pending":
        found = found.pending()
    elif state != "all":
        found = found.filter(state__in=TERMINAL if state == "closed" else [state])
    narrowed = {
        "registered_model__name": criteria["model"],
        "registered_model__risk_tier": criteria["tier"],
        "registered_model__team__slug": criteria["team"],
        "target_stage": criteria["stage"],
    }
    found = found.filter(**{key: value for key, value in narrowed.items() if value})
    related = ("version__registered_model", "registered_model", "requested_by")
    return found.with_open_threads().select_related(*related).only(*SHOWN).order_by(*ORDERS[criteria["sort"]])
