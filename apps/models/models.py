"""Tables of the registry: models, versions, artifacts and their blobs, stage assignments, aliases, standards."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from apps.accounts import grants
from apps.accounts.models import Team
from apps.accounts.roles import PERMISSIONS
from apps.models.exact import ExactDecoder
from apps.models.querysets import (
    ArtifactQuerySet,
    CatalogueEntryQuerySet,
    ModelVersionQuerySet,
    RegisteredModelQuerySet,
    SavedSearchQuerySet,
    StageAssignmentQuerySet,
)
from apps.models.states import RiskTier, ScanVerdict, Stage, VersionState, Visibility

MODEL_NAME = RegexValidator(
    r"^[a-z0-9][a-z0-9._-]{0,99}\Z", "Use lower-case letters, digits, dot, hyphen and underscore, up to 100 characters."
)
ALIAS_NAME = RegexValidator(
    r"^(?!latest)(?!v?\d)[a-z][a-z0-9_-]{0,99}\Z",
    "Start with a letter; use lower-case letters, digits, hyphen and underscore; not `latest…`, not a version.",
)


def _only(column: str) -> Func:
    """Return the range that holds just this key: exclusion over a key without the btree_gist extension."""
    return Func(F(column), F(column), Value("[]"), function="int8range", output_field=BigIntegerRangeField())


class RegisteredModel(models.Model):
    """A named line of versions, owned by a team, with a risk tier."""

    name = models.CharField(max_length=100, unique=True, validators=[MODEL_NAME])
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="registered_models")
    risk_tier = models.CharField(max_length=10, choices=RiskTier.choices)
    visibility = models.CharField(max_length=20, choices=Visibility.choices, default=Visibility.TEAM)
    description = models.TextField(blank=True)
    # Markdown, as is that of each version.
    card = models.TextField(blank=True)
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = RegisteredModelQuerySet.as_manager()

    audit_type = "model"

    class Meta:
        ordering = ("name",)
        default_permissions = ()
        permissions = PERMISSIONS
        constraints = (
            models.CheckConstraint(condition=Q(risk_tier__in=RiskTier.values), name="models_model_tier_known"),
            models.CheckConstraint(condition=Q(visibility__in=Visibility.values), name="models_model_visibility_known"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def etag(self) -> str:
        """What `If-Match` may carry: the model and when it last changed."""
        return f'"{self.pk}.{self.changed_at.timestamp():.6f}"'

    @property
    def audit_label(self) -> str:
        """The model's name."""
        return self.name

    @property
    def audit_scopes(self) -> list[str]:
        """Readers of the model: by team, by grant, or everybody."""
        scopes = [f"team:{self.team_id}", f"model:{self.pk}"]
        return [*scopes, "organisation"] if self.visibility == Visibility.ORGANISATION else scopes


class RegisteredModelUserObjectPermission(UserObjectPermissionBase):
    """django-guardian's grant of one permission on a registered model to a user."""

    id = models.BigAutoField(primary_key=True)
    content_object = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False


class RegisteredModelGroupObjectPermission(GroupObjectPermissionBase):
    """django-guardian's grant of one permission on a registered model to a group; guardian asks for the table."""

    id = models.BigAutoField(primary_key=True)
    content_object = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False


class ModelVersion(models.Model):
    """One version: mutable while pending, immutable once sealed (a database trigger says so too)."""

    registered_model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    version = models.CharField(max_length=100)
    # SemVer 2.0 precedence as text that sorts bytewise; see apps.models.semver.sort_key.
    precedence = models.CharField(max_length=400, db_collation="C")
    state = models.CharField(max_length=10, choices=VersionState.choices, default=VersionState.PENDING)
    failure = models.TextField(blank=True)
    description = models.TextField(blank=True)
    card = models.TextField(blank=True)
    metrics = models.JSONField(default=dict, decoder=ExactDecoder)
    parameters = models.JSONField(default=dict, decoder=ExactDecoder)
    metadata = models.JSONField(default=dict, decoder=ExactDecoder)
    lineage = models.JSONField(default=dict, decoder=ExactDecoder)
    manifest_digest = models.CharField(max_length=64, blank=True, db_index=True)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    sealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    sealed_at = models.DateTimeField(null=True)

    objects = ModelVersionQuerySet.as_manager()

    audit_type = "version"

    class Meta:
        ordering = ("-precedence",)
        constraints = (
            models.UniqueConstraint(fields=["registered_model", "number"], name="models_version_number_once"),
            models.UniqueConstraint(fields=["registered_model", "version"], name="models_version_semver_once"),
            models.CheckConstraint(
                condition=Q(state=VersionState.READY, sealed_at__isnull=False) & ~Q(manifest_digest="")
                | ~Q(state=VersionState.READY) & Q(sealed_at__isnull=True),
                name="models_version_ready_is_sealed",
            ),
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="models_version_state_known"),
        )
        indexes = (models.Index(fields=["registered_model", "-precedence"], name="models_version_by_precedence"),)

    def __str__(self) -> str:
        return f"{self.registered_model.name} {self.version}"

    @property
    def is_sealed(self) -> bool:
        """Immutable from here."""
        return self.state == VersionState.READY

    @property
    def audit_label(self) -> str:
        """Model name and semantic version."""
        return str(self)

    @property
    def audit_scopes(self) -> list[str]:
        """Readers of the model."""
        return self.registered_model.audit_scopes


class Blob(models.Model):
    """Bytes stored once under their SHA-256."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    format = models.CharField(max_length=30, blank=True)
    facts = models.JSONField(default=dict)
    scan_verdict = models.CharField(max_length=20, choices=ScanVerdict.choices, default=ScanVerdict.NOT_SCANNED)
    scan_report = models.JSONField(default=dict)
    scanned_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256

    @property
    def storage_name(self) -> str:
        """Where the bytes lie in the artifact storage."""
        return f"sha256/{self.sha256[:2]}/{self.sha256}"


class Artifact(models.Model):
    """A file of a version: a path and the blob that holds its bytes."""

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="artifacts")
    path = models.CharField(max_length=500)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="artifacts")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    objects = ArtifactQuerySet.as_manager()

    audit_type = "artifact"

    class Meta:
        ordering = ("path",)
        constraints = (
            models.UniqueConstraint(fields=["version", "path"], name="models_artifact_path_once"),
            models.UniqueConstraint("version", Lower("path"), name="models_artifact_path_any_case"),
        )

    def __str__(self) -> str:
        return self.path

    @property
    def audit_label(self) -> str:
        """Version and path."""
        return f"{self.version} {self.path}"

    @property
    def audit_scopes(self) -> list[str]:
        """Readers of the model."""
        return self.version.audit_scopes


class StageAssignment(models.Model):
    """A version was in a stage for a time; exclusion constraints forbid overlap."""

    registered_model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="stage_assignments")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="stage_assignments")
    stage = models.CharField(max_length=20, choices=Stage.choices)
    period = DateTimeRangeField()
    # The promotion that led here; kept as a plain number, for approvals lie above this app.
    promotion_id = models.BigIntegerField(null=True)

    objects = StageAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ("period",)
        constraints = (
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="models_stage_known"),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False), name="models_stage_period_begins"
            ),
            ExclusionConstraint(
                name="models_stage_one_per_version",
                expressions=[(_only("version"), RangeOperators.OVERLAPS), ("period", RangeOperators.OVERLAPS)],
            ),
            ExclusionConstraint(
                name="models_stage_one_production",
                expressions=[(_only("registered_model"), RangeOperators.OVERLAPS), ("period", RangeOperators.OVERLAPS)],
                condition=Q(stage=Stage.PRODUCTION),
            ),
        )
        indexes = (
            models.Index(fields=["registered_model", "stage"], name="models_stage_of_model"),
            models.Index(
                fields=["registered_model", "stage"],
                name="models_stage_current",
                condition=Q(period__upper_inf=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.version} in {self.stage}"


class Alias(models.Model):
    """A movable name for a version, such as `champion`."""

    registered_model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="aliases")
    name = models.CharField(max_length=100, validators=[ALIAS_NAME])
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="aliases")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    audit_type = "alias"

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "aliases"
        constraints = (models.UniqueConstraint(fields=["registered_model", "name"], name="models_alias_once"),)

    def __str__(self) -> str:
        return f"@{self.name}"

    @property
    def audit_label(self) -> str:
        """Model and alias."""
        return f"{self.registered_model.name}@{self.name}"

    @property
    def audit_scopes(self) -> list[str]:
        """Readers of the model."""
        return self.registered_model.audit_scopes


class MetadataStandard(models.Model):
    """A JSON Schema that the metadata of versions must meet; the newest of a (tier, stage) holds.

    An empty stage means: checked at registration; otherwise checked for promotions to that stage.
    """

    risk_tier = models.CharField(max_length=10, choices=RiskTier.choices)
    stage = models.CharField(max_length=20, choices=Stage.choices, blank=True)
    number = models.PositiveIntegerField()
    schema: Any = models.JSONField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    audit_type = "standard"

    class Meta:
        ordering = ("risk_tier", "stage", "-number")
        constraints = (
            models.UniqueConstraint(fields=["risk_tier", "stage", "number"], name="models_standard_number_once"),
        )

    def __str__(self) -> str:
        return f"{self.risk_tier} {self.stage or 'registration'} v{self.number}"

    @property
    def audit_label(self) -> str:
        """Tier, stage and number."""
        return str(self)

    @property
    def audit_scopes(self) -> list[str]:
        """Everybody: standards are no secret."""
        return ["organisation"]


class CatalogueEntry(models.Model):
    """What the catalogue finds a model by: derived from the other tables by apps.models.catalogue, never the truth.

    `version` is the one whose metadata, formats and metrics count: the one in production or, where there is none, the
    highest sealed one.
    """

    registered_model = models.OneToOneField(
        RegisteredModel, on_delete=models.CASCADE, primary_key=True, related_name="entry"
    )
    name = models.CharField(max_length=100, unique=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    risk_tier = models.CharField(max_length=10)
    visibility = models.CharField(max_length=20)
    tags = ArrayField(models.CharField(max_length=60))
    # The stages that versions of the model are in now.
    stages = ArrayField(models.CharField(max_length=20))
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="+")
    production_version = models.CharField(max_length=100, blank=True)
    production_since = models.DateTimeField(null=True)
    task = models.CharField(max_length=100, blank=True)
    framework = models.CharField(max_length=100, blank=True)
    formats = ArrayField(models.CharField(max_length=30))
    # One metric over the latest sealed versions up to the one that counts, oldest first.
    headline = models.CharField(max_length=100, blank=True)
    course = ArrayField(models.FloatField())
    # The last registration, change, sealed version or move between stages.
    active_at = models.DateTimeField()
    words = SearchVectorField()

    objects = CatalogueEntryQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        default_permissions = ()
        verbose_name_plural = "catalogue entries"
        indexes = (
            GinIndex(fields=["words"], name="models_entry_words"),
            models.Index(fields=["-active_at", "name"], name="models_entry_active"),
        )

    def __str__(self) -> str:
        return self.name


class CatalogueMetric(models.Model):
    """A metric of the version that counts, found by its name in lower case, one of those that differ in case alone."""

    entry = models.ForeignKey(CatalogueEntry, on_delete=models.CASCADE, related_name="metrics")
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=100)
    value = models.FloatField()

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["entry", "key"], name="models_entry_metric_once"),)
        indexes = (models.Index(fields=["key", "value"], name="models_entry_metric"),)

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


class SavedSearch(models.Model):
    """A search of the catalogue that a person keeps under a name of their own: a bookmark, no governed data."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_searches")
    name = models.CharField(max_length=80)
    # The query of the catalogue's address, such as `q=auc+%3E+0.9&tier=high`.
    query = models.CharField(max_length=1000)
    created_at = models.DateTimeField()

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        default_permissions = ()
        verbose_name_plural = "saved searches"
        constraints = (models.UniqueConstraint("user", Lower("name"), name="models_saved_search_once"),)

    def __str__(self) -> str:
        return self.name


grants.register("model", RegisteredModel)
