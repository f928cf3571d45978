"""What every request passes: its id, a check of its address, and the compression of pages."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from apps.core.context import Context, acting

ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestContextMiddleware:
    """Makes the request's id current and answers it as X-Request-ID."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if ACCEPTED.fullmatch(given) else str(uuid.uuid4())
        with acting(Context(request_id=request_id)):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class NowhereMiddleware:
    """Answers 404 for an address that names something with a NUL character: no text in the database has one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            raise Http404
        return self.get_response(request)


class PageCompressionMiddleware(GZipMiddleware):
    """Compresses pages, and nothing that programs fetch: artifacts keep their length, ranges and entity tags.

    Secrets in a page are safe from guessing by size (BREACH): CSRF tokens are masked anew each time, and
    GZipMiddleware varies the length.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the answer, smaller where it is a page and the browser takes it."""
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response
