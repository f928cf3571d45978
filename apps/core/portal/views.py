"""Bases of the portal's pages: signed-in only, and forms whose refusals become messages beside their fields."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Page as Rows
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views import View

from apps.core.errors import PortalError
from apps.core.portal.forms import ActionForm
from apps.core.portal.paging import Pages

PAGE_SIZE = 50


class Page(LoginRequiredMixin, View):
    """A page for people who signed in; `fragment` is the part that htmx swaps."""

    template_name = ""
    fragment = ""

    @property
    def actor(self) -> Any:
        """The person signed in."""
        return self.request.user

    def page(self, *, status: int = 200, **context: Any) -> TemplateResponse:
        """Return the page, or its fragment where htmx asked for that alone."""
        template = self.template_name
        if self.fragment and cast(Any, self.request).htmx and not cast(Any, self.request).htmx.boosted:
            template = f"{template}#{self.fragment}"
        return TemplateResponse(self.request, template, context, status=status)

    def rows(self, found: QuerySet[Any], size: int = PAGE_SIZE, count: int | None = None) -> Rows[Any]:
        """Return the page of a list that the address names; the nearest one where it names none.

        Long lists are counted up to a bound; `count` spares counting what has been counted.
        """
        return Pages(found, size, count).get_page(self.request.GET.get("page"))


class FormPage(Page):
    """A page with one form: GET shows it, POST calls one action and goes on, or says what is wrong."""

    def form(self, data: Any = None) -> ActionForm:
        """Return the form, bound where data is given; this one asks for nothing but to go on."""
        return ActionForm(data)

    def act(self, form: Any) -> HttpResponse:
        """Call the action with cleaned data; raises PortalError where the domain refuses."""
        raise NotImplementedError

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Return the page around the form."""
        return self.page(form=form, status=status)

    def get(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """Show the form."""
        return self.shown(self.form(), 200)

    def post(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """Act, or show the form again with what is wrong."""
        form = self.form(request.POST)
        if not form.is_valid():
            return self.shown(form, 400)
        try:
            return self.act(form)
        except PortalError as error:
            form.refuse(error)
            return self.shown(form, error.status)
