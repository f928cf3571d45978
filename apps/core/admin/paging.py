"""Pages of long lists without counting all of them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.db.models.sql.where import WhereNode

from apps.core.counts import MOST

if TYPE_CHECKING:
    Base = Paginator[Any]
else:
    Base = Paginator


class BoundedPaginator(Base):
    """Counts no further than a bound; whoever looks for more narrows the list or exports it.

    The keys are read once, in order, and the rows of a page by their keys: what a search asks may take far longer than
    to read fifty rows.
    """

    object_list: QuerySet[Any]
    most = MOST
    # Set where not all of what there is was looked for.
    there_are_more = False

    @cached_property
    def _keys(self) -> list[Any]:
        return list(self.object_list.values_list("pk", flat=True)[: self.most + 1])

    @cached_property
    def count(self) -> int:
        """Return the number of rows, the bound at most."""
        return min(len(self._keys), self.most)

    @property
    def is_bounded(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.there_are_more or len(self._keys) > self.most

    def page(self, number: int | str) -> Page[Any]:
        """Return a page of rows, with all that the list reads of them."""
        number = self.validate_number(number)
        keys = self._keys[: self.most][self.per_page * (number - 1) :][: self.per_page]
        rows = self.object_list.all()
        # The conditions have been asked; their joins, which stay, may hold a row several times.
        rows.query.where = WhereNode()
        found = rows.in_bulk(keys)
        return Page([found[key] for key in keys if key in found], number, self)
