"""The page that compares two versions."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.core.portal.views import Page
from apps.models.models import RegisteredModel
from apps.portal.selectors import comparisons


class ComparePage(Page):
    """Two versions of a model, or of two models: chosen by two selects, or by two ticks in a table."""

    template_name = "portal/compare.html"

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show how `from` (of the model `with`, where another one is named) and `to` differ."""
        model = comparisons.visible(self.actor, name)
        if model is None:
            raise Http404
        if "v" in request.GET:
            return self._ticked(model, request.GET.getlist("v"))
        named = request.GET.get("with", "").strip()
        other = comparisons.visible(self.actor, named) if named else model
        pair = comparisons.pair(other or model, request.GET.get("from", ""), model, request.GET.get("to", ""))
        unknown = named if other is None else ""
        return self.page(model=model, other=other or model, named=named, unknown=unknown, pair=pair)

    def _ticked(self, model: RegisteredModel, ticked: list[str]) -> HttpResponse:
        found = comparisons.by_precedence(model, ticked[:3])
        if len(found) != 2:
            messages.warning(self.request, f"Tick two versions; {len(found) or 'none'} of {model} came.")
            return redirect("portal:model-versions", name=model.name)
        query = urlencode({"from": found[0], "to": found[1]})
        return redirect(f"{reverse('portal:compare', args=[model.name])}?{query}")
