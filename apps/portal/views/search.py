"""The search in the top bar: a page of results, and suggestions while somebody types."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse

from apps.core.portal.views import Page
from apps.portal.selectors import search


class SearchPage(Page):
    """Everything of any kind that a text finds."""

    template_name = "portal/search.html"
    fragment = "suggestions"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what was found; fewer of each kind as suggestions."""
        text = request.GET.get("q", "").strip()
        most = search.SUGGESTED if cast(Any, request).htmx else search.LISTED
        return self.page(text=text, groups=search.results(self.actor, text, most))
