"""Tokens, single grants and stored answers in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from apps.accounts import actions
from apps.accounts.admin.people import ManagedByAdministrators
from apps.accounts.admin.searches import by_person
from apps.accounts.models import ApiToken, IdempotentAnswer, TeamGroupObjectPermission, TeamUserObjectPermission
from apps.core.admin.tables import ReadOnlyAdmin


@admin.register(ApiToken)
class ApiTokenAdmin(ManagedByAdministrators, ReadOnlyAdmin):
    """Tokens without their digests."""

    section, rank, label = "People", 5, "API tokens"
    list_display = ("prefix", "name", "user", "scopes", "expires_at", "revoked_at", "last_used_at")
    list_filter = ("expires_at", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("prefix", "name", "user__username")
    search_help_text = "Prefix, name or holder"
    fields = ("prefix", "name", "user", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at")
    actions = ("revoke",)

    @admin.action(description="Revoke", permissions=["administer"])
    def revoke(self, request: HttpRequest, rows: QuerySet[ApiToken]) -> HttpResponse | None:
        """End tokens at once."""

        def act(token: ApiToken, given: dict[str, Any]) -> None:
            actions.revoke_token(token, actor=request.user)  # type: ignore[arg-type]

        after = "Programs that use them are refused from now on. This cannot be undone; make new tokens instead."
        return self.confirmed(request, rows, act, title="Revoke", consequence=after)


@admin.register(TeamUserObjectPermission)
class GrantAdmin(ReadOnlyAdmin):
    """Single permissions on teams, out of which roles are made."""

    label = "Permissions on teams"
    list_display = ("content_object", "permission", "user")
    list_filter = ("content_object",)
    searches = (by_person("user"),)
    search_help_text = "User name or name"
    list_select_related = ("content_object", "permission__content_type", "user")


@admin.register(TeamGroupObjectPermission)
class GroupGrantAdmin(ReadOnlyAdmin):
    """Single permissions of groups; there are none."""

    label = "Permissions of groups"
    list_display = ("content_object", "permission", "group")
    list_select_related = ("content_object", "permission__content_type", "group")


@admin.register(IdempotentAnswer)
class IdempotentAnswerAdmin(ReadOnlyAdmin):
    """Stored answers, without what they said."""

    label = "Answers kept for repeats"
    list_display = ("created_at", "user", "method", "path", "status")
    list_select_related = ("user",)
    searches = (by_person("user"),)
    search_help_text = "User name or name"
    fields = ("user", "key", "method", "path", "status", "created_at")
