"""Stable addresses of everything that audit events and messages are about."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.core.portal.views import Page
from apps.portal.instants import as_of
from apps.portal.selectors import objects


class ObjectRedirect(Page):
    """Leads from type and id to the page of the object, if the reader may see it."""

    def get(self, request: HttpRequest, kind: str, key: str) -> HttpResponse:
        """Go to the object's page."""
        address = objects.address(self.actor, kind, key, as_of(request).suffix)
        if address is None:
            raise Http404
        return redirect(address)
