"""Notifications in the admin: to read, and to disable, enable and repeat by the domain's actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from apps.core.admin.periods import PeriodFilter, period
from apps.core.admin.searching import exactly
from apps.core.admin.tables import ReadOnlyAdmin
from apps.notifications import actions, policies
from apps.notifications.models import (
    Attempt,
    Delivery,
    Digest,
    DigestLine,
    Email,
    Endpoint,
    EndpointSecret,
    Notice,
    Preference,
)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(max_length=200)


class KeptByOfficers:
    """For acts that those who keep the organisation's webhooks are offered; the domain asks again for each webhook."""

    def has_keep_permission(self, request: HttpRequest) -> bool:
        """Ask the policy; Django hides the acts from everybody else."""
        return bool(policies.can_create(request.user, None))  # type: ignore[arg-type]


@admin.register(Endpoint)
class EndpointAdmin(KeptByOfficers, ReadOnlyAdmin):
    """Webhooks, without their secrets."""

    section, rank, label, has_page = "Webhooks", 1, "Endpoints", True
    empty = "Nobody is told of events yet. Add a webhook, and each event is posted to it, signed."
    list_display = ("name", "host", "team", "enabled", "disabled_reason", "created_by", "created_at")
    list_filter = ("enabled", "team")
    list_select_related = ("team", "created_by")
    ordering = ("name", "pk")
    search_fields = ("name", "team__slug")
    search_help_text = "Name or team"
    fields = ("name", "host", "team", "event_types", "enabled", "disabled_reason", "created_by", "created_at")
    actions = ("disable", "enable", "rotate_secret")

    def places(self, request: HttpRequest) -> list[tuple[int, str, str]]:
        """Offer adding a webhook where its address is tried before it is kept."""
        return [(2, "Add a webhook", "webhooks:add")] if self.has_keep_permission(request) else []

    def senseless_for(self, row: Endpoint) -> frozenset[str]:
        """Disable what is enabled, enable what is not."""
        return frozenset({"enable" if row.enabled else "disable"})

    @admin.action(description="Disable", permissions=["keep"])
    def disable(self, request: HttpRequest, endpoints: QuerySet[Endpoint]) -> HttpResponse | None:
        """Disable the chosen webhooks for a reason."""

        def act(endpoint: Endpoint, given: dict[str, Any]) -> Endpoint:
            return actions.disable_endpoint(endpoint, given["reason"], actor=request.user)  # type: ignore[arg-type]

        after = "Nothing more is sent there; what was waiting is cancelled and can be repeated one by one."
        return self.confirmed(
            request, endpoints, act, title="Disable webhooks", form_class=ReasonForm, consequence=after
        )

    @admin.action(description="Enable", permissions=["keep"])
    def enable(self, request: HttpRequest, endpoints: QuerySet[Endpoint]) -> HttpResponse | None:
        """Enable the chosen webhooks."""

        def act(endpoint: Endpoint, given: dict[str, Any]) -> Endpoint:
            return actions.enable_endpoint(endpoint, actor=request.user)  # type: ignore[arg-type]

        after = "Events are sent there again, those from now on."
        return self.confirmed(request, endpoints, act, title="Enable webhooks", consequence=after)

    @admin.action(description="Rotate the secret", permissions=["keep"])
    def rotate_secret(self, request: HttpRequest, endpoints: QuerySet[Endpoint]) -> HttpResponse | None:
        """Give one webhook a new secret, and show it this once."""
        shown: list[str] = []
        if len(endpoints) != 1:
            self.message_user(request, "Choose one webhook: each secret is shown only once.", messages.ERROR)
            return None

        def act(endpoint: Endpoint, given: dict[str, Any]) -> None:
            shown.append(actions.rotate_secret(endpoint, actor=request.user))  # type: ignore[arg-type]

        after = "The new secret is shown once. For a day the one before signs as well; earlier ones no longer."
        asked = self.confirmed(request, endpoints, act, title="Rotate the secret", consequence=after)
        if not shown:
            return asked
        said = {"secret": shown[0], "endpoint": endpoints[0]}
        return self.page(request, "The new secret", None, "admin/notifications/secret.html", **said)


@admin.register(EndpointSecret)
class EndpointSecretAdmin(ReadOnlyAdmin):
    """Which secrets sign until when; never what they are."""

    list_display = ("endpoint", "created_at", "expires_at")
    list_select_related = ("endpoint",)
    fields = ("endpoint", "created_at", "expires_at")


@admin.register(Delivery)
class DeliveryAdmin(KeptByOfficers, ReadOnlyAdmin):
    """Deliveries, newest first."""

    section, rank, has_page = "Webhooks", 3, True
    list_display = ("what", "endpoint", "state", "attempts", "next_at", "sent_at", "problem")
    list_filter = ("state", "endpoint", PeriodFilter)
    list_select_related = ("endpoint", "event__personal")
    searches = (exactly("message_id"),)
    search_help_text = "Message id"
    actions = ("redeliver",)

    @admin.display(description="event")
    def what(self, delivery: Delivery) -> str:
        """Return the act that is told of."""
        return delivery.event.sentence

    @admin.action(description="Repeat", permissions=["keep"])
    def redeliver(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> HttpResponse | None:
        """Send the chosen deliveries again."""

        def act(delivery: Delivery, given: dict[str, Any]) -> Delivery:
            return actions.redeliver(delivery, actor=request.user)  # type: ignore[arg-type]

        return self.confirmed(request, deliveries, act, title="Repeat deliveries")


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    """Attempts, with the beginning of what was answered."""

    section, rank = "Webhooks", 4
    list_display = ("delivery", "number", "at", "status_code", "error", "milliseconds", "excerpt")
    list_filter = (("error", admin.EmptyFieldListFilter), period("at"))
    list_select_related = ("delivery",)


@admin.register(Email)
class EmailAdmin(ReadOnlyAdmin):
    """E-mails, newest first."""

    list_display = ("user", "event", "state", "attempts", "next_at", "sent_at", "problem")
    list_filter = ("state",)
    list_select_related = ("user", "event")


@admin.register(Digest)
class DigestAdmin(ReadOnlyAdmin):
    """Digests, newest first."""

    list_display = ("id", "user", "state", "attempts", "next_at", "sent_at", "problem")
    list_filter = ("state",)
    list_select_related = ("user",)


@admin.register(DigestLine)
class DigestLineAdmin(ReadOnlyAdmin):
    """What digests tell of, newest first."""

    list_display = ("digest", "event")
    list_select_related = ("digest", "event")


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """Notices, newest first."""

    list_display = ("user", "event", "created_at", "read_at")
    list_select_related = ("user", "event")


@admin.register(Preference)
class PreferenceAdmin(ReadOnlyAdmin):
    """Who is told in which ways."""

    list_display = ("user", "in_app", "email")
    list_select_related = ("user",)
