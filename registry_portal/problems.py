"""Errors of the API as problem details (RFC 9457), with a stable `code` and the offending fields."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from apps.core.errors import FieldError, Forbidden, NotFound, PortalError, TooLarge, Unavailable
from registry_portal.json import dumps

MEDIA_TYPE = "application/problem+json"
CODES = {"error": "server_error", "parse_error": "malformed_json", "permission_denied": "forbidden"}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the problem for an exception of an API view; None for a defect, which becomes a 500."""
    headers: dict[str, str] = {}
    known = _as_portal_error(error)
    if known is not None:
        body = problem(known.status, known.title, known.detail, known.code, known.errors)
    elif isinstance(error, exceptions.APIException):
        body, headers = _from_framework(error), _headers(error)
    else:
        return None
    set_rollback()
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def problem(status: int, title: str, detail: str, code: str, errors: list[FieldError] | None = None) -> dict[str, Any]:
    """Return the members of a problem document."""
    return {
        "type": f"urn:registry-portal:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": [error.as_dict() for error in errors or []],
    }


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: a problem under /api/, a page elsewhere."""
    if request.path.startswith("/api/"):
        return _plain(problem(404, "Not found", "There is nothing at this address.", "not_found"))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500: a problem under /api/, a page elsewhere."""
    if request.path.startswith("/api/"):
        return _plain(problem(500, "Server error", "Something went wrong; it has been logged.", "server_error"))
    return defaults.server_error(request)


def _plain(body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(dumps(body), status=body["status"], content_type=MEDIA_TYPE)


def _as_portal_error(error: Exception) -> PortalError | None:
    if isinstance(error, PortalError):
        return error
    if isinstance(error, Http404):
        return NotFound("There is nothing at this address that you may see.")
    if isinstance(error, PermissionDenied):
        return Forbidden(str(error) or "You may not do this.")
    if isinstance(error, RequestDataTooBig):
        return TooLarge("The body is larger than accepted.")
    if isinstance(error, OperationalError):
        return Unavailable("The database does not answer; try again later.")
    return None


def _from_framework(error: exceptions.APIException) -> dict[str, Any]:
    code = error.get_codes()
    if isinstance(error, exceptions.ValidationError):
        fields = list(_fields(error.get_full_details(), ""))
        detail = "; ".join(f"{item.field}: {item.message}" if item.field else item.message for item in fields)
        return problem(400, "Invalid input", detail, "invalid", fields)
    name = code if isinstance(code, str) else "error"
    # The framework's words may have a gap for what was sent, which `detail` names.
    title = re.sub(r' "{\w+}"', "", str(error.default_detail)).rstrip(".")
    return problem(error.status_code, title, str(error.detail), CODES.get(name, name))


def _fields(details: Any, path: str) -> Iterator[FieldError]:
    """Yield the leaves of the framework's nested error details with their dotted paths."""
    if isinstance(details, dict) and set(details) == {"message", "code"} and isinstance(details["code"], str):
        yield FieldError(path, str(details["message"]), str(details["code"]))
    elif isinstance(details, dict):
        for key, value in details.items():
            inner = "" if key == api_settings.NON_FIELD_ERRORS_KEY else str(key)
            yield from _fields(value, ".".join(part for part in (path, inner) if part))
    elif isinstance(details, list):
        single = all(isinstance(item, dict) and set(item) == {"message", "code"} for item in details)
        for index, value in enumerate(details):
            yield from _fields(value, path if single else f"{path}.{index}" if path else str(index))


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(header)
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    return headers
