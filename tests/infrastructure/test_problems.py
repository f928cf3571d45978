"""Every refusal of the API is a problem document (RFC 9457) with a stable code."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404
from django.test import Client
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from apps.core import errors
from registry_portal.problems import exception_handler


class Inner(serializers.Serializer[Any]):
    """A nested object."""

    size = serializers.IntegerField()


class Outer(serializers.Serializer[Any]):
    """An object with nested ones."""

    name = serializers.CharField()
    parts = Inner(many=True)


def answer(error: Exception) -> Response:
    """Return what a view that raises `error` answers."""

    class Raising(APIView):
        authentication_classes = ()
        permission_classes = ()

        def get(self, request: object) -> Response:
            raise error

    return Raising.as_view()(APIRequestFactory().get("/api/v1/x/"))


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.Invalid("No.", field="name"), 400, "invalid"),
        (errors.Forbidden("No."), 403, "forbidden"),
        (errors.NotFound("No."), 404, "not_found"),
        (errors.Conflict("No.", code="wrong_state"), 409, "wrong_state"),
        (errors.Stale("No."), 409, "stale_subject"),
        (errors.TooLarge("No."), 413, "too_large"),
        (errors.PreconditionRequired("No."), 428, "precondition_required"),
        (errors.Unavailable("No."), 503, "unavailable"),
        (exceptions.ParseError("No."), 400, "malformed_json"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.PermissionDenied(), 403, "forbidden"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
        (exceptions.Throttled(wait=3), 429, "throttled"),
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "forbidden"),
        (RequestDataTooBig(), 413, "too_large"),
        (OperationalError(), 503, "unavailable"),
    ],
)
def test_refusal_becomes_a_problem(error: Exception, status: int, code: str) -> None:
    if isinstance(error, exceptions.NotAuthenticated):
        error.auth_header = "Bearer"
        response = exception_handler(error, {})
    else:
        response = answer(error)
    assert response is not None
    assert (response.status_code, response.data["status"], response.data["code"]) == (status, status, code)
    assert set(response.data) == {"type", "title", "status", "detail", "code", "errors"}
    assert response.data["title"]
    assert "{" not in response.data["title"]
    assert response.content_type == "application/problem+json"


def test_nested_field_errors_are_named_by_their_paths() -> None:
    outer = Outer(data={"parts": [{"size": 1}, {"size": "big"}]})
    assert not outer.is_valid()
    body = answer(exceptions.ValidationError(outer.errors)).data
    assert [(item["field"], item["code"]) for item in body["errors"]] == [
        ("name", "required"), ("parts.1.size", "invalid"),
    ]  # fmt: skip
    assert "name: This field is required." in body["detail"]


def test_throttled_request_is_told_when_to_come_back() -> None:
    assert answer(exceptions.Throttled(wait=3.2)).headers["Retry-After"] == "4"


def test_defect_is_not_dressed_up_as_a_refusal() -> None:
    with pytest.raises(ZeroDivisionError):
        answer(ZeroDivisionError())


@pytest.mark.django_db
def test_unknown_address_of_the_api_is_a_problem(client: Client) -> None:
    response = client.get("/api/v1/nothing/here/")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_found"


@pytest.mark.django_db
def test_every_answer_carries_the_request_id(client: Client) -> None:
    assert client.get("/health/live", headers={"X-Request-ID": "abcdef-123"}).headers["X-Request-ID"] == "abcdef-123"
    assert client.get("/health/live", headers={"X-Request-ID": "bad id"}).headers["X-Request-ID"] != "bad id"
