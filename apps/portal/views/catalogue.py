"""The catalogue of models, and the searches of it that a person keeps."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from apps.core.portal.forms import ActionForm
from apps.core.portal.views import FormPage, Page
from apps.models import actions
from apps.models.models import SavedSearch
from apps.portal.forms import CatalogueForm, SearchNameForm
from apps.portal.selectors import catalogue
from apps.portal.selectors.catalogue import Criteria


class CataloguePage(Page):
    """Search and facets, with everything that narrows the list in the address."""

    template_name = "portal/catalogue.html"
    fragment = "found"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the models that meet the query."""
        criteria = CatalogueForm(request.GET).criteria()
        counted = catalogue.counts(self.actor, criteria)
        found = self.rows(catalogue.rows(self.actor, criteria), count=counted.total)
        return self.page(
            criteria=criteria,
            found=found,
            facets=catalogue.facets(counted, criteria),
            sorts=catalogue.sorts(counted, criteria),
            lines=catalogue.lines(found.object_list, criteria),
            searches=SavedSearch.objects.visible_to(self.actor),
        )


class SaveSearch(FormPage):
    """Keep a search, which stands in the address of the form."""

    template_name = "portal/saved_search.html"

    @property
    def criteria(self) -> Criteria:
        """The search itself."""
        return CatalogueForm(self.request.GET).criteria()

    def form(self, data: Any = None) -> ActionForm:
        """Return the form that asks for its name."""
        return SearchNameForm(data)

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Show what will be kept."""
        criteria = self.criteria
        return self.page(form=form, criteria=criteria, back=_address(criteria.address), status=status)

    def act(self, form: Any) -> HttpResponse:
        """Keep it and go back to what it finds."""
        search = actions.save_search(form.cleaned_data["name"], self.criteria.address, actor=self.actor)
        return redirect(_address(search.query))


class KeptSearch(FormPage):
    """Finds a kept search among the reader's own."""

    @property
    def search(self) -> SavedSearch:
        """The search of the address."""
        return get_object_or_404(SavedSearch.objects.visible_to(self.actor), pk=self.kwargs["pk"])

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Return the question."""
        search = self.search
        return self.page(form=form, search=search, back=_address(search.query), status=status)


class RenameSearch(KeptSearch):
    """Give a kept search another name, or go on to delete it."""

    template_name = "portal/saved_search.html"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form with the present name."""
        return SearchNameForm(data, initial={"name": self.search.name})

    def act(self, form: Any) -> HttpResponse:
        """Rename it and go to what it finds."""
        search = actions.rename_search(self.search, form.cleaned_data["name"], actor=self.actor)
        return redirect(_address(search.query))


class DeleteSearch(KeptSearch):
    """Forget a kept search, after asking."""

    template_name = "portal/delete_search.html"

    def act(self, form: Any) -> HttpResponse:
        """Forget it."""
        actions.delete_search(self.search, actor=self.actor)
        return redirect("portal:catalogue")


def _address(query: str) -> str:
    address = reverse("portal:catalogue")
    return f"{address}?{query}" if query else address
