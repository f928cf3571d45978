"""Versions over HTTP."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.models import actions, selectors
from apps.models.api import inputs, serializers
from apps.models.api.views.base import READ, WRITE, RegistryView
from apps.models.filters import ModelVersionFilter
from apps.models.models import Artifact, ModelVersion


class VersionView(RegistryView):
    """What answers with one whole version."""

    queryset = ModelVersion.objects.none()
    serializer_class: Any = serializers.VersionSerializer
    filter_backends: Any = ()

    def whole(self, version: ModelVersion, status: int = 200, **headers: str) -> Response:
        """Return a version with its artifacts, aliases and duplicates."""
        artifacts = Artifact.objects.select_related("blob", "uploaded_by", "version__registered_model")
        rows = ModelVersion.objects.with_stage().select_related("registered_model", "registered_by", "sealed_by")
        found = rows.prefetch_related(Prefetch("artifacts", artifacts), "aliases").get(pk=version.pk)
        context = {**self.get_serializer_context(), "duplicates": selectors.duplicates_of(found, self.user)}
        return Response(serializers.VersionSerializer(found, context=context).data, status=status, headers=headers)


class VersionList(VersionView):
    """The versions of a model."""

    required_scopes = READ | WRITE
    serializer_class = serializers.VersionSummarySerializer
    filter_backends = (DjangoFilterBackend,)
    filterset_class = ModelVersionFilter
    cursor_ordering = ("-precedence", "-number")

    @extend_schema(operation_id="versions_list", summary="List versions")
    def get(self, request: Request, name: str) -> Response:
        """List the model's versions by SemVer 2.0 precedence, highest first."""
        rows = self.model(name).versions.with_stage()
        return self.listing(
            rows.select_related("registered_model", "registered_by").defer("card", "parameters", "metadata", "lineage")
        )

    @extend_schema(
        operation_id="versions_create",
        summary="Register a version",
        request=inputs.NewVersionSerializer,
        responses={201: serializers.VersionSerializer},
    )
    def post(self, request: Request, name: str) -> Response:
        """Open a pending version; it takes artifacts until it is sealed."""
        content = self.given(inputs.NewVersionSerializer)
        version = actions.register_version(self.model(name), actor=self.user, **content)
        return self.whole(version, 201, Location=reverse("api-version", args=[name, version.version]))


class VersionDetail(VersionView):
    """One version."""

    required_scopes = READ

    @extend_schema(operation_id="versions_retrieve", summary="Read a version")
    def get(self, request: Request, name: str, version: str) -> Response:
        """Return a version by semantic version, number, `@alias` or `@latest_production`."""
        return self.whole(self.version(name, version))


class VersionSeal(VersionView):
    """Close a version."""

    required_scopes = WRITE

    @extend_schema(operation_id="versions_seal", summary="Seal a version", request=None)
    def post(self, request: Request, name: str, version: str) -> Response:
        """Close a pending version: immutable from here, in the stage experimental, duplicates reported."""
        return self.whole(actions.seal_version(self.version(name, version), actor=self.user))


class VersionFail(VersionView):
    """Give a version up."""

    required_scopes = WRITE

    @extend_schema(operation_id="versions_fail", summary="Give a version up", request=inputs.FailureSerializer)
    def post(self, request: Request, name: str, version: str) -> Response:
        """Give a pending version up, saying why; its number and semantic version stay taken."""
        reason = self.given(inputs.FailureSerializer)["reason"]
        return self.whole(actions.fail_version(self.version(name, version), reason=reason, actor=self.user))
