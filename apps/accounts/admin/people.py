"""People in the admin: their accounts, their roles, and what they can do through which grant."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.accounts import access, actions, grants, policies
from apps.accounts.admin.forms import (
    AccessForm,
    AnyRoleForm,
    InstanceRoleForm,
    NewProgramForm,
    NewUserForm,
    OwnerForm,
    ReasonForm,
)
from apps.accounts.models import User
from apps.accounts.roles import InstanceRole
from apps.core.admin.tables import CreatingAdmin, refuse
from apps.core.errors import PortalError


class ManagedByAdministrators:
    """For pages whose acts are the administrators' alone."""

    def has_administer_permission(self, request: HttpRequest) -> bool:
        """Ask the policy, once for a page; Django hides the acts from everybody else, and actions ask again."""
        asked: Any = request
        if not hasattr(asked, "administers"):
            asked.administers = bool(policies.can_manage_accounts(asked.user))
        return bool(asked.administers)

    def may_create(self, request: HttpRequest) -> bool:
        """As above."""
        return self.has_administer_permission(request)


class KindFilter(admin.SimpleListFilter):
    """People, or programs."""

    title, parameter_name = "kind", "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the two kinds."""
        return [("people", "People"), ("programs", "Programs")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Keep one kind."""
        found: Any = queryset
        if self.value() is None:
            return queryset
        kept: QuerySet[User] = found.people() if self.value() == "people" else found.service_accounts()
        return kept


class RoleFilter(admin.SimpleListFilter):
    """Holders of one role over the portal."""

    title, parameter_name = "role over the portal", "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the roles."""
        return [(str(value), str(label)) for value, label in InstanceRole.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Keep the holders of one."""
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class UserAdmin(ManagedByAdministrators, CreatingAdmin):
    """People and service accounts."""

    section, rank = "People", 1
    list_display = ("username", "name", "email", "roles", "owner", "is_active", "last_login")
    list_filter = ("is_active", KindFilter, RoleFilter, "is_superuser")
    list_select_related = ("owner",)
    ordering = ("username",)
    search_fields = ("username", "name", "email")
    search_help_text = "User name, name or e-mail"
    fields = (
        *("username", "name", "email", "owner", "roles", "is_active", "is_staff", "is_superuser"),
        *("pseudonym", "date_joined", "last_login"),
    )
    create_form = NewUserForm
    actions = (
        *("deactivate", "reactivate", "hand_over"),
        *("give_instance_role", "take_instance_role"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return everybody with their groups."""
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="roles over the portal")
    def roles(self, user: User) -> str:
        """Return the roles over the whole portal."""
        return ", ".join(sorted(group.name.replace("_", " ") for group in user.groups.all()))

    def places(self, request: HttpRequest) -> list[tuple[int, str, str]]:
        """Offer the questions and acts that concern people and objects alike."""
        asks = [(3, "Who can do what", "admin:accounts_access")]
        acts = [
            (4, "Give or take a role", "admin:accounts_roles"),
            (6, "Add a service account", "admin:accounts_program_add"),
        ]
        return asks + (acts if self.has_administer_permission(request) else [])

    def get_pages(self) -> list[Any]:
        """Add who can do what, and giving and taking roles."""
        return [
            ("access/", self.access_view, "access"),
            ("roles/", self.roles_view, "roles"),
            ("service-accounts/add/", self.program_view, "program_add"),
            *super().get_pages(),
        ]

    def links(self, request: HttpRequest, row: User) -> list[tuple[str, str]]:
        """Offer what an account can do, and giving and taking roles."""
        query = f"?{urlencode({'person': row.username})}"
        found = [("What can they do?", reverse("admin:accounts_access") + query)]
        if self.has_administer_permission(request):
            found.append(("Give or take a role", reverse("admin:accounts_roles") + query))
        return [
            *found,
            ("Open in the portal", reverse("portal:person", args=[row.username])),
            *super().links(request, row),
        ]

    def senseless_for(self, row: User) -> frozenset[str]:
        """Deactivate who is active, reactivate who is not; programs have an owner, people have roles."""
        done = {"reactivate" if row.is_active else "deactivate"}
        theirs = {"give_instance_role", "take_instance_role"} if row.owner_id else {"hand_over"}
        return frozenset(done | theirs)

    def make(self, request: HttpRequest, given: dict[str, Any]) -> User:
        """Create a person."""
        password = given.pop("password") or None
        return actions.create_user(**given, password=password, actor=request.user)  # type: ignore[arg-type]

    def access_view(self, request: HttpRequest) -> HttpResponse:
        """Show what a person can do anywhere, or who can do what on a team or model, each with its grant."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = AccessForm(request.GET or None)
        given = form.cleaned_data if form.is_valid() else {}
        reader: Any = request.user
        person = User.objects.filter(username__iexact=given.get("person", "") or "\n").select_related("owner").first()
        target = given.get("team") or grants.find("model", given.get("model", "") or "\n", reader)
        theirs = access.of_person(person, reader) if person else None
        there = access.of_object(target) if target and not person else None
        shown: dict[str, Any] = {"person": theirs, "target": there, "asked": any(given.values())}
        shown["may_take"] = self.has_administer_permission(request)
        return self.page(request, "Who can do what", form, "admin/accounts/access.html", **shown)

    def roles_view(self, request: HttpRequest) -> HttpResponse:
        """Give or take one role anywhere: on a team, on a model, over the portal."""
        if not self.has_administer_permission(request):
            raise PermissionDenied
        actor: Any = request.user
        asked = {name: request.GET.get(name, "") for name in ("team", "model", "role")}
        act = "take" if request.GET.get("act") == "take" else "give"
        first = {**asked, "username": request.GET.get("person", ""), "act": act}
        form = AnyRoleForm(request.POST or None, actor=actor, initial=first)
        if form.is_valid() and self._role_changed(request, form):
            query = f"?person={form.cleaned_data['username'].username}"
            return redirect(reverse("admin:accounts_access") + query)
        return self.page(request, "Give or take a role", form, button="Go on")

    def program_view(self, request: HttpRequest) -> HttpResponse:
        """Create a service account of anybody."""
        if not self.has_administer_permission(request):
            raise PermissionDenied
        form = NewProgramForm(request.POST or None)
        if form.is_valid():
            try:
                made = actions.create_service_account(**form.cleaned_data, actor=request.user)  # type: ignore[arg-type]
            except PortalError as error:
                refuse(form, error)
            else:
                self.message_user(request, f"{made} is created; give it a role, and its owner makes its tokens.")
                return redirect("admin:accounts_user_change", made.pk)
        return self.page(request, "Add a service account", form, back=reverse("admin:accounts_user_changelist"))

    def _role_changed(self, request: HttpRequest, form: AnyRoleForm) -> bool:
        given, actor = form.cleaned_data, form.actor
        user, role, target, act = given["username"], given["role"], given["target"], given["act"]
        try:
            if target is None:
                {"give": actions.give_instance_role, "take": actions.take_instance_role}[act](user, role, actor=actor)
            else:
                {"give": actions.give_role, "take": actions.take_role}[act](user, role, target, actor=actor)
        except PortalError as error:
            refuse(form, error)
            return False
        where = access.named(target) if target is not None else "the portal"
        said = "is now" if act == "give" else "is no longer"
        self.message_user(request, f"{user} {said} {role.replace('_', ' ')} of {where}.", messages.SUCCESS)
        return True

    @admin.action(description="Deactivate", permissions=["administer"])
    def deactivate(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        """End accounts."""

        def act(user: User, given: dict[str, Any]) -> None:
            actions.deactivate_user(user, reason=given["reason"], actor=request.user)  # type: ignore[arg-type]

        after = (
            "They cannot sign in, their tokens and those of their programs stop working, and their approvals of open "
            "promotions no longer count. What they did stays in the log. You can bring them back."
        )
        return self.confirmed(request, rows, act, title="Deactivate", form_class=ReasonForm, consequence=after)

    @admin.action(description="Reactivate", permissions=["administer"])
    def reactivate(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        """Bring accounts back; people choose a new password through the mail that they ask for."""

        def act(user: User, given: dict[str, Any]) -> None:
            actions.reactivate_user(user, actor=request.user)  # type: ignore[arg-type]

        after = "They choose a new password through the mail that they ask for on the sign-in page; roles hold again."
        return self.confirmed(request, rows, act, title="Reactivate", consequence=after)

    @admin.action(description="Hand over", permissions=["administer"])
    def hand_over(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        """Give service accounts another owner."""

        def act(account: User, given: dict[str, Any]) -> None:
            actions.hand_over_service_account(account, given["owner"], actor=request.user)  # type: ignore[arg-type]

        after = "The new owner answers for what the program does. Its roles stay, and its tokens go on working."
        return self.confirmed(request, rows, act, title="Hand over", form_class=OwnerForm, consequence=after)

    @admin.action(description="Give a role over the portal", permissions=["administer"])
    def give_instance_role(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        """Make people administrators, auditors or compliance officers."""

        def act(user: User, given: dict[str, Any]) -> None:
            actions.give_instance_role(user, given["role"], actor=request.user)  # type: ignore[arg-type]

        return self.confirmed(request, rows, act, title="Give role", form_class=InstanceRoleForm)

    @admin.action(description="Take a role over the portal", permissions=["administer"])
    def take_instance_role(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        """Take such a role back."""

        def act(user: User, given: dict[str, Any]) -> None:
            actions.take_instance_role(user, given["role"], actor=request.user)  # type: ignore[arg-type]

        return self.confirmed(request, rows, act, title="Take role", form_class=InstanceRoleForm)
