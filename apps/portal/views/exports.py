"""Reports to take along: the log and the inventory, streamed, and each export recorded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from apps.audit import actions, selectors
from apps.core.portal.views import Page
from apps.portal.filters import LedgerFilter
from apps.portal.forms import ExportForm
from apps.portal.instants import as_of
from apps.portal.selectors import ledger


def streamed(lines: Iterator[bytes], *, name: str, content_type: str, count: int) -> StreamingHttpResponse:
    """Return a download whose header `Export-Lines` tells how much will come."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Export-Lines": str(count)}
    return StreamingHttpResponse(lines, content_type=content_type, headers=headers)


class LogExport(Page):
    """The log, or what the address narrows it to, as JSON Lines or CSV."""

    template_name = "portal/export.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Say how much the export would hold, and ask for the format."""
        return self.shown(ExportForm(), 200)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Record the export, then stream it."""
        form = ExportForm(request.POST)
        if not form.is_valid() or not self.events.form.is_valid():
            return self.shown(form, 400)
        chosen, found = form.cleaned_data["format"], self.found
        actions.record_export(
            report="the log", form=chosen, count=found.count, conditions=dict(self.conditions), actor=self.actor
        )
        content_type, lines = selectors.FORMATS[chosen]
        name = f"audit-events-{found.size}.{chosen}"
        return streamed(lines(found), name=name, content_type=content_type, count=found.count)

    def shown(self, form: ExportForm, status: int) -> HttpResponse:
        """Return the page; 400 also where a condition of the address cannot be read."""
        readable = self.events.form.is_valid()
        context = {"form": form, "filter": self.events, "found": self.found if readable else None}
        back = reverse("portal:ledger", query=self.request.GET)
        return self.page(**context, back=back, as_of=as_of(self.request), status=status if readable else 400)

    @cached_property
    def events(self) -> LedgerFilter:
        """The filter of the address over what the reader may see, in the order of the log."""
        readable = ledger.readable(self.actor).order_by("leaf__leaf_index")
        return LedgerFilter(self.request.GET, queryset=readable, user=self.actor)

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """What narrows the export, as the address has it."""
        shown = as_of(self.request)
        return [*self.events.query(), *([("at", shown.at.isoformat())] if shown.at else [])]

    @cached_property
    def found(self) -> selectors.Extract:
        """What the export holds."""
        shown = as_of(self.request)
        events = self.events.found
        return selectors.extract(events.recorded_between(until=shown.at) if shown.at else events)
