"""The reader's own profile, and the browsers they are signed in with."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.accounts import actions, selectors
from apps.core.portal.views import Page


class Profile(Page):
    """Who the reader is, what they may do through which grant, and where they are signed in."""

    template_name = "accounts/profile.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        sessions = selectors.sessions_of(self.actor, request.session.session_key)
        roles, held = selectors.roles_over_the_portal(self.actor), selectors.grants_of(self.actor)
        return self.page(roles=roles, held=held, sessions=sessions)


class EndSession(Page):
    """Signs the reader out of one browser."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End it; 404 for sessions of somebody else or that are over."""
        found = {each.pk: each for each in selectors.sessions_of(self.actor, request.session.session_key)}
        if pk not in found:
            raise Http404
        actions.end_session(self.actor, pk, actor=self.actor)
        messages.success(request, f"Signed out: {found[pk].browser} at {found[pk].address}.")
        return redirect("accounts:profile")


class EndOtherSessions(Page):
    """Signs the reader out of every browser but this one."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """End them."""
        count = actions.end_other_sessions(self.actor, but=request.session.session_key or "", actor=self.actor)
        words = f"Signed out of {count} other browser{'s' * (count != 1)}." if count else "There was no other session."
        messages.success(request, words)
        return redirect("accounts:profile")
