"""Pages of a list that is counted up to a bound; those behind it are found by looking for their rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from apps.core.counts import MOST, Count, counted

if TYPE_CHECKING:
    Rows = Page[Any]
    Base = Paginator[Any]
else:
    Rows = Page
    Base = Paginator
# Nobody turns so many pages; a number beyond this one names the last page.
FURTHEST = 10**6


class Beyond(Rows):
    """A page behind those that were counted."""

    def __init__(self, rows: Sequence[Any], number: int, paginator: Pages) -> None:
        super().__init__(rows[: paginator.per_page], number, paginator)
        self.more = len(rows) > paginator.per_page

    def has_next(self) -> bool:
        """Tell whether a row follows."""
        return self.more

    def next_page_number(self) -> int:
        """Return the number of the page that follows."""
        return self.number + 1

    def previous_page_number(self) -> int:
        """Return the number of the page before."""
        return self.number - 1

    def end_index(self) -> int:
        """Return the place of the last row, from 1."""
        return self.start_index() + len(self.object_list) - 1


class Pages(Base):
    """The pages of a query set."""

    most = MOST

    def __init__(self, rows: QuerySet[Any], size: int, count: int | None = None) -> None:
        super().__init__(rows, size)
        self.found = rows
        if count is not None:
            self.counted = Count(count, count)

    @cached_property
    def counted(self) -> Count:
        """How many rows there are."""
        return counted(self.found, self.most)

    @property
    def count(self) -> int:
        """How many rows were counted; one more than the bound where there are more."""
        return self.counted.number

    def get_page(self, number: Any) -> Page[Any]:
        """Return the page of that number; the nearest one where there is none."""
        wanted = _number(number)
        if self.counted.more and wanted * self.per_page > self.counted.most:
            start = (wanted - 1) * self.per_page
            rows = list(self.found[start : start + self.per_page + 1]) if wanted <= FURTHEST else []
            if rows:
                return Beyond(rows, wanted, self)
            whole = self.found.count()
            self.counted = Count(whole, whole)
        return super().get_page(wanted)


def _number(text: Any) -> int:
    try:
        return max(int(text), 1)
    except (TypeError, ValueError):
        return 1
