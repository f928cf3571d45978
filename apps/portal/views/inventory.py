"""The inventory: everything in every stage, now or at a past instant."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from apps.audit import actions
from apps.core.portal.views import PAGE_SIZE, Page
from apps.models import selectors as registry
from apps.portal.filters import InventoryChoice
from apps.portal.instants import as_of
from apps.portal.selectors import inventory
from apps.portal.views.exports import streamed


class InventoryPage(Page):
    """GET shows a page of the inventory; POST records that somebody takes it along, and streams it as CSV."""

    template_name = "portal/inventory.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of what meets the query."""
        shown = as_of(request)
        choice = InventoryChoice(request.GET, queryset=registry.inventory(self.actor, shown.moment), user=self.actor)
        after = request.GET.get("after", "")
        page = inventory.shelf(choice.qs, shown.at, after=after, size=PAGE_SIZE)
        return self.page(choice=choice, shelf=page, is_first=not after, as_of=shown)

    def post(self, request: HttpRequest) -> StreamingHttpResponse:
        """Stream what meets the query as CSV."""
        shown = as_of(request)
        choice = InventoryChoice(request.GET, queryset=registry.inventory(self.actor, shown.moment), user=self.actor)
        count = choice.qs.order_by().count()
        conditions = {**choice.conditions(), "at": shown.moment.isoformat()}
        actions.record_export(report="the inventory", form="csv", count=count, conditions=conditions, actor=self.actor)
        lines = inventory.csv_lines(choice.qs, shown.at, shown.moment)
        name = f"inventory-{shown.moment:%Y%m%dT%H%M%SZ}.csv"
        return streamed(lines, name=name, content_type="text/csv; charset=utf-8", count=count)
