"""Names to complete after an `@` in the discussion of a promotion."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from apps.approvals import selectors
from apps.approvals.models import Promotion
from apps.core.portal.views import Page


class Mentions(Page):
    """The people whom a name may mean, as the options of a list."""

    template_name = "approvals/mentions.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return them; 404 for promotions that the reader may not see."""
        promotions = Promotion.objects.visible_to(self.actor).select_related("registered_model__team")
        promotion = get_object_or_404(promotions, pk=pk)
        return self.page(people=selectors.mentionable(promotion, self.actor, request.GET.get("q", "")))
