"""Teams in the admin, with who has which role there."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join

from apps.accounts import actions, grants
from apps.accounts.admin.forms import NewTeamForm, RoleForm
from apps.accounts.admin.people import ManagedByAdministrators
from apps.accounts.models import Team
from apps.core.admin.tables import CreatingAdmin


@admin.register(Team)
class TeamAdmin(ManagedByAdministrators, CreatingAdmin):
    """Teams."""

    section, rank = "People", 2
    list_display = ("slug", "name", "created_at")
    ordering = ("slug",)
    search_fields = ("slug", "name")
    search_help_text = "Slug or name"
    fields = ("slug", "name", "description", "created_at", "members")
    create_form = NewTeamForm
    actions = ("give_role", "take_role")

    @admin.display(description="members")
    def members(self, team: Team) -> str:
        """Return everybody with a role on the team."""
        found = [(user, ", ".join(roles)) for user, roles in grants.grants_on(team)]
        rows = [(reverse("admin:accounts_user_change", args=[user.pk]), user, roles) for user, roles in found]
        return format_html_join("\n", '<a href="{}">{}</a>, {}', rows)

    def links(self, request: HttpRequest, row: Team) -> list[tuple[str, str]]:
        """Offer who can do what there, and giving a role."""
        query = f"?team={row.slug}"
        found = [("Who can do what here?", reverse("admin:accounts_access") + query)]
        if self.has_administer_permission(request):
            found.append(("Give or take a role", reverse("admin:accounts_roles") + query))
        return [*found, *super().links(request, row)]

    def make(self, request: HttpRequest, given: dict[str, Any]) -> Team:
        """Create a team."""
        return actions.create_team(**given, actor=request.user)  # type: ignore[arg-type]

    @admin.action(description="Give a role", permissions=["administer"])
    def give_role(self, request: HttpRequest, rows: QuerySet[Team]) -> HttpResponse | None:
        """Give somebody a role on the chosen teams."""

        def act(team: Team, given: dict[str, Any]) -> None:
            actions.give_role(given["user"], given["role"], team, actor=request.user)  # type: ignore[arg-type]

        return self.confirmed(request, rows, act, title="Give role", form_class=RoleForm)

    @admin.action(description="Take a role", permissions=["administer"])
    def take_role(self, request: HttpRequest, rows: QuerySet[Team]) -> HttpResponse | None:
        """Take somebody's role on the chosen teams back."""

        def act(team: Team, given: dict[str, Any]) -> None:
            actions.take_role(given["user"], given["role"], team, actor=request.user)  # type: ignore[arg-type]

        return self.confirmed(request, rows, act, title="Take role", form_class=RoleForm)
