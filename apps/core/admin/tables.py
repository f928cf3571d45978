"""Bases of all admin pages: they read tables, and act through the domain's actions alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse

from apps.core.admin import exports
from apps.core.admin.paging import BoundedPaginator
from apps.core.admin.periods import BOUNDS, PeriodFilter
from apps.core.admin.searching import Search, found_by
from apps.core.errors import PortalError

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin


class ReadOnlyAdmin(Base):
    """Everything to read and to export, nothing to add, change or delete, not even by superusers."""

    section = "Closer look"
    rank = 9
    # Whether it has a page on which rows are created.
    creates = False
    # What the list is called where the table's own name will not do.
    label = ""
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    # By key, which every table has an index for; small tables say otherwise.
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)
    paginator = BoundedPaginator
    # How a long table is searched, each way by an index; short ones name `search_fields`.
    searches: tuple[Search, ...] = ()
    # What is said where the table has no rows at all.
    empty = "Rows appear here as people and programs act in the portal."
    # Whether the portal has a page of each row.
    has_page = False
    # What an exported row says; empty means: what the list shows.
    export_columns: Sequence[str] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: rows come from actions."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return False: rows change through actions."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return False: nothing is deleted here."""
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Filter by the declared filters alone: others would tell hidden columns letter by letter."""
        named = [item[0] if isinstance(item, list | tuple) else item for item in self.list_filter]
        declared = {name for item in named for name in ([item] if isinstance(item, str) else parameters_of(item))}
        return any(lookup == name or lookup.startswith(f"{name}__") for name in declared)

    def get_sortable_by(self, request: HttpRequest) -> Any:
        """Sort short tables by any column, long ones by those that `sortable_by` names for their indexes."""
        return () if self.searches and self.sortable_by is None else super().get_sortable_by(request)

    def get_search_fields(self, request: HttpRequest) -> Any:
        """Offer a search wherever there is a way to search."""
        return super().get_search_fields(request) or (("searches",) if self.searches else ())

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Search long tables by their indexes."""
        if not self.searches:
            return super().get_search_results(request, queryset, search_term)
        return (found_by(self.searches, search_term, queryset) if search_term else queryset), False

    def places(self, request: HttpRequest) -> list[tuple[int, str, str]]:
        """Return rank, label and URL name of the pages beside the list that somebody is offered."""
        return []

    def get_urls(self) -> list[Any]:
        """Add the pages beside the list, and the list as a file; what nobody may do has no address."""
        pages = [
            path(f"{pattern}", self.admin_site.admin_view(view), name=f"{self.opts.app_label}_{name}")
            for pattern, view, name in self.get_pages()
        ]
        own = f"{self.opts.app_label}_{self.opts.model_name}"
        kept = {f"{own}_changelist", f"{own}_change", *([f"{own}_add"] if self.creates else [])}
        return pages + [each for each in super().get_urls() if each.name in kept]

    def get_pages(self) -> list[tuple[str, Callable[..., HttpResponseBase], str]]:
        """Return pattern, view and name of every page beside the list."""
        return [("export.<str:kind>", self.export_view, f"{self.opts.model_name}_export")]

    def export_view(self, request: HttpRequest, kind: str) -> StreamingHttpResponse:
        """Stream the list as it is filtered, as CSV or JSON Lines."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if kind not in exports.KINDS:
            raise Http404
        rows = self.get_changelist_instance(request).get_queryset(request).iterator(exports.CHUNK)
        columns = self.export_columns or [str(name) for name in self.get_list_display(request)]
        name = f"{self.opts.verbose_name_plural}".replace(" ", "-")
        headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
        return StreamingHttpResponse(
            exports.lines(kind, rows, columns, self), content_type=exports.KINDS[kind], headers=headers
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list with links to it as a file."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_export"
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        files = [
            (label, reverse(name, args=[kind]) + query) for kind, label in (("csv", "CSV"), ("jsonl", "JSON Lines"))
        ]
        beside = [(label, reverse(url)) for _, label, url in self.places(request)]
        context = {"exports": files, "beside": beside, "heading": self.label or self.opts.verbose_name_plural}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one row, with the acts that the list offers for it."""
        row = self.get_object(request, object_id)
        senseless = self.senseless_for(row) if row is not None else frozenset()
        offered = [each[1:] for each in self.get_actions(request).values() if each and each[1] not in senseless]
        links = self.links(request, row) if row is not None else []
        context = {"acts": offered, "links": links, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def links(self, request: HttpRequest, row: Any) -> list[tuple[str, str]]:
        """Return label and address of where else a row is shown: its page in the portal, and the log about it."""
        kind, reader = getattr(row, "audit_type", ""), cast(Any, request.user)
        found = [("Open in the portal", reverse("portal:object", args=[kind, row.pk]))] if self.has_page else []
        if kind and reader.visible_scopes() is None:
            found.append(("History", f"{reverse('portal:ledger')}?object={kind}:{row.pk}"))
        return found

    def senseless_for(self, row: Any) -> frozenset[str]:
        """Return the names of the acts that a row's page need not offer, such as enabling what is enabled."""
        return frozenset()

    def confirmed(
        self,
        request: HttpRequest,
        rows: models.QuerySet[Any],
        act: Callable[[Any, dict[str, Any]], object],
        *,
        title: str,
        form_class: type[forms.Form] = forms.Form,
        consequence: str = "",
    ) -> HttpResponse | None:
        """Ask once more, then act on each row and say how it went; for `@admin.action`s."""
        form = form_class(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            action = request.POST.get("action", "")
            return self.page(request, title, form, rows=rows, action=action, consequence=consequence)
        for row in rows:
            try:
                act(row, form.cleaned_data)
            except PortalError as error:
                self.message_user(request, f"{row}: {error.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{row}: done.", messages.SUCCESS)
        return None

    def page(
        self, request: HttpRequest, title: str, form: Any, template: str = "admin/act.html", **extra: Any
    ) -> TemplateResponse:
        """Return a page of this table, as a rule one with a form and one button."""
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "form": form, **extra}
        return TemplateResponse(request, template, context)


class CreatingAdmin(ReadOnlyAdmin):
    """Rows are created by a form that calls an action."""

    creates = True
    create_form: type[forms.Form] = forms.Form

    def may_create(self, request: HttpRequest) -> bool:
        """Tell whether the person may create rows."""
        raise NotImplementedError

    def make(self, request: HttpRequest, given: dict[str, Any]) -> models.Model:
        """Call the action."""
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask the policy."""
        return self.may_create(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the form, or create and go back to the list."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self.create_form(request.POST if request.method == "POST" else None)
        if form.is_valid() and self._created(request, form):
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        return self.page(request, f"Add {self.opts.verbose_name}", form)

    def _created(self, request: HttpRequest, form: forms.Form) -> bool:
        try:
            made = self.make(request, form.cleaned_data)
        except PortalError as error:
            refuse(form, error)
            return False
        self.message_user(request, f"{made} is created.", messages.SUCCESS)
        return True


def parameters_of(found: Any) -> list[str]:
    """Return the names of a filter's own conditions in an address."""
    return list(BOUNDS) if issubclass(found, PeriodFilter) else [found.parameter_name]


def refuse(form: forms.Form, error: PortalError) -> None:
    """Add what the domain refused to the fields it names; whatever names no field of this form goes on top."""
    for wrong in error.errors:
        if wrong.field in form.fields:
            form.add_error(wrong.field, wrong.message)
        else:
            form.add_error(None, f"{wrong.field}: {wrong.message}")
    if not error.errors:
        form.add_error(None, error.detail)
