"""Long lists in stretches, newest first, without counting what there is."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from apps.core.portal.views import PAGE_SIZE, Page


class Listing(Page):
    """A page with a list whose address names the row before which it begins."""

    def stretch(self, found: QuerySet[Any], size: int = PAGE_SIZE) -> tuple[list[Any], int | None]:
        """Return some rows, and the id of the last of them where older ones follow."""
        before = self.request.GET.get("before", "")
        last = (
            found.filter(pk=int(before)).first()
            if before.isascii() and before.isdecimal() and len(before) < 19
            else None
        )
        if last is not None:
            found = found.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk))
        rows = list(found.order_by("-created_at", "-pk")[: size + 1])
        return rows[:size], rows[size - 1].pk if len(rows) > size else None
