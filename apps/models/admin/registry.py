"""The registry in the admin: to read, and the risk tiers that compliance officers keep."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from apps.accounts.models import User
from apps.core.admin.searching import by_digest
from apps.core.admin.tables import ReadOnlyAdmin
from apps.models import actions, policies
from apps.models.admin.searches import by_model, by_version
from apps.models.models import Alias, Artifact, Blob, ModelVersion, RegisteredModel, StageAssignment
from apps.models.states import RiskTier


class TierForm(forms.Form):
    """A risk tier and why."""

    risk_tier = forms.ChoiceField(choices=RiskTier.choices)
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


@admin.register(RegisteredModel)
class RegisteredModelAdmin(ReadOnlyAdmin):
    """Registered models."""

    section, rank, label, has_page = "Registry", 1, "Models", True
    list_display = ("name", "team", "risk_tier", "visibility", "registered_by", "created_at")
    list_filter = ("risk_tier", "visibility", "team")
    ordering = ("name",)
    list_select_related = ("team", "registered_by")
    searches = (by_model("pk"),)
    sortable_by = ("name",)
    search_help_text = "Name, or a part of it"
    actions = ("change_tier",)

    @admin.action(description="Change the risk tier of the selected models", permissions=["tier"])
    def change_tier(self, request: HttpRequest, rows: QuerySet[RegisteredModel]) -> HttpResponse | None:
        """Change the tier, with a reason."""

        def act(model: RegisteredModel, given: dict[str, Any]) -> object:
            return actions.change_model(model, actor=cast(User, request.user), **given)

        return self.confirmed(request, rows, act, title="Change the risk tier", form_class=TierForm)

    def has_tier_permission(self, request: HttpRequest) -> bool:
        """Offer the action to compliance officers; the domain's action asks again."""
        return policies.is_compliance_officer(cast(User, request.user))


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    """Versions."""

    section, rank, label, has_page = "Registry", 2, "Versions", True
    exclude = ("precedence",)
    list_display = ("__str__", "number", "state", "registered_by", "created_at", "sealed_at")
    list_filter = ("state", "registered_model__risk_tier")
    list_select_related = ("registered_model", "registered_by")
    searches = (by_model(), by_version(), by_digest("manifest_digest"))
    search_help_text = "Model, model and version, or manifest digest"


@admin.register(Artifact)
class ArtifactAdmin(ReadOnlyAdmin):
    """Artifacts."""

    section, rank, has_page = "Registry", 5, True
    list_display = ("path", "version", "blob", "uploaded_by", "uploaded_at")
    list_select_related = ("version__registered_model", "blob", "uploaded_by")
    searches = (by_model("version__registered_model"), by_version("version"), by_digest("blob"))
    search_help_text = "Model, model and version, or SHA-256"


@admin.register(Blob)
class BlobAdmin(ReadOnlyAdmin):
    """Bytes."""

    list_display = ("sha256", "size", "format", "scan_verdict", "scanned_at", "created_at")
    list_filter = ("scan_verdict",)
    searches = (by_digest("sha256"),)
    search_help_text = "SHA-256"


@admin.register(StageAssignment)
class StageAssignmentAdmin(ReadOnlyAdmin):
    """Where versions are and were."""

    section, rank, label = "Registry", 3, "Stages over time"
    list_display = ("version", "stage", "period", "promotion_id")
    list_filter = ("stage",)
    list_select_related = ("version__registered_model",)
    searches = (by_model(), by_version("version"))
    search_help_text = "Model, or model and version"


@admin.register(Alias)
class AliasAdmin(ReadOnlyAdmin):
    """Aliases."""

    section, rank, has_page = "Registry", 4, True
    list_display = ("name", "registered_model", "version", "set_by", "set_at")
    list_select_related = ("registered_model", "version__registered_model", "set_by")
    searches = (by_model(),)
    search_help_text = "Model"
