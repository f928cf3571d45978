"""The page of one version."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from apps.core.portal.views import Page
from apps.models import selectors
from apps.portal.instants import as_of
from apps.portal.selectors import ledger, versions

LATEST_EVENTS = 15


class VersionPage(Page):
    """Everything about one version: what it is, where it stands, what production would ask."""

    template_name = "portal/version.html"

    def get(self, request: HttpRequest, name: str, version: str) -> HttpResponse:
        """Show the version."""
        shown = as_of(request)
        at = shown.at
        found = get_object_or_404(versions.visible(self.actor, name, at), version=version)
        if at:
            versions.turn_back(found, at)
        ahead = None if at else versions.outlook(found)
        events = ledger.readable(self.actor).about(type="version", id=found.pk).until(shown.moment)[:LATEST_EVENTS]
        return self.page(
            as_of=shown,
            version=found,
            aliases=versions.aliases(found, at),
            acts=versions.nothing_possible(shown.act) if at else versions.acts(self.actor, found, ahead),
            duplicates=selectors.duplicates_of(found, self.actor, at),
            outlook=ahead,
            against=versions.against_production(found, ahead, at),
            artifacts=versions.artifacts(found, at),
            picture=versions.picture(self.actor, found, at),
            attached=versions.attached(found, at),
            promotions=versions.promotions(found, at),
            entries=ledger.entries(list(events)),
        )
