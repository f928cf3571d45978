"""The demonstration's time: months that pass while it is loaded, in office hours, up to the present."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count

from apps.approvals import actions as approvals
from apps.audit import outbox
from apps.core import clock, context
from apps.notifications import sending
from apps.notifications.models import Delivery

# Days before the present on which each chapter begins; the last one is the present.
CHAPTERS = (142, 110, 74, 30, 11, 2)
OPENING, CLOSING, SATURDAY = 8, 17, 5
HALF_DAY = timedelta(hours=12)
# What every event of the told past says in place of how its actor signed in.
TOLD = context.Context(auth={"method": "demonstration"})


class Calendar:
    """Lets time pass between two acts; whatever falls due meanwhile happens when it is due."""

    def __init__(self, hands: clock.Rewound) -> None:
        self.hands = hands
        self._odd_minutes = (timedelta(minutes=number * 7 % 23, seconds=number * 11 % 60) for number in count(1))

    def turn_to(self, chapter: int) -> None:
        """Let the time pass until a chapter begins, if it has not begun already."""
        self._pass(self.hands.behind - timedelta(days=CHAPTERS[chapter]))
        self.wait(0)

    def wait(self, hours: float) -> None:
        """Let some hours pass, and the night and the weekend if they come to it: what follows is done by people."""
        self._pass(timedelta(hours=hours) + next(self._odd_minutes))
        self._pass(until_office_hours(clock.now()))

    def _pass(self, span: timedelta) -> None:
        while span > timedelta(0):
            step = min(span, HALF_DAY)
            self.hands.forward(step)
            span -= step
            settle()


def until_office_hours(moment: datetime) -> timedelta:
    """Return how long it is from a moment until somebody is at work."""
    opens = moment
    if moment.hour >= CLOSING:
        opens += timedelta(days=1)
    if opens.date() != moment.date() or moment.hour < OPENING:
        opens = opens.replace(hour=OPENING, minute=moment.minute)
    while opens.weekday() >= SATURDAY:
        opens = (opens + timedelta(days=1)).replace(hour=OPENING)
    return opens - moment


def settle() -> None:
    """Do what scheduler and worker would have done by now: expire, hand events on, send what is due."""
    approvals.sweep_due()
    while outbox.drain():
        pass
    for pk in Delivery.objects.due(clock.now()).order_by("pk").values_list("pk", flat=True):
        sending.deliver(pk)


@contextmanager
def told() -> Iterator[Calendar]:
    """Put the clock back to the beginning of the story, and mark all that is recorded as told."""
    with clock.rewound(timedelta(days=CHAPTERS[0])) as hands, context.acting(TOLD):
        yield Calendar(hands)
