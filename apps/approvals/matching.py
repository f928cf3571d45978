"""Maximum bipartite matching of people to places (Kuhn's augmenting paths); pure Python."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TypeVar

Place = TypeVar("Place", bound=Hashable)
Person = TypeVar("Person", bound=Hashable)


def assign(places: Sequence[Place], fits: Mapping[Place, Collection[Person]]) -> dict[int, Person]:
    """Return a largest assignment of distinct people to places: index of the place -> person.

    `fits` says who fits a place; the same place may stand several times in `places`. Earlier places and earlier
    people win ties, so the answer is the same every time. O(places x fits).
    """
    taken: dict[Person, int] = {}

    def place(index: int, seen: set[Person]) -> bool:
        for person in fits[places[index]]:
            if person in seen:
                continue
            seen.add(person)
            if person not in taken or place(taken[person], seen):
                taken[person] = index
                return True
        return False

    for index in range(len(places)):
        place(index, set())
    return {index: person for person, index in taken.items()}
