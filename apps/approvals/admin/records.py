"""What happened to promotions, in the admin: everything can be read and exported, nothing can be written."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.admin.searches import by_person
from apps.approvals import models
from apps.approvals.states import CheckKind
from apps.core.admin.periods import PeriodFilter, period
from apps.core.admin.tables import ReadOnlyAdmin
from apps.models.admin.searches import by_model, by_version


class KindFilter(admin.SimpleListFilter):
    """What a check looks at; the column would be read as a whole to tell its values."""

    title, parameter_name = "kind", "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the kinds of checks."""
        return [(str(value), str(label)) for value, label in CheckKind.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[models.CheckRun]) -> QuerySet[models.CheckRun]:
        """Keep one kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(models.PolicyVersion)
class PolicyVersionAdmin(ReadOnlyAdmin):
    """Every wording that any policy ever had."""

    section, rank, label = "Rules", 2, "Versions of policies"
    list_display = ("policy", "number", "created_by", "created_at", "note")
    list_filter = ("policy__stage", "policy__risk_tier", "policy__team", PeriodFilter)
    list_select_related = ("policy__team", "policy__registered_model", "created_by")
    search_fields = ("note", "policy__registered_model__name", "policy__team__slug")
    search_help_text = "Model, team or note"
    export_columns = ("policy", "number", "created_by", "created_at", "note", "digest", "document")


@admin.register(models.Promotion)
class PromotionAdmin(ReadOnlyAdmin):
    """Promotions, newest first."""

    section, rank, has_page = "Reviews", 1, True
    list_display = ("id", "version", "target_stage", "state", "kind", "requested_by", "created_at")
    list_display_links = ("id", "version")
    list_filter = (
        "state",
        "target_stage",
        "kind",
        "registered_model__risk_tier",
        PeriodFilter,
        "registered_model__team",
    )
    searches = (by_model(), by_version("version"), by_person("requested_by"))
    search_help_text = "Model or who asked"
    list_select_related = ("registered_model", "version__registered_model", "requested_by")
    exclude = ("standing", "verify_at")
    export_columns = (
        *("id", "registered_model", "version", "source_stage", "target_stage", "kind", "state", "state_reason"),
        *("requested_by", "reason", "round_number", "created_at", "approved_at", "closed_at"),
    )


@admin.register(models.Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Decisions, newest first."""

    section, rank = "Reviews", 2
    list_display = ("id", "promotion", "actor", "verdict", "comment", "created_at")
    list_filter = ("verdict", "promotion__target_stage", PeriodFilter, "promotion__registered_model__team")
    searches = (by_person("actor"), by_model("promotion__registered_model"))
    search_help_text = "Who decided, or model"
    list_select_related = ("promotion__version__registered_model", "actor")
    export_columns = (
        *("id", "promotion_id", "promotion", "round_id", "actor", "verdict", "comment", "groups", "evidence_digest"),
        *("signature_id", "created_at"),
    )


@admin.register(models.Signature)
class SignatureAdmin(ReadOnlyAdmin):
    """Signatures, newest first."""

    section, rank = "Reviews", 3
    list_display = ("id", "printed_name", "meaning", "method", "signed_at")
    searches = (by_person("signer"),)
    search_help_text = "Who signed"
    list_filter = (period("signed_at"),)
    export_columns = (
        *("id", "signer_id", "printed_name", "meaning", "method", "subject_digest", "authenticated_at", "signed_at"),
    )


@admin.register(models.CheckRun)
class CheckRunAdmin(ReadOnlyAdmin):
    """Results of checks, newest first."""

    section, rank = "Reviews", 4
    list_display = ("id", "promotion", "name", "kind", "status", "summary", "reported_by", "created_at")
    list_filter = (KindFilter, "status", PeriodFilter)
    searches = (by_model("promotion__registered_model"), by_person("reported_by"))
    search_help_text = "Model or who reported"
    list_select_related = ("promotion__version__registered_model", "reported_by")
    export_columns = (
        *("id", "promotion_id", "promotion", "name", "kind", "status", "summary", "url", "evidence_digest"),
        *("reported_by", "created_at"),
    )


@admin.register(models.AttachedEvidence)
class AttachedEvidenceAdmin(ReadOnlyAdmin):
    """Reports and notes on sealed versions, newest first."""

    section, rank, has_page = "Reviews", 5, True
    list_display = ("id", "version", "kind", "title", "author", "created_at", "valid_until")
    list_filter = (PeriodFilter,)
    searches = (by_model("version__registered_model"), by_version("version"), by_person("author"))
    search_help_text = "Model, model and version, or author"
    list_select_related = ("version__registered_model", "author")


@admin.register(models.Round)
class RoundAdmin(ReadOnlyAdmin):
    """Rounds with the evidence of each."""

    list_display = ("promotion", "number", "evidence_digest", "opened_at")
    list_select_related = ("promotion__version__registered_model",)
    searches = (by_model("promotion__registered_model"),)
    search_help_text = "Model"


@admin.register(models.Evaluation)
class EvaluationAdmin(ReadOnlyAdmin):
    """How promotions stood whenever their state changed."""

    list_display = ("id", "promotion", "state", "created_at")
    list_filter = ("state",)
    list_select_related = ("promotion__version__registered_model",)


@admin.register(models.Thread)
class ThreadAdmin(ReadOnlyAdmin):
    """Threads about promotions, newest first."""

    section, rank = "Reviews", 6
    list_display = ("id", "promotion", "opened_by", "created_at")
    list_select_related = ("promotion__version__registered_model", "opened_by")
    searches = (by_model("promotion__registered_model"), by_person("opened_by"))
    search_help_text = "Model or who opened it"


@admin.register(models.Comment)
class CommentAdmin(ReadOnlyAdmin):
    """What was said in threads, newest first."""

    section, rank = "Reviews", 7
    list_display = ("id", "thread", "kind", "author", "created_at")
    list_filter = ("kind", PeriodFilter)
    list_select_related = ("thread__promotion__version__registered_model", "author")
    searches = (by_model("thread__promotion__registered_model"), by_person("author"))
    search_help_text = "Model or author"
