"""The lineage API: the graph around a version, and what used a dataset."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.lineage import selectors
from apps.lineage.api import serializers
from apps.lineage.inputs import same_digest
from apps.lineage.states import Direction
from apps.models.api.views.base import READ, RegistryView


class VersionLineageView(RegistryView):
    """The graph around one version."""

    required_scopes = READ
    filter_backends: Any = ()
    pagination_class = None

    @extend_schema(
        operation_id="models_versions_lineage",
        summary="Read the lineage of a version",
        tags=["lineage"],
        parameters=[serializers.LineageQuery],
        responses=serializers.LineageGraphSerializer,
    )
    def get(self, request: Request, name: str, version: str) -> Response:
        """Return what a version came from and what came from it, as far as the asker may see."""
        asked = serializers.LineageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        way, depth = asked.validated_data["direction"], asked.validated_data["depth"]
        directions = selectors.BOTH if way == serializers.BOTH else (Direction(way),)
        graph = selectors.graph(self.version(name, version), self.user, depth, directions)
        root = next(node.version for node in graph.nodes if node.id == graph.root)
        answer = {**vars(graph), "version": root}
        return Response(serializers.LineageGraphSerializer(answer, context={"request": request}).data)


class DatasetUsesView(RegistryView):
    """What used a dataset."""

    required_scopes = READ
    filter_backends: Any = ()
    pagination_class = None

    @extend_schema(
        operation_id="lineage_datasets",
        summary="Find what used a dataset",
        tags=["lineage"],
        parameters=[serializers.DatasetQuery],
        responses=serializers.DatasetUsesSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return the versions that a dataset flowed into, directly or through others; `stage` keeps those in it."""
        asked = serializers.DatasetQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        facts = dict(asked.validated_data)
        stage, depth = facts.pop("stage", ""), facts.pop("depth")
        if "digest" in facts:
            facts["digest"] = same_digest(facts["digest"])
        uses = selectors.dataset_uses(self.user, stage=stage, depth=depth, **facts)
        return Response(serializers.DatasetUsesSerializer(uses, context={"request": request}).data)
