"""One filter of promotions, shared by portal and API."""

from __future__ import annotations

import django_filters

from apps.approvals.models import Promotion
from apps.approvals.querysets import PromotionQuerySet
from apps.approvals.states import PENDING, State
from apps.models.states import Stage


class PromotionFilter(django_filters.FilterSet):
    """Every condition narrows."""

    state = django_filters.ChoiceFilter(
        choices=(("pending", "Pending"), *State.choices),
        method="by_state",
        label="State; pending means not closed yet",
    )
    target_stage = django_filters.ChoiceFilter(choices=Stage.choices, label="Stage asked for")
    model = django_filters.CharFilter("registered_model__name", label="Name of the registered model")
    team = django_filters.CharFilter("registered_model__team__slug", label="Slug of the owning team")
    version = django_filters.CharFilter("version__version", label="Semantic version")
    requested_by = django_filters.CharFilter("requested_by__username", label="User name of who asked")
    waiting_for = django_filters.ChoiceFilter(
        choices=(("me", "Me"),),
        method="by_waiting",
        label="Only what waits for my decision",
    )

    class Meta:
        model = Promotion
        fields: tuple[str, ...] = ()

    def by_state(self, promotions: PromotionQuerySet, name: str, value: str) -> PromotionQuerySet:
        """Keep promotions in a state, or all that are not closed."""
        return promotions.filter(state__in=PENDING if value == "pending" else [value])

    def by_waiting(self, promotions: PromotionQuerySet, name: str, value: str) -> PromotionQuerySet:
        """Keep what waits for the asker's decision."""
        return promotions.waiting_for(self.request.user)
