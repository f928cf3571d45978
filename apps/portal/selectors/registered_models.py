"""What the pages of one registered model show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, FloatField, OuterRef, QuerySet, Subquery
from django.db.models.expressions import OrderBy
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from apps.accounts.models import User
from apps.approvals.models import Decision, Promotion
from apps.approvals.states import Verdict
from apps.models.metrics import HEADLINES
from apps.models.models import Alias, ModelVersion, RegisteredModel, StageAssignment
from apps.models.querysets import StageAssignmentQuerySet
from apps.models.states import Stage
from apps.portal.bands import Chart, Stretch, chart
from apps.portal.plots import Plot, plot
from apps.portal.selectors import past

SHOWN_METRICS = 4
SHOWN_VERSIONS = 12
PLOTTED_VERSIONS = 60
SHOWN_MOVES = 24
SHOWN_LANES = 8


@dataclass(frozen=True)
class InProduction:
    """The version in production, since when, and who approved that it went there."""

    version: ModelVersion
    since: datetime
    promotion: int | None
    approved_by: tuple[str, ...]


@dataclass(frozen=True)
class StageMove:
    """A version came into a stage: when, by which promotion, asked for and approved by whom."""

    version: ModelVersion
    stage: str
    at: datetime
    promotion: Promotion | None
    asked_by: User | None
    approved_by: tuple[str, ...]

    @property
    def made_way(self) -> bool:
        """Whether the version left because another one came."""
        return self.promotion is not None and self.promotion.version_id != self.version.pk


@dataclass(frozen=True)
class StageStory:
    """The stages of the versions that moved last: as a chart, and move by move, newest first."""

    chart: Chart | None
    moves: tuple[StageMove, ...]


@dataclass(frozen=True)
class VersionRow:
    """A version in a table, with (name, value) of the metrics that are columns, and the aliases that point to it."""

    version: ModelVersion
    figures: list[tuple[str, float | None]]
    aliases: Sequence[Alias]


def visible(user: User) -> QuerySet[RegisteredModel]:
    """Return the models a user may see, with what every page of a model names."""
    found = RegisteredModel.objects.visible_to(user).select_related("team", "registered_by")
    versions, pending = ModelVersion.objects.all(), Promotion.objects.pending()
    return found.annotate(version_count=_count(versions), pending_count=_count(pending))


def _count(rows: QuerySet[Any]) -> Coalesce:
    """Return how many rows belong to each model; subqueries, for joins would multiply each other."""
    own = rows.filter(registered_model=OuterRef("pk")).order_by().values("registered_model")
    return Coalesce(Subquery(own.annotate(count=Count("pk")).values("count")), 0)


def in_production(model: RegisteredModel, at: datetime | None = None) -> InProduction | None:
    """Return the version in production now, or at an instant."""
    rows = _assignments(at).in_production().filter(registered_model=model)
    row = rows.select_related("version__registered_model").first()
    if row is None:
        return None
    names = _approvers([row.promotion_id]).get(row.promotion_id, ()) if row.promotion_id else ()
    return InProduction(row.version, row.period.lower, row.promotion_id, names)


def stage_moves(model: RegisteredModel, at: datetime | None = None) -> StageStory:
    """Return the latest stages that versions left experiment for, now or until an instant: who, when and why."""
    end = at or timezone.now()
    rows = StageAssignment.objects.filter(registered_model=model, period__startswith__lte=end)
    moved = rows.exclude(stage=Stage.EXPERIMENTAL, promotion_id=None).select_related("version")
    latest = list(moved.order_by("-period", "-pk")[:SHOWN_MOVES])
    found = Promotion.objects.select_related("version").in_bulk(
        {row.promotion_id for row in latest if row.promotion_id}
    )
    decided = _approvers(found)
    asked = User.objects.in_bulk({promotion.requested_by_id for promotion in found.values()})
    moves = [_move(row, found, asked, decided) for row in latest]
    recent = list(dict.fromkeys(row.version_id for row in latest))[:SHOWN_LANES]
    spans = rows.filter(version__in=recent).select_related("version")
    return StageStory(chart([_stretch(row, end) for row in spans], end), tuple(moves))


def _move(
    row: StageAssignment,
    found: Mapping[int, Promotion],
    asked: Mapping[int, User],
    decided: Mapping[int, tuple[str, ...]],
) -> StageMove:
    promotion = found.get(row.promotion_id or 0)
    if promotion is None:
        return StageMove(row.version, row.stage, row.period.lower, None, None, ())
    by = decided.get(promotion.pk, ())
    return StageMove(row.version, row.stage, row.period.lower, promotion, asked[promotion.requested_by_id], by)


def _stretch(row: StageAssignment, end: datetime) -> Stretch:
    until = row.period.upper
    return Stretch(row.version.version, row.stage, row.period.lower, until if until and until <= end else None)


def _approvers(promotions: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return by promotion the names of those whose approval of its last round counted."""
    rows = Decision.objects.filter(promotion__in=list(promotions), round__number=F("promotion__round_number"))
    last: dict[tuple[int, str], str] = {}
    for promotion, name, verdict in rows.order_by("pk").values_list("promotion", "actor__name", "verdict"):
        last[promotion, name] = verdict
    found: dict[int, tuple[str, ...]] = {}
    for (promotion, name), verdict in sorted(last.items()):
        if verdict == Verdict.APPROVE:
            found[promotion] = (*found.get(promotion, ()), name)
    return found


def versions(model: RegisteredModel, at: datetime | None = None) -> QuerySet[ModelVersion]:
    """Return a model's versions by precedence, with their stage and who registered them, now or at an instant."""
    found = ModelVersion.objects.filter(registered_model=model).with_stage(at).select_related("registered_by")
    found = found.defer("card", "parameters", "metadata", "lineage")
    if at is not None:
        return found.known_at(at).highest_first()
    return found.prefetch_related("aliases").highest_first()


def latest(model: RegisteredModel, at: datetime | None = None) -> list[ModelVersion]:
    """Return the highest versions, now or as they were at an instant."""
    found = list(versions(model, at)[:SHOWN_VERSIONS])
    if at is not None:
        past.unseal(found, at)
    return found


def version_named(model: RegisteredModel, name: str) -> ModelVersion | None:
    """Return a version of a model with its place in the lineage."""
    found = ModelVersion.objects.filter(registered_model=model, version=name)
    return found.select_related("registered_model", "lineage_node").first()


def turn_back(model: RegisteredModel, at: datetime) -> None:
    """Show a model as it was at an instant; raises Invalid where it was not registered yet."""
    past.require_known(model, at)
    past.turn_back([model], at)
    counted = ModelVersion.objects.filter(registered_model=model).known_at(at)
    pending = Promotion.objects.filter(registered_model=model).pending_at(at)
    model.version_count, model.pending_count = counted.count(), pending.count()  # type: ignore[attr-defined]


def plots(model: RegisteredModel, at: datetime | None = None) -> list[Plot]:
    """Return how the main metrics went over the latest sealed versions, by the order of their registration."""
    sealed = ModelVersion.objects.filter(registered_model=model).sealed()
    sealed = sealed if at is None else sealed.filter(sealed_at__lte=at)
    rows = list(sealed.order_by("-number").values_list("version", "metrics")[:PLOTTED_VERSIONS])[::-1]
    names = main_metrics(metrics for _, metrics in rows[-1:])[:SHOWN_METRICS]
    return [plot(name, [(version, said[name]) for version, said in rows if name in said]) for name in names]


def main_metrics(said: Iterable[Mapping[str, float]]) -> list[str]:
    """Return the names of metrics, those that readers look for first before the others."""
    names = {name for metrics in said for name in metrics}
    return sorted(names, key=lambda name: (HEADLINES.index(name) if name in HEADLINES else len(HEADLINES), name))


def metric_columns(model: RegisteredModel) -> list[str]:
    """Return the metrics that a table of versions shows: the main ones of the newest sealed version."""
    newest = ModelVersion.objects.filter(registered_model=model).sealed().order_by("-number")
    return main_metrics(newest.values_list("metrics", flat=True)[:1])[:SHOWN_METRICS]


def table(
    found: Sequence[ModelVersion], names: Sequence[str], pointed: Sequence[Alias] | None = None
) -> list[VersionRow]:
    """Return versions as rows of a table with these metrics and their aliases, or those that pointed there then."""
    return [
        VersionRow(
            each,
            [(name, each.metrics.get(name)) for name in names],
            list(each.aliases.all()) if pointed is None else past.pointing_to(each, pointed),
        )
        for each in found
    ]


def ordered(found: QuerySet[ModelVersion], sort: str, names: Sequence[str]) -> QuerySet[ModelVersion]:
    """Return versions by `version`, `registered` or `metric:<name>`, `-` for downwards; else as they are."""
    falling, key = sort.startswith("-"), sort.removeprefix("-")
    kind, _, name = key.partition(":")
    if kind == "metric" and name in names:
        measured = Cast(KeyTextTransform(name, "metrics"), FloatField())
        by = OrderBy(measured, descending=falling, nulls_last=True)
        return found.order_by(by, "-precedence", "-number")
    sign = "-" if falling else ""
    if key == "registered":
        return found.order_by(f"{sign}number")
    return found.order_by("precedence", "number") if sort == "version" else found


def aliases(model: RegisteredModel, at: datetime | None = None) -> list[Alias]:
    """Return a model's aliases and where they point, or pointed at an instant."""
    if at is not None:
        return past.aliases(model, at)
    return list(Alias.objects.filter(registered_model=model).select_related("version", "set_by"))


def promotions(model: RegisteredModel, at: datetime | None = None) -> QuerySet[Promotion]:
    """Return a model's promotions, newest first; at an instant those that had been asked for."""
    found = Promotion.objects.filter(registered_model=model)
    found = found if at is None else found.filter(created_at__lte=at)
    return found.select_related("version__registered_model", "requested_by").order_by("-pk")


def stages(model: RegisteredModel, at: datetime | None = None) -> list[tuple[str, int]]:
    """Return how many versions are in each stage now, or were at an instant."""
    rows = _assignments(at).filter(registered_model=model).order_by().values_list("stage")
    counts = dict(rows.annotate(count=Count("pk")))
    return [(stage.value, counts.get(stage.value, 0)) for stage in Stage]


def _assignments(at: datetime | None) -> StageAssignmentQuerySet:
    return StageAssignment.objects.current() if at is None else StageAssignment.objects.at(at)
