"""Notes in the request's context that a browser session acts, and when it was last seen."""

from __future__ import annotations

from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse

from apps.accounts import policies
from apps.core import context

# Seconds between two notes of the same session in one process.
SEEN_EVERY = 300


class ActorContextMiddleware:
    """Runs after the request's context is there; a token replaces what is noted here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if policies.can_sign_in(request.user):
                context.authenticated_by(method="session")
            else:
                logout(request)
        return self.get_response(request)


class LastSeenMiddleware:
    """Notes from which browser and address a session was last used, seldom enough that pages stay quick."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key if request.user.is_authenticated else None
        if key and caches["local"].add(f"seen:{key}", True, SEEN_EVERY):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)
