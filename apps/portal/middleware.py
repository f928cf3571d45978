"""Turns what the domain refuses into pages that say what to do next; forms show refusals themselves."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.errors import PortalError


class PortalErrorMiddleware:
    """Answers a PortalError that a page did not handle; the API maps its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page of the error's status; None leaves other exceptions to Django."""
        if not isinstance(exception, PortalError) or request.path.startswith("/api/"):
            return None
        template = "404.html" if exception.status == 404 else "errors/refused.html"
        return render(request, template, {"error": exception}, status=exception.status)
