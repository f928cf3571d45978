"""Metadata standards in the admin: tried on metadata and on production before they are set."""

from __future__ import annotations

import json
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from apps.accounts.models import User
from apps.core.admin.tables import CreatingAdmin
from apps.core.errors import NotFound, PortalError
from apps.models import actions, policies, selectors, standard_trial
from apps.models.models import MetadataStandard, RegisteredModel
from apps.models.standards import schema_errors
from apps.models.states import RiskTier, Stage

START = {
    "type": "object",
    "required": ["intended_use"],
    "properties": {"intended_use": {"type": "string", "minLength": 20}},
}
CHECKED_AT = [("", "At registration"), *((value, f"For {label.lower()}") for value, label in Stage.choices)]


class PrettyJSON(forms.JSONField):
    """JSON that is shown with one thing a line."""

    def __init__(self, rows: int, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows, "spellcheck": "false"}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Return what was typed as it was, anything else with indents."""
        return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


class StandardForm(forms.Form):
    """A metadata standard, and what to try it on."""

    use_required_attribute = False
    risk_tier = forms.ChoiceField(choices=RiskTier.choices, label="Models of tier")
    stage = forms.ChoiceField(choices=CHECKED_AT, required=False, label="Checked")
    schema = PrettyJSON(18, label="JSON Schema", help_text="Draft 2020-12; references stay within the schema.")
    model = forms.CharField(max_length=100, required=False, label="Metadata of a version of this model")
    version = forms.CharField(
        max_length=100, required=False, help_text="1.4.0, a number or @alias; empty: the one in production."
    )
    metadata = PrettyJSON(8, required=False, label="Or these metadata", initial={})

    def clean_schema(self) -> Any:
        """Show what the domain finds wrong with the schema beside it."""
        schema = self.cleaned_data["schema"]
        for wrong in schema_errors(schema):
            self.add_error("schema", f"{wrong.field}: {wrong.message}")
        return schema


@admin.register(MetadataStandard)
class MetadataStandardAdmin(CreatingAdmin):
    """Metadata standards: compliance officers set new ones, old ones stay; the newest of a tier and stage holds."""

    section, rank = "Rules", 3
    list_display = ("__str__", "risk_tier", "stage", "number", "set_by", "set_at")
    list_filter = ("risk_tier", "stage")
    list_select_related = ("set_by",)
    ordering = ("risk_tier", "stage", "-number")
    export_columns = ("risk_tier", "stage", "number", "set_by", "set_at", "schema")
    fields = ("risk_tier", "stage", "number", "set_by", "set_at", "written")

    @admin.display(description="JSON Schema")
    def written(self, standard: MetadataStandard) -> str:
        """Return the schema with one thing a line."""
        return format_html("<pre>{}</pre>", json.dumps(standard.schema, indent=2, ensure_ascii=False))

    def may_create(self, request: HttpRequest) -> bool:
        """Ask the policy."""
        return bool(policies.can_set_standard(cast(User, request.user)))

    def make(self, request: HttpRequest, given: dict[str, Any]) -> MetadataStandard:
        """Set the standard."""
        wanted = {name: given[name] for name in ("risk_tier", "stage", "schema")}
        return actions.set_standard(actor=cast(User, request.user), **wanted)

    def links(self, request: HttpRequest, row: MetadataStandard) -> list[tuple[str, str]]:
        """Offer writing the next version, or asking for nothing any more."""
        add = f"{reverse('admin:models_metadatastandard_add')}?from={row.pk}"
        found = [("Write the next version, or try it", add), ("Withdraw", f"{add}&withdraw=1")]
        return [*(found if self.may_create(request) else []), *super().links(request, row)]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the form; try the standard, or set it."""
        if not self.may_create(request):
            raise PermissionDenied
        trying = request.POST.get("step") == "try"
        form = StandardForm(request.POST if request.method == "POST" else None, initial=self._first(request))
        if request.method == "POST" and form.is_valid() and not trying and self._created(request, form):
            return redirect("admin:models_metadatastandard_changelist")
        shown = self._tried(request, form) if trying and form.is_valid() else {}
        return self.page(request, "Set a metadata standard", form, "admin/models/standard.html", **shown)

    def _first(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the form begins with: an earlier standard where one is named."""
        given = request.GET.get("from", "")
        rows = MetadataStandard.objects.filter(pk=int(given) if given.isascii() and given.isdigit() else 0)
        found = rows.values("risk_tier", "stage", "schema").first()
        return {**(found or {"schema": START}), **({"schema": {}} if "withdraw" in request.GET else {})}

    def _tried(self, request: HttpRequest, form: StandardForm) -> dict[str, Any]:
        """Return what trying found: on the metadata given, and on the versions in production."""
        given = form.cleaned_data
        shown: dict[str, Any] = {"shortfall": standard_trial.shortfall(given["schema"], given["risk_tier"])}
        try:
            metadata = self._metadata(request, given)
        except PortalError as error:
            form.add_error("model", error.detail)
            return shown
        if metadata is None:
            return shown
        return {**shown, "tried_on": metadata, "wrong": standard_trial.trial(given["schema"], metadata), "tried": True}

    def _metadata(self, request: HttpRequest, given: dict[str, Any]) -> Any:
        if not given["model"]:
            return given["metadata"]
        visible = RegisteredModel.objects.visible_to(cast(User, request.user))
        model = visible.named(given["model"]).first()
        if model is None:
            raise NotFound("There is no model of this name.")
        return selectors.resolve_version(model, given["version"] or f"@{selectors.LATEST_PRODUCTION}").metadata
