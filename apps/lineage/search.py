"""Looking for a dataset, commit, run or version by the words of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.lineage.models import Node
from apps.lineage.states import MAX_MATCHES

if TYPE_CHECKING:
    from apps.accounts.models import User

# How many matches are looked at in one go for those that the reader may know of; mostly the first portion is enough.
PORTION = 200


def search(user: User, text: str, kind: str, limit: int) -> list[Node]:
    """Return up to `limit` nodes that the user may know of and whose label matches, of the newest MAX_MATCHES."""
    matching = Node.objects.matching(text).filter(**({"kind": kind} if kind else {}))
    matches = list(matching.values_list("pk", flat=True)[:MAX_MATCHES])
    found: list[Node] = []
    while matches and len(found) < limit:
        portion, matches = matches[:PORTION], matches[PORTION:]
        nodes = Node.objects.filter(pk__in=portion).visible_to(user).order_by("-pk")
        found += nodes.select_related("version__registered_model")[: limit - len(found)]
    return found
