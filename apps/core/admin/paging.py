"""Pages of long lists without counting all of them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

from apps.core.counts import MOST, Count, counted

if TYPE_CHECKING:
    Base = Paginator[Any]
else:
    Base = Paginator


class BoundedPaginator(Base):
    """Counts no further than a bound; whoever looks for more narrows the list or exports it."""

    most = MOST

    @cached_property
    def _counted(self) -> Count:
        rows = self.object_list
        return counted(rows.values("pk"), self.most) if isinstance(rows, QuerySet) else Count(len(rows), len(rows))

    @cached_property
    def count(self) -> int:
        """Return the number of rows, the bound at most."""
        return min(self._counted.number, self._counted.most)

    @property
    def is_bounded(self) -> bool:
        """Whether there are more rows than were counted."""
        return self._counted.more
