"""Everything in every stage at an instant, page by page, however much there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from apps.core import spreadsheets
from apps.models.models import StageAssignment
from apps.portal.selectors import past

PLACE = re.compile(r"(?P<model>[a-z0-9._-]{1,100})~(?P<key>\d{1,18})", re.ASCII)
CHUNK = 500
COLUMNS = (
    *("as_of", "model", "version", "number", "stage", "since", "risk_tier", "team", "manifest_digest", "promotion"),
)


@dataclass(frozen=True)
class Shelf:
    """One page of the inventory; `after` is where the next one begins, None on the last."""

    rows: list[StageAssignment]
    after: str | None


def shelf(rows: QuerySet[StageAssignment], at: datetime | None, *, after: str, size: int) -> Shelf:
    """Return the page behind a place (the first for text that is none), models as they were at the instant."""
    found = list(_behind(rows, after)[: size + 1])
    more, found = len(found) > size, found[:size]
    if at is not None:
        past.turn_back([row.registered_model for row in found], at)
    return Shelf(found, _place(found[-1]) if more else None)


def csv_lines(rows: QuerySet[StageAssignment], at: datetime | None, moment: datetime) -> Iterator[bytes]:
    """Yield the inventory as CSV under a line of headings; a bounded number of rows is read at a time."""
    yield spreadsheets.lines([COLUMNS])
    after: str | None = ""
    while after is not None:
        page = shelf(rows, at, after=after, size=CHUNK)
        yield spreadsheets.lines(_cells(row, moment) for row in page.rows)
        after = page.after


def _behind(rows: QuerySet[StageAssignment], place: str) -> QuerySet[StageAssignment]:
    found = PLACE.fullmatch(place)
    if found is None:
        return rows
    same = Q(registered_model__name=found["model"], pk__gt=int(found["key"]))
    return rows.filter(Q(registered_model__name__gte=found["model"])).filter(
        Q(registered_model__name__gt=found["model"]) | same
    )


def _place(row: StageAssignment) -> str:
    return f"{row.registered_model.name}~{row.pk}"


def _cells(row: StageAssignment, moment: datetime) -> list[object]:
    model, version = row.registered_model, row.version
    return [
        moment.isoformat(),
        model.name,
        version.version,
        version.number,
        row.stage,
        row.period.lower.isoformat(),
        model.risk_tier,
        model.team.slug,
        version.manifest_digest,
        row.promotion_id,
    ]
