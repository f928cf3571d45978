"""Input and output of the lineage API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.reverse import reverse

from apps.accounts.api.serializers import StrictSerializer
from apps.lineage.selectors import GraphNode
from apps.lineage.states import DEFAULT_DEPTH, MAX_DEPTH, Direction, EdgeKind, NodeKind
from apps.models.models import ModelVersion
from apps.models.states import RiskTier, Stage, VersionState

BOTH = "both"


class LineageQuery(StrictSerializer):
    """Which way to walk, and how far."""

    direction = serializers.ChoiceField(choices=[BOTH, *Direction.values], default=BOTH)
    depth = serializers.IntegerField(min_value=1, max_value=MAX_DEPTH, default=DEFAULT_DEPTH)


class DatasetQuery(StrictSerializer):
    """Which dataset, by exactly what versions said of it, and which uses of it."""

    name = serializers.CharField(trim_whitespace=False)
    namespace = serializers.CharField(required=False, trim_whitespace=False)
    version = serializers.CharField(required=False, trim_whitespace=False)
    digest = serializers.CharField(required=False, trim_whitespace=False)
    stage = serializers.ChoiceField(choices=Stage.choices, required=False)
    depth = serializers.IntegerField(min_value=1, max_value=MAX_DEPTH, default=MAX_DEPTH)


class LineageVersionSerializer(serializers.Serializer[ModelVersion]):
    """A version that lineage speaks of."""

    model = serializers.CharField(source="registered_model.name")
    version = serializers.CharField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=VersionState.choices)
    stage = serializers.ChoiceField(choices=Stage.choices, allow_null=True, default=None)
    risk_tier = serializers.ChoiceField(choices=RiskTier.choices, source="registered_model.risk_tier")
    url = serializers.SerializerMethodField()

    def get_url(self, version: ModelVersion) -> str:
        """Return the address of the version."""
        return version_url(version, self.context)


class LineageNodeSerializer(serializers.Serializer[GraphNode]):
    """One node; `facts` depend on the kind."""

    id = serializers.CharField(help_text="Stable: made of the kind and of what the node is.")
    kind = serializers.ChoiceField(choices=NodeKind.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    facts = serializers.DictField()
    url = serializers.SerializerMethodField(help_text="Only model versions have one.")

    def get_url(self, node: GraphNode) -> str | None:
        """Return the address of a model version."""
        return version_url(node.version, self.context) if node.version is not None else None


class LineageEdgeSerializer(serializers.Serializer[Any]):
    """`source` flowed into `target`."""

    source = serializers.CharField()  # type: ignore[assignment]
    target = serializers.CharField()
    kind = serializers.ChoiceField(choices=EdgeKind.choices)


class LineageHiddenSerializer(serializers.Serializer[Any]):
    """How many nodes the asker may not see; nothing beyond them is followed."""

    upstream = serializers.IntegerField()
    downstream = serializers.IntegerField()


class LineageGraphSerializer(serializers.Serializer[Any]):
    """What lies around a version."""

    version = LineageVersionSerializer()
    root = serializers.CharField(help_text="The id of the version's own node.")  # type: ignore[assignment]
    nodes = LineageNodeSerializer(many=True)
    edges = LineageEdgeSerializer(many=True)
    hidden = LineageHiddenSerializer()
    truncated = serializers.BooleanField(help_text="There were more nodes than are answered.")


class DatasetUsesSerializer(serializers.Serializer[Any]):
    """Which versions datasets flowed into."""

    datasets = LineageNodeSerializer(many=True)
    versions = LineageVersionSerializer(many=True)
    hidden = serializers.IntegerField(help_text="How many more versions used them that the asker may not see.")
    truncated = serializers.BooleanField()


def version_url(version: ModelVersion, context: Mapping[str, Any]) -> str:
    """Return the address of a version in this API."""
    names = {"name": version.registered_model.name, "version": version.version}
    return reverse("api-version", kwargs=names, request=context.get("request"))
