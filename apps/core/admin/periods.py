"""A filter of lists by time, from one day to another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

BOUNDS = ("since", "until")


class PeriodFilter(admin.ListFilter):
    """Keeps what happened from one day (UTC) to another, both included; no row is read to offer it."""

    title, template, column = "period", "admin/period.html", "created_at"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in BOUNDS:
            if given := params.pop(name, None):
                self.used_parameters[name] = given[-1]

    def has_output(self) -> bool:
        """Return True: every list with times can be narrowed."""
        return True

    def expected_parameters(self) -> list[str | None]:
        """Return the two bounds."""
        return list(BOUNDS)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows within the bounds; what is no day, or the last there can be, bounds nothing."""
        if first := self._day("since"):
            queryset = queryset.filter(**{f"{self.column}__gte": first})
        last = self._day("until")
        if last and last.date() < date.max:
            queryset = queryset.filter(**{f"{self.column}__lt": last + timedelta(days=1)})
        return queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield the one form: its bounds, the other conditions that it keeps, and the way out of it."""
        kept = [(key, value) for key, values in changelist.filter_params.items() for value in values]
        yield {
            **{name: self.used_parameters.get(name, "") for name in BOUNDS},
            "kept": [(key, value) for key, value in kept if key not in (*BOUNDS, "p")],
            "clear": changelist.get_query_string(remove=list(BOUNDS)) if self.used_parameters else "",
        }

    def _day(self, name: str) -> datetime | None:
        try:
            return datetime.combine(date.fromisoformat(str(self.used_parameters.get(name, ""))), time.min, UTC)
        except ValueError:
            return None


def period(name: str) -> type[PeriodFilter]:
    """Return the filter by another column of times."""
    return type("PeriodFilter", (PeriodFilter,), {"column": name})
