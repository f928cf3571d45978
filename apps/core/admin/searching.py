"""Searches of admin lists: each is served by an index, and none reads a list as a whole to find a word in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q, QuerySet

SHA256 = re.compile(r"[0-9a-f]{64}")
# What a text may mean in one way of searching; None where it can mean nothing.
Search = Callable[[str], Q | None]


def exactly(*columns: str) -> Search:
    """Search for a value of indexed columns as it stands."""

    def search(text: str) -> Q:
        found = Q()
        for column in columns:
            found |= Q(**{column: text})
        return found

    return search


def by_digest(column: str) -> Search:
    """Search for a SHA-256 in hexadecimal digits, written in full."""

    def search(text: str) -> Q | None:
        return Q(**{column: text.lower()}) if SHA256.fullmatch(text.lower()) else None

    return search


def found_by(searches: Iterable[Search], text: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the rows that any of the searches finds.

    Several conditions joined by OR would be asked of every row; each by itself is served by its index.
    """
    if "\x00" in text:
        return rows.none()
    wanted = [condition for search in searches if (condition := search(text)) is not None]
    if len(wanted) < 2:
        return rows.filter(wanted[0]) if wanted else rows.none()
    plain = rows.model._default_manager.order_by()
    first, *others = [plain.filter(condition).values("pk") for condition in wanted]
    return rows.filter(pk__in=first.union(*others))
