"""How many rows there are, counted no further than anybody reads: beyond that, pages say "more than"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

MOST = 1_000


@dataclass(frozen=True)
class Count:
    """A number of rows; where there are more than `most`, only that there are."""

    number: int
    most: int = MOST

    @property
    def more(self) -> bool:
        """Whether there are more than were counted."""
        return self.number > self.most

    @property
    def words(self) -> str:
        """The number within a sentence, as in `more than 1,000`."""
        return f"more than {self.most:,}" if self.more else f"{self.number:,}"

    def __str__(self) -> str:
        return f"{self.most:,}+" if self.more else f"{self.number:,}"

    def __bool__(self) -> bool:
        return bool(self.number)

    def __len__(self) -> int:
        return self.number


def counted(rows: QuerySet[Any], most: int = MOST) -> Count:
    """Return how many rows there are, reading no more than one beyond the bound; one query."""
    return Count(rows.order_by().values("pk")[: most + 1].count(), most)
