"""What the registry's API answers."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.models.api.fields import LineageField, MetricsField, ObjectField
from apps.models.models import Alias, Artifact, MetadataStandard, ModelVersion, RegisteredModel, StageAssignment
from apps.models.states import Stage


class ProductionVersionSerializer(serializers.Serializer[Any]):
    """The version in production, in short."""

    version = serializers.CharField()
    since = serializers.DateTimeField()


class ModelSerializer(serializers.ModelSerializer[RegisteredModel]):
    """A registered model."""

    team = serializers.CharField(source="team.slug")
    registered_by = serializers.CharField(source="registered_by.username")
    production = serializers.SerializerMethodField()

    class Meta:
        model = RegisteredModel
        fields: tuple[str, ...] = (
            *("name", "team", "risk_tier", "visibility", "description", "tags"),
            *("production", "registered_by", "created_at", "changed_at"),
        )
        read_only_fields = fields

    @extend_schema_field(ProductionVersionSerializer(allow_null=True))
    def get_production(self, model: RegisteredModel) -> dict[str, Any] | None:
        """Return the annotated version in production."""
        version = getattr(model, "production_version", None)
        return {"version": version, "since": model.production_since} if version else None  # type: ignore[attr-defined]


class ModelDetailSerializer(ModelSerializer):
    """A registered model with its card."""

    class Meta(ModelSerializer.Meta):
        fields = (*ModelSerializer.Meta.fields, "card")
        read_only_fields = fields


class ArtifactSerializer(serializers.ModelSerializer[Artifact]):
    """A file of a version."""

    size = serializers.IntegerField(source="blob.size")
    sha256 = serializers.CharField(source="blob_id")
    format = serializers.CharField(source="blob.format", help_text="Recognised from the bytes; empty where unknown.")
    facts = ObjectField(source="blob.facts")
    scan = serializers.CharField(source="blob.scan_verdict")
    uploaded_by = serializers.CharField(source="uploaded_by.username")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Artifact
        fields = ("path", "size", "sha256", "format", "facts", "scan", "uploaded_by", "uploaded_at", "url")
        read_only_fields = fields

    def get_url(self, artifact: Artifact) -> str:
        """Return where the bytes are read."""
        version = artifact.version
        where = reverse("api-artifact", args=[version.registered_model.name, version.version, artifact.path])
        return str(self.context["request"].build_absolute_uri(where))


class VersionSummarySerializer(serializers.ModelSerializer[ModelVersion]):
    """A version in a list."""

    model = serializers.CharField(source="registered_model.name")
    stage = serializers.SerializerMethodField()
    metrics = MetricsField()
    registered_by = serializers.CharField(source="registered_by.username")

    class Meta:
        model = ModelVersion
        fields: tuple[str, ...] = (
            *("model", "version", "number", "state", "stage", "description", "metrics", "manifest_digest"),
            *("registered_by", "created_at", "sealed_at"),
        )
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=Stage.choices, allow_null=True))
    def get_stage(self, version: ModelVersion) -> str | None:
        """Return the annotated stage; null while the version is not sealed."""
        stage: str | None = getattr(version, "stage", None)
        return stage


class DuplicateSerializer(serializers.Serializer[Any]):
    """Another version with exactly the same files."""

    model = serializers.CharField()
    version = serializers.CharField()
    url = serializers.CharField()


class VersionSerializer(VersionSummarySerializer):
    """A version with everything it was registered with."""

    parameters = ObjectField()
    metadata = ObjectField()
    lineage = LineageField()
    sealed_by = serializers.CharField(source="sealed_by.username", default=None, allow_null=True)
    aliases: Any = serializers.SlugRelatedField(many=True, read_only=True, slug_field="name")
    artifacts = ArtifactSerializer(many=True)
    duplicates = serializers.SerializerMethodField()
    hidden_duplicates = serializers.SerializerMethodField(help_text="Duplicates that you may not see.")

    class Meta(VersionSummarySerializer.Meta):
        fields = (
            *VersionSummarySerializer.Meta.fields,
            *("failure", "card", "parameters", "metadata", "lineage", "sealed_by", "aliases", "artifacts"),
            *("duplicates", "hidden_duplicates"),
        )
        read_only_fields = fields

    @extend_schema_field(DuplicateSerializer(many=True))
    def get_duplicates(self, version: ModelVersion) -> list[dict[str, str]]:
        """Return the visible versions with the same manifest, with their addresses."""
        return [self._duplicate(other) for other in self.context["duplicates"].visible]

    def get_hidden_duplicates(self, version: ModelVersion) -> int:
        """Return how many versions with the same manifest the reader may not see."""
        hidden: int = self.context["duplicates"].hidden
        return hidden

    def _duplicate(self, other: ModelVersion) -> dict[str, str]:
        model = other.registered_model.name
        url = self.context["request"].build_absolute_uri(reverse("api-version", args=[model, other.version]))
        return {"model": model, "version": other.version, "url": url}


class StageAssignmentSerializer(serializers.ModelSerializer[StageAssignment]):
    """A version was in a stage for a time."""

    model = serializers.CharField(source="registered_model.name")
    team = serializers.CharField(source="registered_model.team.slug")
    risk_tier = serializers.CharField(source="registered_model.risk_tier")
    version = serializers.CharField(source="version.version")
    number = serializers.IntegerField(source="version.number")
    manifest_digest = serializers.CharField(source="version.manifest_digest")
    since = serializers.DateTimeField(source="period.lower")
    until = serializers.DateTimeField(source="period.upper", allow_null=True)

    class Meta:
        model = StageAssignment
        fields = (
            *("model", "team", "risk_tier", "version", "number", "stage", "since", "until"),
            *("manifest_digest", "promotion_id"),
        )
        read_only_fields = fields


class AliasSerializer(serializers.ModelSerializer[Alias]):
    """A movable name for a version."""

    alias = serializers.CharField(source="name")
    version = serializers.CharField(source="version.version")
    set_by = serializers.CharField(source="set_by.username")

    class Meta:
        model = Alias
        fields = ("alias", "version", "set_by", "set_at")
        read_only_fields = fields


class StandardSerializer(serializers.ModelSerializer[MetadataStandard]):
    """A metadata standard."""

    schema = ObjectField()
    set_by = serializers.CharField(source="set_by.username")

    class Meta:
        model = MetadataStandard
        fields = ("risk_tier", "stage", "number", "schema", "set_by", "set_at")
        read_only_fields = fields


class ProductionFileSerializer(serializers.Serializer[Any]):
    """An artifact to fetch."""

    path = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    url = serializers.CharField()


class ProductionSerializer(serializers.Serializer[Any]):
    """The version in production at an instant; described here, written by hand on the hot path."""

    model = serializers.CharField()
    version = serializers.CharField()
    number = serializers.IntegerField()
    stage = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    manifest_digest = serializers.CharField()
    artifacts = ProductionFileSerializer(many=True)
