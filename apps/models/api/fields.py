"""Fields that input and output of the registry's API share, and what they hold."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class DatasetSerializer(serializers.Serializer[Any]):
    """A dataset version."""

    namespace = serializers.CharField(required=False)
    name = serializers.CharField()
    version = serializers.CharField(required=False)
    digest = serializers.CharField(required=False)
    uri = serializers.CharField(required=False)


class CodeSerializer(serializers.Serializer[Any]):
    """A commit."""

    repository = serializers.CharField()
    commit = serializers.CharField()
    path = serializers.CharField(required=False)


class RunSerializer(serializers.Serializer[Any]):
    """A training run."""

    system = serializers.CharField(required=False)
    id = serializers.CharField()
    uri = serializers.CharField(required=False)


class ParentSerializer(serializers.Serializer[Any]):
    """A model version that this one was made from."""

    model = serializers.CharField()
    version = serializers.CharField()


class LineageSerializer(serializers.Serializer[Any]):
    """Where a version comes from; a parent may also be given as "card-fraud 1.2.0"."""

    datasets = DatasetSerializer(many=True, required=False)
    code = CodeSerializer(required=False, allow_null=True)
    run = RunSerializer(required=False, allow_null=True)
    parents = ParentSerializer(many=True, required=False)


@extend_schema_field(LineageSerializer)
class LineageField(serializers.JSONField):
    """Lineage, checked by the action so that each error names its field."""


@extend_schema_field({"type": "object", "additionalProperties": {"type": "number"}})
class MetricsField(serializers.JSONField):
    """Finite numbers by name."""


@extend_schema_field({"type": "object", "additionalProperties": True})
class ObjectField(serializers.JSONField):
    """A JSON object."""
