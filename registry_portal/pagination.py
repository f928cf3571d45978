"""Cursor pagination of every list: stable while rows are added, the same speed on every page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

if TYPE_CHECKING:  # the views read the settings, which name this class
    from rest_framework.views import APIView


class PortalCursorPagination(CursorPagination):
    """50 rows a page, `page_size` up to 200; a view names its order as `cursor_ordering`, newest first otherwise."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "-pk"

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        """Return the page; 404 for a cursor that no answer gave, whose place is none of the order's."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, OverflowError, ValidationError, DataError):
            if self.cursor_query_param in request.query_params:
                raise NotFound(self.invalid_cursor_message) from None
            raise

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: APIView) -> tuple[str, ...]:
        """Return the view's order as a tuple."""
        chosen = getattr(view, "cursor_ordering", None) or self.ordering
        return (chosen,) if isinstance(chosen, str) else tuple(chosen)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return what the API's document says of a page, with addresses of this API."""
        page = super().get_paginated_response_schema(schema)
        page["properties"]["next"]["example"] = "https://registry.example.org/api/v1/…?cursor=cD00ODY%3D"
        page["properties"]["previous"]["example"] = None
        return page
