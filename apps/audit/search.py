"""Finding words in the log, nearest to a place first, with bounded work however long the log is.

The index of words tells at once what is rare. What is frequent is looked for in a stretch of the log that is narrowed
until it holds few enough events, and widened again where it holds none: a word that all old events hold and no new
one is found by a few questions. Whether the words of a phrase stand beside each other is seen in the bodies alone,
of which a bounded number is read; a search says how far it came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from apps.audit.models import Event
from apps.audit.querysets import EventQuerySet

# How many places the first stretch has, and the narrowest; how much narrower one is where there is too much.
FIRST, NARROWEST, FACTOR = 16_384, 512, 16
# How many events a stretch may hold, how many bodies are read, and how many questions the database is asked.
MOST, BODIES, QUESTIONS = 500, 2_000, 9
# What is to be left out of what is found: a word or a phrase behind a minus.
LEFT_OUT = re.compile(r'(?:^|(?<=\s))-\s*(?:"[^"]*"?|\S+)')
WORD = re.compile(r"\w")
# Text that can hold no phrase, neither quoted nor as a word in parts: the index answers it exactly.
PLAIN = re.compile(r"(?:[a-zA-Z0-9\s]|(?<=\d)\.(?=\d))*")


@dataclass(frozen=True)
class Found:
    """Events nearest first, and which places are still to be searched."""

    events: list[Event]
    rest: range


def only_leaves_out(text: str) -> bool:
    """Tell whether a text names nothing to find, only what not to: nearly all that there is would have to be read."""
    rest, left_out = LEFT_OUT.subn(" ", text)
    return left_out > 0 and not WORD.search(rest)


def search(events: EventQuerySet, words: str, size: int, places: range, *, upwards: bool = False) -> Found:
    """Return the first events that hold the words, of those in some places, downwards or upwards."""
    found: list[Event] = []
    width, full, bodies, asked, plain = FIRST, 0, 0, 0, PLAIN.fullmatch(words) is not None
    while len(found) < size and places and bodies < BODIES and asked < QUESTIONS:
        stretch = places[:width] if upwards else places[-width:]
        held = _candidates(events, words, stretch, plain=plain, most=MOST + 1 if width > NARROWEST else None)
        asked += 1
        if len(held) > MOST and width > NARROWEST:
            full, width = len(stretch), max(len(stretch) // FACTOR, NARROWEST)
            continue
        if held:
            found += _placed(events, words, stretch, held, plain=plain, upwards=upwards)[: size - len(found)]
            asked += 1
        places = places[len(stretch) :] if upwards else places[: -len(stretch)]
        # What is left of a stretch that holds too much need not be asked about as a whole again.
        bodies, full = bodies if plain else bodies + len(held), full - len(stretch)
        width = max(full // 2, NARROWEST) if full > 0 else width * FACTOR
    return Found(found, places)


def _candidates(events: EventQuerySet, words: str, stretch: range, *, plain: bool, most: int | None) -> list[UUID]:
    near = events.order_by().about_the_time_of(stretch[0], stretch[-1])
    near = near.containing(words) if plain else near.perhaps_containing(words)
    return list(near.values_list("pk", flat=True)[:most])


def _placed(
    events: EventQuerySet, words: str, stretch: range, held: list[UUID], *, plain: bool, upwards: bool
) -> EventQuerySet:
    inside = {"leaf__leaf_index__gte": stretch[0], "leaf__leaf_index__lte": stretch[-1]}
    found = events.committed().filter(pk__in=held, **inside)
    return (found if plain else found.containing(words)).order_by(f"{'' if upwards else '-'}leaf__leaf_index")
