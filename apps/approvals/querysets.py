"""Chainable reads of approvals."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from apps.approvals.states import PENDING, Remark, RuleStatus
from apps.models.querysets import RegisteredModelQuerySet

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.approvals.models import Policy, PolicyVersion, Promotion, Thread  # noqa: F401
    from apps.models.models import RegisteredModel


class PolicyQuerySet(models.QuerySet["Policy"]):
    """Policies."""

    def governing(self, registered_model: RegisteredModel, stage: str) -> Self:
        """Return the policies of all layers that hold for promotions of a model to a stage."""
        organisation = Q(team__isnull=True, registered_model__isnull=True)
        layers = organisation | Q(team=registered_model.team_id) | Q(registered_model=registered_model)
        return self.filter(layers, stage=stage, risk_tier__in=["", registered_model.risk_tier])

    def visible_to(self, user: User) -> Self:
        """Return the organisation's policies and those of teams and models a user may know of."""
        registered = RegisteredModelQuerySet(apps.get_model("models.RegisteredModel")).visible_to(user)
        return self.filter(
            Q(team__isnull=True, registered_model__isnull=True)
            | Q(team__in=registered.values("team"))
            | Q(registered_model__in=registered.values("pk"))
        )


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    """Versions of policies."""

    def newest(self) -> Self:
        """Return of every policy the version that holds."""
        same = self.model._default_manager.filter(policy=OuterRef("policy")).order_by("-number")
        return self.filter(pk=Subquery(same.values("pk")[:1])).select_related(
            "policy__team", "policy__registered_model"
        )

    def visible_to(self, user: User) -> Self:
        """Return versions of policies the user may know of."""
        return self.filter(policy__in=PolicyQuerySet(apps.get_model("approvals.Policy")).visible_to(user).values("pk"))


class PromotionQuerySet(models.QuerySet["Promotion"]):
    """Promotions."""

    def visible_to(self, user: User) -> Self:
        """Return promotions of models the user may know of."""
        registered = RegisteredModelQuerySet(apps.get_model("models.RegisteredModel")).visible_to(user)
        return self.filter(registered_model__in=registered.values("pk"))

    def pending(self) -> Self:
        """Return promotions that are neither executed nor ended otherwise."""
        return self.filter(state__in=PENDING)

    def pending_at(self, moment: datetime) -> Self:
        """Return promotions that had been asked for at an instant and had not ended."""
        return self.filter(created_at__lte=moment).filter(Q(closed_at__isnull=True) | Q(closed_at__gt=moment))

    def overdue(self, moment: datetime) -> Self:
        """Return pending promotions whose time has run out."""
        return self.pending().filter(Q(expires_at__lte=moment) | Q(execute_by__lte=moment))

    def verification_due(self, moment: datetime) -> Self:
        """Return pending promotions whose stored bytes are to be hashed now."""
        return self.pending().filter(verify_at__lte=moment)

    def waiting_for(self, user: User) -> Self:
        """Return pending promotions where a place the person could fill is empty, or that wait for them to settle."""
        place = {"rules": [{"status": RuleStatus.UNSATISFIED.value, "could": [{"id": user.pk}]}]}
        request = {"blockers": [{"person": {"id": user.pk}}]}
        return self.pending().filter(Q(standing__contains=place) | Q(standing__contains=request))

    def with_open_threads(self) -> Self:
        """Annotate `open_threads`, how many threads of the discussion are not resolved."""
        threads = ThreadQuerySet(apps.get_model("approvals.Thread")).open().filter(promotion=OuterRef("pk"))
        counted = threads.order_by().values("promotion").annotate(count=Count("pk")).values("count")
        return self.annotate(open_threads=Coalesce(Subquery(counted), 0))


class ThreadQuerySet(models.QuerySet["Thread"]):
    """Threads of discussions."""

    def with_state(self) -> Self:
        """Annotate `last_turn`, the kind of the comment that last resolved or reopened the thread."""
        comments = apps.get_model("approvals.Comment")._default_manager.exclude(kind=Remark.SAID)
        turns = comments.filter(thread=OuterRef("pk")).order_by("-sequence").values("kind")
        return self.annotate(last_turn=Subquery(turns[:1]))

    def with_opening(self) -> Self:
        """Annotate `opening`, the text each began with, and `length`, how many comments each has."""
        comments = apps.get_model("approvals.Comment")._default_manager.filter(thread=OuterRef("pk"))
        first, last = comments.order_by("sequence").values("text"), comments.order_by("-sequence").values("sequence")
        return self.annotate(opening=Subquery(first[:1]), length=Subquery(last[:1]))

    def open(self) -> Self:
        """Return threads that nobody has resolved since they were last opened."""
        return self.with_state().filter(Q(last_turn__isnull=True) | Q(last_turn=Remark.REOPENED))
