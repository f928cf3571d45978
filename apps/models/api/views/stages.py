"""Stages over HTTP: what is in production, what was, and where everything stands."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

import orjson
from django.http import HttpResponse
from django.utils.cache import patch_cache_control
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import clock
from apps.models import selectors
from apps.models.api import serializers
from apps.models.api.instants import asked_instant
from apps.models.api.views.base import READ, RegistryView
from apps.models.filters import InventoryFilter
from apps.models.models import ModelVersion, StageAssignment
from apps.models.production import Production
from apps.models.states import Stage

AT = OpenApiParameter("at", OpenApiTypes.DATETIME, description="A past instant (RFC 3339 with offset) instead of now.")
NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag you have; unchanged is answered with 304."
)


class ModelProduction(RegistryView):
    """The version in production: the call of deployment systems, answered by one SQL statement."""

    required_scopes = READ
    serializer_class = serializers.ProductionSerializer
    filter_backends = ()

    @extend_schema(
        operation_id="models_production",
        summary="Read the version in production",
        parameters=[AT, NONE_MATCH],
        responses={200: serializers.ProductionSerializer, 304: None},
    )
    def get(self, request: Request, name: str) -> HttpResponse:
        """Return the version that is in production, or was at an instant; 404 `nothing_in_production` without one."""
        found = selectors.production_of(name, self.user, asked_instant(request))
        body = orjson.dumps(_written(found, request), option=orjson.OPT_UTC_Z)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if _is_known(request.headers.get("If-None-Match", ""), etag):
            response = HttpResponse(status=304)
        else:
            response = HttpResponse(body, content_type="application/json")
        response["ETag"] = etag
        patch_cache_control(response, private=True, no_cache=True)
        return response


class StageVersions(RegistryView):
    """The versions of a model in one stage."""

    required_scopes = READ
    queryset = ModelVersion.objects.none()
    serializer_class = serializers.VersionSummarySerializer
    filter_backends = ()
    cursor_ordering = ("-precedence", "-number")

    @extend_schema(operation_id="stages_retrieve", summary="List the versions in a stage")
    def get(self, request: Request, name: str, stage: str) -> Response:
        """List the versions in a stage now, highest first."""
        rows = selectors.versions_in(self.model(name), stage)
        return self.listing(rows.select_related("registered_model", "registered_by"))


class StageHistory(RegistryView):
    """Where the versions of a model were, and when."""

    required_scopes = READ
    queryset = StageAssignment.objects.none()
    serializer_class = serializers.StageAssignmentSerializer
    filter_backends = ()
    cursor_ordering = "-pk"

    @extend_schema(operation_id="stages_list", summary="Read the stage history of a model")
    def get(self, request: Request, name: str) -> Response:
        """List every stage that every version was in, newest first."""
        rows = selectors.stage_history(self.model(name))
        return self.listing(rows.select_related("version", "registered_model__team"))


class Inventory(RegistryView):
    """Everything in every stage at an instant."""

    required_scopes = READ
    queryset = StageAssignment.objects.none()
    serializer_class = serializers.StageAssignmentSerializer
    filterset_class = InventoryFilter
    cursor_ordering = ("model_name", "pk")

    @extend_schema(operation_id="inventory_list", summary="Read the inventory", parameters=[AT])
    def get(self, request: Request) -> Response:
        """List where every version stood, now or at a past instant."""
        return self.listing(selectors.inventory(self.user, asked_instant(request) or clock.now()))


def _written(found: Production, request: Request) -> dict[str, Any]:
    """Return the body; addresses are put together by hand, a test holds them to the URL patterns."""
    base = request.build_absolute_uri(f"/api/v1/models/{found.model}/versions/{quote(found.version)}/artifacts/")
    artifacts = [{**file, "url": base + quote(file["path"])} for file in found.artifacts]
    return {
        "model": found.model,
        "version": found.version,
        "number": found.number,
        "stage": str(Stage.PRODUCTION),
        "since": found.since,
        "until": found.until,
        "manifest_digest": found.manifest_digest,
        "artifacts": artifacts,
    }


def _is_known(header: str, etag: str) -> bool:
    """Tell whether If-None-Match names the tag; it compares weakly (RFC 9110, section 13.1.2)."""
    return header.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in header.split(",")}
