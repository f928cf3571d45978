"""Answers that combine several tables of the registry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When

from apps.accounts.models import User
from apps.core.errors import FieldError, NotFound
from apps.models import standards
from apps.models.models import MetadataStandard, ModelVersion, RegisteredModel, StageAssignment
from apps.models.production import Production, production_of
from apps.models.querysets import CatalogueEntryQuerySet
from apps.models.states import Stage

__all__ = [
    "Duplicates", "FacetCounts", "Production", "duplicates_of", "facet_counts", "inventory", "manifest",
    "metadata_errors", "narrowed", "production_of", "resolve_version", "stage_history", "stage_of", "standard_errors",
    "standard_for", "versions_in",
]  # fmt: skip
# What models are counted by: the columns of an entry, and the look-up by which any of some values is met.
FACETS = {
    "team": ("team__slug", "in"),
    "tier": ("risk_tier", "in"),
    "stage": ("stages", "overlap"),
    "task": ("task", "in"),
    "framework": ("framework", "in"),
    "format": ("formats", "overlap"),
}
COUNTED = {**{key: column for key, (column, _) in FACETS.items()}, "headline": "headline"}
LATEST_PRODUCTION = "latest_production"
MAX_NUMBER = 2**31 - 1
MAX_DUPLICATES = 1_000


@dataclass(frozen=True)
class Duplicates:
    """Other sealed versions with the same manifest: those a reader may see, and how many they may not."""

    visible: list[ModelVersion]
    hidden: int


@dataclass(frozen=True)
class FacetCounts:
    """How many models there are in all, and by each value of each facet under the choices in the other facets."""

    total: int
    by_value: dict[str, dict[str, int]]


def narrowed(found: CatalogueEntryQuerySet, chosen: Mapping[str, Sequence[str]]) -> CatalogueEntryQuerySet:
    """Return the entries that meet, in every facet with choices, any of them."""
    for key, values in chosen.items():
        if values:
            found = found.filter(_any_of(key, values))
    return found


def facet_counts(found: CatalogueEntryQuerySet, chosen: Mapping[str, Sequence[str]]) -> FacetCounts:
    """Count entries by every facet and by headline metric in one pass over the table.

    A row counts for a facet when it meets the choices in all others: where it misses none, or that facet alone.
    """
    picky = [key for key, values in chosen.items() if values]
    flags = {f"miss_{key}": Case(When(_any_of(key, chosen[key]), then=0), default=1) for key in picky}
    rows = found.order_by().annotate(**flags).values_list(*COUNTED.values(), *flags)
    try:
        inner, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return FacetCounts(0, {key: {} for key in COUNTED})
    names = [*COUNTED, *flags]
    misses = " + ".join(flags) or "0"
    counts = ["count(*) FILTER (WHERE misses = 0)", *(f"count(*) FILTER (WHERE misses = miss_{key})" for key in picky)]
    statement = (
        f"SELECT grouping({', '.join(COUNTED)}), {', '.join(COUNTED)}, {', '.join(counts)}"  # noqa: S608 - own names
        f" FROM (SELECT *, {misses} AS misses FROM ({inner}) AS row ({', '.join(names)})) AS found"
        f" GROUP BY GROUPING SETS ({', '.join(f'({key})' for key in COUNTED)}, ())"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return _read_counts(cursor.fetchall(), picky)


def _read_counts(rows: Sequence[tuple[Any, ...]], picky: Sequence[str]) -> FacetCounts:
    by_value: dict[str, dict[str, int]] = {key: defaultdict(int) for key in COUNTED}
    total = 0
    # The database sets a bit for each column that a row is not about, the first column being the highest.
    about = {(1 << len(COUNTED)) - 1 - (1 << place): key for place, key in enumerate(reversed(COUNTED))}
    for mask, *row in rows:
        values, counts = row[: len(COUNTED)], row[len(COUNTED) :]
        if (key := about.get(mask)) is None:
            total = counts[0]
            continue
        value = values[list(COUNTED).index(key)]
        count = counts[1 + picky.index(key)] if key in picky else counts[0]
        for each in value if isinstance(value, list) else [value]:
            if each and count:
                by_value[key][each] += count
    return FacetCounts(total, {key: dict(values) for key, values in by_value.items()})


def _any_of(key: str, values: Sequence[str]) -> Q:
    column, look_up = FACETS[key]
    return Q(**{f"{column}__{look_up}": list(values)})


def resolve_version(model: RegisteredModel, ref: str) -> ModelVersion:
    """Return the version named by `1.4.0`, a number, `@alias` or `@latest_production`; raises NotFound."""
    rows: QuerySet[ModelVersion] = ModelVersion.objects.filter(registered_model=model)
    if "\x00" in ref:
        rows = rows.none()
    elif ref == f"@{LATEST_PRODUCTION}":
        rows = rows.filter(stage_assignments__in=StageAssignment.objects.current().in_production())
    elif ref.startswith("@"):
        rows = rows.filter(aliases__name=ref[1:])
    elif ref.isascii() and ref.isdigit():
        rows = rows.filter(number=min(int(ref[:20]), MAX_NUMBER))
    else:
        rows = rows.filter(version=ref)
    version = rows.select_related("registered_model__team").first()
    if version is None:
        raise NotFound(
            f"{model} has no version {ref[:100]!r}; give a semantic version such as 1.4.0, a number or @alias.",
            code="unknown_version",
        )
    return version


def manifest(version: ModelVersion) -> list[dict[str, Any]]:
    """Return what the manifest digest is made of: path, size in bytes and SHA-256 of each artifact, by path."""
    rows = version.artifacts.values_list("path", "blob__size", "blob__sha256")
    # By code points, whatever the database's collation.
    return [{"path": path, "size": size, "sha256": sha256} for path, size, sha256 in sorted(rows)]


def duplicates_of(version: ModelVersion, user: User, at: datetime | None = None) -> Duplicates:
    """Return the other versions, under any model, that hold exactly the same files, sealed by now or by then."""
    if not version.manifest_digest:
        return Duplicates([], 0)
    same = ModelVersion.objects.sealed().filter(manifest_digest=version.manifest_digest).exclude(pk=version.pk)
    same = same if at is None else same.filter(sealed_at__lte=at)
    seen = Exists(ModelVersion.objects.visible_to(user).filter(pk=OuterRef("pk")))
    rows = list(same.annotate(is_seen=seen).select_related("registered_model").order_by("pk")[:MAX_DUPLICATES])
    visible = [row for row in rows if getattr(row, "is_seen", False)]
    return Duplicates(visible, len(rows) - len(visible))


def inventory(user: User, at: datetime) -> QuerySet[StageAssignment]:
    """Return every visible version's stage at an instant, by model and number, with `model_name` and `since`."""
    rows = StageAssignment.objects.visible_to(user).at(at).select_related("version", "registered_model__team")
    return rows.annotate(model_name=F("registered_model__name"), since=F("period__startswith")).order_by(
        "model_name", "pk"
    )


def stage_history(model: RegisteredModel) -> QuerySet[StageAssignment]:
    """Return every stage that every version of the model was in, oldest first."""
    return model.stage_assignments.select_related("version").order_by("period", "pk")


def stage_of(version: ModelVersion) -> str:
    """Return the stage a version is in now, empty while it is not sealed."""
    row = StageAssignment.objects.current().filter(version=version).first()
    return row.stage if row else ""


def versions_in(model: RegisteredModel, stage: str) -> QuerySet[ModelVersion]:
    """Return the model's versions in a stage now, highest first, with `stage`; raises NotFound for unknown stages."""
    if stage not in Stage.values:
        raise NotFound(f"There is no stage {stage[:50]!r}; stages are {', '.join(Stage.values)}.", code="unknown_stage")
    return model.versions.in_stage(stage).highest_first()


def standard_for(risk_tier: str, stage: str = "") -> MetadataStandard | None:
    """Return the metadata standard that holds now for a tier, at registration or for promotions to a stage."""
    return MetadataStandard.objects.filter(risk_tier=risk_tier, stage=stage).order_by("-number").first()


def standard_errors(metadata: Mapping[str, Any], risk_tier: str, stage: str = "") -> list[FieldError]:
    """Return every field in which metadata fall short of the standard that holds now."""
    standard = standard_for(risk_tier, stage)
    return standards.value_errors(standard.schema, metadata) if standard else []


def metadata_errors(version: ModelVersion, stage: str = "") -> list[FieldError]:
    """Return every field in which a version falls short of the standard of its model's tier for a stage."""
    return standard_errors(version.metadata, version.registered_model.risk_tier, stage)
