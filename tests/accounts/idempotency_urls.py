"""A view that counts what it did, for the tests of repeated requests."""

from __future__ import annotations

import threading
from typing import Any

from django.urls import path
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.api.idempotency import IdempotentMixin
from apps.accounts.models import Team
from apps.core.errors import Conflict, Unavailable

ENTERED = threading.Event()
GO_ON = threading.Event()


class Counting(IdempotentMixin, APIView):
    """Makes a team for each request it really handles, then answers as asked."""

    required_scopes = {"POST": "models:write"}
    secret_fields = ("secret",)

    def post(self, request: Request) -> Response:
        """Make a team, wait if asked to, then succeed or fail."""
        team = Team.objects.create(slug=f"made-{Team.objects.count()}", name="Made")
        how: dict[str, Any] = request.data
        if how.get("wait"):
            ENTERED.set()
            GO_ON.wait(10)
        if error := FAILURES.get(how.get("fail", "")):
            raise error
        if "status" in how:
            return Response({"team": team.slug}, status=how["status"])
        return Response({"team": team.slug, "secret": "s3cret"}, status=201, headers={"Location": f"/{team.slug}/"})


FAILURES = {
    "conflict": Conflict("No."),
    "framework": NotFound(),
    "unavailable": Unavailable("Later."),
    "defect": ZeroDivisionError("oops"),
}


urlpatterns = [
    path("count/", Counting.as_view()),
    path("other/", Counting.as_view()),
    path("stream/", Counting.as_view(idempotent=False)),
]
handler404 = "registry_portal.problems.page_not_found"
handler500 = "registry_portal.problems.server_error"
