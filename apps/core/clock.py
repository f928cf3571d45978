"""The one clock: the database's, so that web and worker machines never disagree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

NONE = timedelta(0)


@dataclass
class Rewound:
    """How far the clock is behind the database's; it can only go forward, and never past the present."""

    behind: timedelta

    def forward(self, by: timedelta) -> None:
        """Let time pass; negative spans are none."""
        self.behind = max(NONE, self.behind - max(NONE, by))


_rewound: ContextVar[Rewound | None] = ContextVar("portal_clock_rewound", default=None)


def now() -> datetime:
    """Return the database's wall clock (`clock_timestamp()`), aware, in UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    rewound = _rewound.get()
    return moment - rewound.behind if rewound else moment


@contextmanager
def rewound(behind: timedelta) -> Iterator[Rewound]:
    """Put the clock back for the block: for telling the past of the demonstration organisation, and nothing else."""
    hands = Rewound(behind)
    token = _rewound.set(hands)
    try:
        yield hands
    finally:
        _rewound.reset(token)
