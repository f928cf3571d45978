"""Home: what waits for the reader, what they wait for, how production looks, what changed since they last looked."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.core.portal.views import Page
from apps.portal import visits
from apps.portal.selectors import home


class HomePage(Page):
    """The first page after signing in."""

    template_name = "portal/home.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the reader's work and the state of production."""
        visit = visits.visit_of(request, self.actor, timezone.now())
        changed = home.changes(self.actor, visit.before)
        response = self.page(
            waiting=home.waiting_for(self.actor),
            requested=home.requested_by(self.actor),
            alerts=home.alerts(self.actor),
            matrix=home.matrix(self.actor),
            timeline=home.timeline(self.actor),
            visit=visit,
            changed=changed,
            latest=[] if changed or visit.before is None else home.changes(self.actor, None),
        )
        visits.remember(response, self.actor, visit, secure=request.is_secure())
        return response
