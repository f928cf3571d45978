"""Chainable reads of the registry."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import models
from django.db.models import Case, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Lower

from apps.accounts import grants
from apps.accounts.roles import Permission
from apps.models.querylanguage import Comparison, Property, Query, Words, lexemes
from apps.models.states import RiskTier, Stage, VersionState, Visibility

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.models.models import (  # noqa: F401
        Artifact,
        CatalogueEntry,
        ModelVersion,
        RegisteredModel,
        SavedSearch,
        StageAssignment,
    )

LOOKUPS = {"<=": "__lte", ">=": "__gte", "<": "__lt", ">": "__gt", "=": ""}


def _visible(user: User, key: str) -> Q:
    """Return which models a user may know of: granted directly, through the team, or open to all."""
    by_team = Q(team__in=grants.ids_with(user, Permission.VIEW, apps.get_model("accounts.Team")))
    granted = grants.ids_with(user, Permission.VIEW, apps.get_model("models.RegisteredModel"))
    return by_team | Q(**{f"{key}__in": granted}) | Q(visibility=Visibility.ORGANISATION)


def _owned(users: QuerySet[User], key: str) -> Q:
    """Return which models people own, directly or through the team."""
    by_team = Q(team__in=grants.ids_held_by(users, Permission.MANAGE, apps.get_model("accounts.Team")))
    granted = grants.ids_held_by(users, Permission.MANAGE, apps.get_model("models.RegisteredModel"))
    return by_team | Q(**{f"{key}__in": granted})


class RegisteredModelQuerySet(models.QuerySet["RegisteredModel"]):
    """Registered models."""

    def visible_to(self, user: User) -> Self:
        """Return the models a user may know of: granted directly, through the team, or open to all."""
        if grants.reads_everything(user):
            return self
        return self.filter(_visible(user, "pk")) if user.is_active else self.none()

    def named(self, name: str) -> Self:
        """Return the model of that name; none for text that cannot be a name."""
        return self.none() if "\x00" in name else self.filter(name=name)

    def called(self, text: str) -> Self:
        """Return the models whose names hold a text; names are short and know no capitals."""
        return self.none() if "\x00" in text else self.filter(name__contains=text.lower())

    def owned_by(self, users: QuerySet[User]) -> Self:
        """Return the models that any of the users owns, directly or through the team."""
        return self.filter(_owned(users, "pk"))

    def matching(self, query: Query) -> Self:
        """Return the models that a search asks for."""
        entries = CatalogueEntryQuerySet(apps.get_model("models.CatalogueEntry"))
        return self.filter(pk__in=entries.matching(query).values("pk"))

    def with_production(self) -> Self:
        """Annotate the version in production now: `production_version`, `production_since`."""
        current = StageAssignmentQuerySet(apps.get_model("models.StageAssignment")).current()
        row = current.filter(registered_model=OuterRef("pk"), stage=Stage.PRODUCTION)
        return self.annotate(
            production_version=Subquery(row.values("version__version")[:1]),
            production_since=Subquery(row.annotate(since=F("period__startswith")).values("since")[:1]),
        )


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    """Versions."""

    def visible_to(self, user: User) -> Self:
        """Return the versions of models the user may know of."""
        registered = RegisteredModelQuerySet(apps.get_model("models.RegisteredModel"))
        return self.filter(registered_model__in=registered.visible_to(user).values("pk"))

    def sealed(self) -> Self:
        """Return immutable versions."""
        return self.filter(state=VersionState.READY)

    def with_stage(self, at: datetime | None = None) -> Self:
        """Annotate `stage`, where the version is now or was at an instant; null while it is not sealed."""
        assignments = StageAssignmentQuerySet(apps.get_model("models.StageAssignment"))
        row = (assignments.current() if at is None else assignments.at(at)).filter(version=OuterRef("pk"))
        return self.annotate(stage=Subquery(row.values("stage")[:1]))

    def known_at(self, moment: datetime) -> Self:
        """Return the versions that were registered at an instant."""
        return self.filter(created_at__lte=moment)

    def in_stage(self, stage: str) -> Self:
        """Return the versions that are in a stage now."""
        return self.with_stage().filter(stage=stage)

    def highest_first(self) -> Self:
        """Return versions by SemVer 2.0 precedence, highest first."""
        return self.order_by("-precedence", "-number")


class ArtifactQuerySet(models.QuerySet["Artifact"]):
    """Artifacts."""

    def visible_to(self, user: User) -> Self:
        """Return artifacts of versions the user may know of."""
        versions = ModelVersionQuerySet(apps.get_model("models.ModelVersion"))
        return self.filter(version__in=versions.visible_to(user).values("pk"))


class CatalogueEntryQuerySet(models.QuerySet["CatalogueEntry"]):
    """What models are found, counted and listed by."""

    def visible_to(self, user: User) -> Self:
        """Return the entries of the models a user may know of."""
        if grants.reads_everything(user):
            return self
        return self.filter(_visible(user, "pk")) if user.is_active else self.none()

    def matching(self, query: Query) -> Self:
        """Return the entries that meet every term of a search."""
        found = self
        words = [(term, _tsquery(term)) for term in query.words]
        if wanted := [each for term, each in words if not term.negated]:
            found = found.filter(words=reduce(and_, wanted))
        for term, each in words:
            if term.negated:
                found = found.exclude(words=each)
        for other in query.terms:
            if not isinstance(other, Words):
                meets = self._compared(other) if isinstance(other, Comparison) else self._with(other)
                found = found.exclude(meets) if other.negated else found.filter(meets)
        return found

    def best_first(self, query: Query) -> Self:
        """Return entries by how well the words of a search fit, names before tags before descriptions."""
        wanted = [_tsquery(term) for term in query.words if not term.negated]
        if not wanted:
            return self.order_by("name")
        return self.annotate(rank=SearchRank(F("words"), reduce(or_, wanted))).order_by("-rank", "name")

    def riskiest_first(self) -> Self:
        """Return entries by risk tier, the highest first."""
        places = [When(risk_tier=tier, then=place) for place, tier in enumerate(reversed(RiskTier.values))]
        return self.order_by(Case(*places, output_field=models.IntegerField()), "name")

    def by_metric(self, name: str, *, lowest_first: bool) -> Self:
        """Return entries by the value of a metric, those without it last."""
        named = FilteredRelation("metrics", condition=Q(metrics__key=Lower(Value(name))))
        measured = self.annotate(named=named).annotate(measured=F("named__value"))
        first = F("measured").asc(nulls_last=True) if lowest_first else F("measured").desc(nulls_last=True)
        return measured.order_by(first, "name")

    def _compared(self, term: Comparison) -> Q:
        metrics = apps.get_model("models.CatalogueMetric")._default_manager.filter(key=Lower(Value(term.metric)))
        return Q(pk__in=metrics.filter(**{f"value{LOOKUPS[term.sign]}": term.number}).values("entry"))

    def _with(self, term: Property) -> Q:
        match term.key:
            case "tag":
                return Q(tags__contains=[term.value.lower()])
            case "owner":
                people = apps.get_model("accounts.User")._default_manager.filter(is_active=True, owner__isnull=True)
                named = people.filter(Q(username__iexact=term.value) | Q(name__icontains=term.value))
                return _owned(named, "pk")
            case "team":
                return Q(team__slug__iexact=term.value) | Q(team__name__icontains=term.value)
            case "tier":
                return Q(risk_tier=term.value)
            case "stage":
                return Q(stages__contains=[term.value])
            case "format":
                return Q(formats__contains=[term.value.lower()])
            case _:
                return Q(**{f"{term.key}__icontains": term.value})


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    """Saved searches."""

    def visible_to(self, user: User) -> Self:
        """Return a person's own."""
        return self.filter(user=user)


class StageAssignmentQuerySet(models.QuerySet["StageAssignment"]):
    """Stage assignments."""

    def visible_to(self, user: User) -> Self:
        """Return assignments of models the user may know of."""
        registered = RegisteredModelQuerySet(apps.get_model("models.RegisteredModel"))
        return self.filter(registered_model__in=registered.visible_to(user).values("pk"))

    def current(self) -> Self:
        """Return the assignments that hold now."""
        return self.filter(period__upper_inf=True)

    def at(self, moment: datetime) -> Self:
        """Return the assignments that held at an instant."""
        return self.filter(period__contains=moment)

    def in_production(self) -> Self:
        """Return assignments to production."""
        return self.filter(stage=Stage.PRODUCTION)


def _tsquery(term: Words) -> SearchQuery:
    """Return the full-text query of a term: words as they stand or begin, or in another form of the same word."""
    return reduce(or_, [_phrase(each) if term.phrase else _beginnings(each) for each in term.alternatives])


def _phrase(text: str) -> SearchQuery:
    return SearchQuery(" ".join(lexemes(text)), config="simple", search_type="phrase")


def _beginnings(text: str) -> SearchQuery:
    # Lexemes hold no mark that the raw form of a query could mean something by.
    words = [
        SearchQuery(f"'{word}':*", config="simple", search_type="raw") | SearchQuery(word, config="english")
        for word in lexemes(text)
    ]
    return reduce(and_, words)
