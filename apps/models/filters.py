"""The filters of lists, shared by portal and API."""

from __future__ import annotations

import re
from typing import Any

import django_filters
from django import forms
from django.db.models import FloatField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from drf_spectacular.utils import extend_schema_field

from apps.models.models import ModelVersion, RegisteredModel, StageAssignment
from apps.models.querylanguage import ACCEPTED, Query, parse
from apps.models.querysets import ModelVersionQuerySet, RegisteredModelQuerySet
from apps.models.states import RiskTier, Stage, VersionState, Visibility

METRIC = re.compile(r"^(?P<name>.{1,100}?)(?P<sign><=|>=|<|>|=)(?P<value>-?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,3})?)$")
LOOKUPS = {"<=": "lte", ">=": "gte", "<": "lt", ">": "gt", "=": "exact"}


class SearchField(forms.CharField):
    """A search as the query language has it."""

    def clean(self, value: Any) -> Query | None:
        """Return the parsed search; raises ValidationError with what would be accepted."""
        text = super().clean(value)
        query = parse(text)
        if query.mistakes:
            # Given as a parameter: the text somebody searched for may hold a per cent sign.
            said = {"mistakes": " ".join(query.mistakes)}
            raise forms.ValidationError("%(mistakes)s", code="invalid_query", params=said)
        return query if text else None


class SearchFilter(django_filters.CharFilter):
    """Models that a search asks for."""

    field_class = SearchField

    def filter(self, qs: Any, value: Query | None) -> Any:
        """Return the models found."""
        return qs if value is None else qs.matching(value)


class RegisteredModelFilter(django_filters.FilterSet):
    """Registered models by words, owner, tier, tag and the stage one of their versions is in."""

    q = SearchFilter(label="Search", help_text=f"What to look for: {ACCEPTED}.")
    name = django_filters.CharFilter(label="Name")
    team = django_filters.CharFilter(field_name="team__slug", label="Team")
    risk_tier = django_filters.MultipleChoiceFilter(choices=RiskTier.choices, label="Risk tier")
    visibility = django_filters.ChoiceFilter(choices=Visibility.choices, label="Visibility")
    tag = django_filters.CharFilter(field_name="tags", lookup_expr="contains", method="tagged", label="Tag")
    stage = django_filters.ChoiceFilter(
        choices=Stage.choices, method="in_stage", label="Stage", help_text="A version is in this stage now."
    )

    class Meta:
        model = RegisteredModel
        fields: tuple[str, ...] = ()

    def tagged(self, queryset: RegisteredModelQuerySet, name: str, value: str) -> RegisteredModelQuerySet:
        """Return models with the tag."""
        return queryset.filter(tags__contains=[value])

    def in_stage(self, queryset: RegisteredModelQuerySet, name: str, value: str) -> RegisteredModelQuerySet:
        """Return models one of whose versions is in the stage now."""
        return queryset.filter(
            pk__in=StageAssignment.objects.current().filter(stage=value).values("registered_model_id")
        )


class MetricField(forms.CharField):
    """A condition on one metric, such as `auc>=0.9`."""

    def clean(self, value: Any) -> re.Match[str] | None:
        """Return the parsed condition; raises ValidationError with an example."""
        text = super().clean(value)
        if not text:
            return None
        if (found := METRIC.match(text)) is None:
            message = "Write a metric, a comparison and a number, such as auc>=0.9."
            raise forms.ValidationError(message, code="invalid_metric")
        return found


@extend_schema_field(str)
class MetricFilter(django_filters.Filter):
    """Versions whose metric meets a condition."""

    field_class = MetricField

    def filter(self, qs: Any, value: re.Match[str] | None) -> Any:
        """Return the versions that meet the condition; the name is data, never part of a look-up."""
        if value is None:
            return qs
        measured = qs.annotate(measured=Cast(KeyTextTransform(value["name"], "metrics"), FloatField()))
        match LOOKUPS[value["sign"]]:
            case "lte":
                return measured.filter(measured__lte=float(value["value"]))
            case "gte":
                return measured.filter(measured__gte=float(value["value"]))
            case "lt":
                return measured.filter(measured__lt=float(value["value"]))
            case "gt":
                return measured.filter(measured__gt=float(value["value"]))
            case _:
                return measured.filter(measured=float(value["value"]))


class ModelVersionFilter(django_filters.FilterSet):
    """Versions by state, stage, manifest and a metric."""

    state = django_filters.ChoiceFilter(choices=VersionState.choices, label="State")
    stage = django_filters.ChoiceFilter(choices=Stage.choices, method="in_stage", label="Stage")
    manifest_digest = django_filters.CharFilter(label="Manifest digest")
    metric = MetricFilter(label="Metric", help_text="A condition such as `auc>=0.9`.")

    class Meta:
        model = ModelVersion
        fields: tuple[str, ...] = ()

    def in_stage(self, queryset: ModelVersionQuerySet, name: str, value: str) -> ModelVersionQuerySet:
        """Return versions that are in the stage now."""
        return queryset.in_stage(value)


class InventoryFilter(django_filters.FilterSet):
    """The inventory by stage, tier and team."""

    stage = django_filters.MultipleChoiceFilter(choices=Stage.choices, label="Stage")
    risk_tier = django_filters.MultipleChoiceFilter(
        field_name="registered_model__risk_tier", choices=RiskTier.choices, label="Risk tier"
    )
    team = django_filters.CharFilter(field_name="registered_model__team__slug", label="Team")
    model = django_filters.CharFilter(field_name="registered_model__name", label="Model")

    class Meta:
        model = StageAssignment
        fields: tuple[str, ...] = ()
