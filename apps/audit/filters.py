"""One filter of the log, shared by portal and API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from apps.audit import scopes, selectors
from apps.audit.models import Event
from apps.audit.querysets import EventQuerySet
from apps.audit.search import only_leaves_out
from apps.core.instants import InstantField

LARGEST = 2**63 - 1


@extend_schema_field(OpenApiTypes.INT64)
class IndexFilter(django_filters.Filter):
    """A leaf index."""

    field_class = forms.IntegerField

    def __init__(self, *, lookup_expr: str, label: str) -> None:
        super().__init__("leaf__leaf_index", lookup_expr, label=label, min_value=0, max_value=LARGEST)


class InstantFilter(django_filters.IsoDateTimeFilter):
    """A time as the API's document describes it."""

    field_class = InstantField


class WordsField(forms.CharField):
    """Words and phrases to look for, at least one."""

    default_error_messages = {"only_left_out": "Write a word to look for beside what is to be left out."}

    def validate(self, value: str) -> None:
        """Refuse what would have nearly the whole log read."""
        super().validate(value)
        if only_leaves_out(value):
            raise forms.ValidationError(self.error_messages["only_left_out"], code="only_left_out")


class WordsFilter(django_filters.CharFilter):
    """Words in the body of an event."""

    field_class = WordsField


class EventFilter(django_filters.FilterSet):
    """Every condition narrows; several types separated by commas widen."""

    type = django_filters.CharFilter(method="by_type", label="Types or their beginnings: models.version,approvals")
    actor = django_filters.CharFilter(method="by_actor", label="User name or pseudonym of who acted")
    subject_type = django_filters.CharFilter(label="Kind of subject: model, version, promotion, team, user")
    subject_id = django_filters.CharFilter(label="Id of the subject")
    scope = django_filters.CharFilter(method="by_scope", label="Scope, such as team:3")
    model = django_filters.CharFilter(method="by_name", label="Name of a registered model")
    team = django_filters.CharFilter(method="by_name", label="Slug of a team")
    since = InstantFilter(method="by_since", label="Recorded at or after this time")
    until = InstantFilter(method="by_until", label="Recorded at or before this time")
    after = IndexFilter(lookup_expr="gt", label="Behind this index in the log")
    before = IndexFilter(lookup_expr="lt", label="Before this index in the log")
    text = WordsFilter(method="by_text", label="Words in the event")

    class Meta:
        model = Event
        fields: tuple[str, ...] = ()

    def by_type(self, events: EventQuerySet, name: str, value: str) -> EventQuerySet:
        """Keep the events of any of the types."""
        condition = Q(pk__in=[])
        for prefix in filter(None, (part.strip() for part in value.split(","))):
            condition |= Q(type=prefix) | Q(type__startswith=f"{prefix.rstrip('.')}.")
        return events.filter(condition)

    def by_actor(self, events: EventQuerySet, name: str, value: str) -> EventQuerySet:
        """Keep what one actor did."""
        return events.filter(actor=selectors.urn_of(value))

    def by_scope(self, events: EventQuerySet, name: str, value: str) -> EventQuerySet:
        """Keep the events of one scope."""
        return events.within(value)

    def by_name(self, events: EventQuerySet, name: str, value: str) -> EventQuerySet:
        """Keep the events of one model or team, whatever they are about there."""
        return events.within(scopes.named(name, value))

    def by_since(self, events: EventQuerySet, name: str, value: datetime) -> EventQuerySet:
        """Keep what was recorded at or after a time."""
        return events.recorded_between(since=value)

    def by_until(self, events: EventQuerySet, name: str, value: datetime) -> EventQuerySet:
        """Keep what was recorded at or before a time."""
        return events.recorded_between(until=value)

    def by_text(self, events: EventQuerySet, name: str, value: Any) -> EventQuerySet:
        """Keep events that hold the words."""
        return events.containing(value)
