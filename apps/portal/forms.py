"""Forms of pages that mix subjects: they only parse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from apps.core.portal.forms import ActionForm
from apps.models.selectors import FACETS
from apps.models.states import RiskTier, Stage
from apps.portal.selectors.catalogue import BY_METRIC, SORTS, Criteria
from apps.portal.shell import THEMES


class Several(forms.Field):
    """Some values of a facet; what cannot be one counts as not given."""

    widget = forms.SelectMultiple
    most, longest = 30, 120

    def __init__(self, known: Sequence[str] = ()) -> None:
        super().__init__(required=False)
        self.known = known

    def clean(self, value: Any) -> tuple[str, ...]:
        """Return the values once each."""
        given = dict.fromkeys(each for each in value or () if each and len(each) <= self.longest and "\x00" not in each)
        return tuple(each for each in given if not self.known or each in self.known)[: self.most]


class CatalogueForm(forms.Form):
    """The catalogue's query; what it does not know counts as not given."""

    q = forms.CharField(required=False)
    team = Several()
    tier = Several(RiskTier.values)
    stage = Several(Stage.values)
    task = Several()
    framework = Several()
    format = Several()
    sort = forms.CharField(required=False, max_length=120)

    def criteria(self) -> Criteria:
        """Return what is looked for."""
        self.is_valid()
        given = self.cleaned_data
        sort = given.get("sort", "")
        known = sort if sort in SORTS or sort.startswith(BY_METRIC) else ""
        return Criteria(given.get("q", ""), {key: given[key] for key in FACETS}, known)


class SearchNameForm(ActionForm):
    """The name under which somebody keeps a search."""

    name = forms.CharField(label="Name", max_length=80)


class ThemeForm(forms.Form):
    """A choice of colours."""

    theme = forms.ChoiceField(choices=[(name, name) for name in THEMES])


class ExportForm(forms.Form):
    """The format of an export."""

    format = forms.ChoiceField(
        choices=[
            ("jsonl", "JSON Lines: the exact bytes that are hashed, as the API streams them"),
            ("csv", "CSV: for a spreadsheet; nothing in it can run as a formula"),
        ],
        initial="jsonl",
        widget=forms.RadioSelect,
        label="Format",
        error_messages={"required": "Choose a format.", "invalid_choice": "Choose one of the formats offered."},
    )
