"""Chainable reads of the log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models import F, Q, Subquery, Value
from django.db.models.functions import Coalesce

from apps.core.actors import ScopeHolder

if TYPE_CHECKING:
    from apps.audit.models import Event, OutboxEntry  # noqa: F401


# No transaction that records an event stays open for longer.
LONGEST_TRANSACTION = timedelta(hours=1)
BEYOND = 2**63 - 1


class BodyWords(models.Func):
    """The words of a body as the index of the log keeps them."""

    function = "audit_words"
    output_field = SearchVectorField()


class Moments(models.Func):
    """The spans of time, from minutes to years, that an event was recorded in."""

    function = "audit_moments"
    output_field = ArrayField(models.BigIntegerField())


class MomentsBetween(Moments):
    """A few spans that cover the time from one instant to another."""

    function = "audit_moments_between"


class LooseQuery(SearchQuery):
    """A search that the index answers alone: it finds all that the words mean, and more."""

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        """Return the search without what asks for a look at the body."""
        sql, params = super().as_sql(*args, **kwargs)
        return f"audit_loosely({sql})", params


class EventQuerySet(models.QuerySet["Event"]):
    """Events that committed carry their leaf; lists are in commit order."""

    def visible_to(self, user: ScopeHolder) -> Self:
        """Return the events whose scopes the user holds; readers of everything get all."""
        scopes = user.visible_scopes()
        return self if scopes is None else self.filter(scopes__overlap=list(scopes))

    def about(self, *, type: str, id: object) -> Self:  # noqa: A002 - read as words at the call
        """Return the events of one subject."""
        return self.filter(subject_type=type, subject_id=str(id))

    def within(self, scope: str) -> Self:
        """Return the events of one scope, such as `model:7`."""
        return self.filter(scopes__contains=[scope])

    def until(self, moment: datetime) -> Self:
        """Return the events recorded at or before an instant."""
        return self.filter(at__lte=moment)

    def recorded_between(self, since: datetime | None = None, until: datetime | None = None) -> Self:
        """Return committed events recorded within a time, found by their place in the log.

        The log's order follows the time of recording but for open transactions, so the events recorded well before
        and well after bound the places; a walk along the log begins and ends there.
        """
        found = self
        if since is not None:
            found = found.filter(at__gte=since, leaf__leaf_index__gt=self.place_before(since))
        if until is not None:
            found = found.filter(at__lte=until, leaf__leaf_index__lt=self.place_behind(until))
        return found

    def place_before(self, moment: datetime) -> Coalesce:
        """Return the expression of a place before everything that was recorded at an instant or later."""
        earlier = self.model._default_manager.filter(at__lt=_moved(moment, -1)).order_by("-at")
        return Coalesce(Subquery(earlier.values("leaf__leaf_index")[:1]), Value(-1))

    def place_behind(self, moment: datetime) -> Coalesce:
        """Return the expression of a place behind everything that was recorded at an instant or earlier."""
        later = self.model._default_manager.filter(at__gt=_moved(moment, 1)).order_by("at")
        return Coalesce(Subquery(later.values("leaf__leaf_index")[:1]), Value(BEYOND))

    def about_the_time_of(self, first: int, last: int) -> Self:
        """Return all events between two places of the log, and others of about the same time, by the index of words."""
        at = self.model._default_manager.order_by()
        since = at.filter(leaf__leaf_index=first).values_list(F("at") - LONGEST_TRANSACTION)
        until = at.filter(leaf__leaf_index=last).values_list(F("at") + LONGEST_TRANSACTION)
        spans = MomentsBetween(Subquery(since), Subquery(until))
        return self.alias(moments=Moments("at")).filter(moments__overlap=spans)

    def containing(self, text: str) -> Self:
        """Return the events whose body holds the words (websearch syntax), served by a full-text index."""
        query = SearchQuery(text, config="simple", search_type="websearch")
        return self.alias(text=BodyWords("body")).filter(text=query)

    def perhaps_containing(self, text: str) -> Self:
        """Return the events that hold the words, and some in which the words of a phrase stand apart."""
        query = LooseQuery(text, config="simple", search_type="websearch")
        return self.alias(text=BodyWords("body")).filter(text=query)

    def of_type(self, prefix: str) -> Self:
        """Return the events of a type, or of all types below `models` or `models.version`."""
        return self.filter(Q(type=prefix) | Q(type__startswith=f"{prefix.rstrip('.')}."))

    def newest_of(self, types: Iterable[str], size: int) -> list[UUID]:
        """Return the ids of the newest events of any of the types; one query, whatever else the log is full of.

        The newest of each type stand together in an index; those of all types would have to be looked for.
        """
        each = [self.filter(type=kind).order_by("-at", "-pk").values_list("pk", "at")[:size] for kind in types]
        found = each[0].union(*each[1:], all=True).order_by("-at", "-pk")
        return [pk for pk, _ in found[:size]]

    def told(self) -> Self:
        """Read with each event what its sentence and its proof need."""
        return self.select_related("leaf", "personal")

    def committed(self) -> Self:
        """Return events that have their place in the log as `leaf_index`, in the order of the log."""
        return self.filter(leaf__isnull=False).annotate(leaf_index=F("leaf__leaf_index")).told().order_by("leaf_index")


def _moved(moment: datetime, sign: int) -> datetime:
    try:
        return moment + sign * LONGEST_TRANSACTION
    except OverflowError:
        return moment


class OutboxQuerySet(models.QuerySet["OutboxEntry"]):
    """Outbox entries, oldest first."""

    def due(self, moment: datetime) -> Self:
        """Return entries nobody has handed on yet and whose time has come."""
        return self.filter(dispatched_at__isnull=True, next_at__lte=moment).order_by("next_at", "event_id")
