"""Filters of deliveries and inboxes, shared by portal and API."""

from __future__ import annotations

import django_filters

from apps.notifications.models import Delivery, Notice
from apps.notifications.querysets import DeliveryQuerySet
from apps.notifications.states import Kind, Sending


class DeliveryFilter(django_filters.FilterSet):
    """Deliveries of an endpoint."""

    state = django_filters.ChoiceFilter(choices=Sending.choices)
    event_type = django_filters.CharFilter(method="by_type", label="Event type or its beginning")

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = ()

    def by_type(self, deliveries: DeliveryQuerySet, name: str, value: str) -> DeliveryQuerySet:
        """Keep deliveries of events whose type begins so."""
        return deliveries.filter(event__type__startswith=value)


class NoticeFilter(django_filters.FilterSet):
    """Notices of an inbox."""

    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    unread = django_filters.BooleanFilter("read_at", "isnull", label="Only those not read, or only those read")

    class Meta:
        model = Notice
        fields: tuple[str, ...] = ()
