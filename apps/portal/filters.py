"""Filters as pages offer them: the log by whole days and objects by their names, the inventory by one choice each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import django_filters
from django import forms

from apps.accounts.models import Team, User
from apps.audit.events import registered
from apps.audit.filters import EventFilter, WordsFilter
from apps.audit.querysets import EventQuerySet
from apps.core.actors import SYSTEM
from apps.core.portal.widgets import LongSelect
from apps.models.filters import InventoryFilter
from apps.models.models import RegisteredModel
from apps.models.states import RiskTier, Stage
from apps.portal.selectors import objects

ABOUT = {
    "approvals": "Promotions and policies",
    "models": "Models and versions",
    "lineage": "Lineage",
    "accounts": "People, roles and tokens",
    "notifications": "Webhooks and notices",
    "audit": "The log itself",
}
DAY = forms.DateInput(attrs={"type": "date"})
SEARCH = forms.TextInput(attrs={"type": "search"})
USER_NAME = forms.TextInput(attrs={"placeholder": "user name"})
OBJECT = forms.TextInput(attrs={"placeholder": "model 1.4.0"})
# What belongs to a page and not to what is looked for.
PLACES = ("after", "before")


@dataclass(frozen=True)
class Chip:
    """One condition in force, and the key that removes it from the address."""

    key: str
    label: str
    value: str


def type_words(name: str) -> str:
    """Return a type of event as words: `approvals.promotion.submitted` as `Promotion submitted`."""
    if name in ABOUT:
        return ABOUT[name]
    words = " ".join(name.split(".")[1:]).replace("_", " ")
    return words.capitalize() or name


def first_instant(day: date) -> datetime:
    """Return when a day begins in UTC."""
    return datetime.combine(day, time.min, tzinfo=UTC)


def last_instant(day: date) -> datetime:
    """Return when a day ends in UTC."""
    return datetime.combine(day, time.max, tzinfo=UTC)


def kinds() -> list[Any]:
    """Return the choices of types: everything, then each app with all of its types."""
    apps: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(registered()):
        apps.setdefault(name.partition(".")[0], []).append((name, type_words(name)))
    groups = [
        (label, [(app, f"All of {label[0].lower()}{label[1:]}"), *apps.get(app, [])]) for app, label in ABOUT.items()
    ]
    return [("", "Everything"), *groups]


class LedgerFilter(EventFilter):
    """EventFilter with days, choices of types and teams, and one field for any object."""

    type = django_filters.CharFilter(method="by_type", label="What", widget=LongSelect(choices=kinds))  # type: ignore[arg-type]
    actor = django_filters.CharFilter(method="by_actor", label="Who", widget=USER_NAME)
    object = django_filters.CharFilter(method="by_object", label="About", widget=OBJECT)
    team = django_filters.CharFilter(method="by_name", label="Team", widget=LongSelect())
    since = django_filters.DateFilter(method="by_first_day", label="From", widget=DAY)  # type: ignore[assignment]
    until = django_filters.DateFilter(method="by_last_day", label="To", widget=DAY)  # type: ignore[assignment]
    text = WordsFilter(method="by_text", label="Words", widget=SEARCH)

    OFFERED = ("text", "type", "actor", "object", "team", "since", "until")

    def __init__(self, data: Any, *, queryset: EventQuerySet, user: User) -> None:
        super().__init__(data, queryset=queryset)
        teams = Team.objects.visible_to(user).values_list("slug", "name")
        self.form.fields["team"].widget.choices = [("", "Every team"), *teams]

    def by_object(self, events: EventQuerySet, name: str, value: str) -> EventQuerySet:
        """Keep what is about one object."""
        return objects.meant(events, value)

    def by_first_day(self, events: EventQuerySet, name: str, value: date) -> EventQuerySet:
        """Keep what was recorded on a day (UTC) or later."""
        return events.recorded_between(since=first_instant(value))

    def by_last_day(self, events: EventQuerySet, name: str, value: date) -> EventQuerySet:
        """Keep what was recorded on a day (UTC) or earlier."""
        return events.recorded_between(until=last_instant(value))

    def by_text(self, events: EventQuerySet, name: str, value: Any) -> EventQuerySet:
        """Keep everything: the words are looked for last, near a place."""
        return events

    @property
    def found(self) -> EventQuerySet:
        """The events that meet every condition; none where a condition cannot be read."""
        return self.without_words.containing(self.words) if self.words else self.without_words

    @property
    def without_words(self) -> EventQuerySet:
        """The events that meet every condition but the words; none where a condition cannot be read."""
        found: EventQuerySet = self.qs
        return found if self.form.is_valid() else found.none()

    @property
    def words(self) -> str:
        """The words to look for."""
        return str(self.form.cleaned_data.get("text", "")) if self.form.is_valid() else ""

    @property
    def times(self) -> tuple[datetime | None, datetime | None]:
        """The instants from which and until which events are kept; None leaves an end open."""
        given = self.form.cleaned_data if self.form.is_valid() else {}
        since, until = given.get("since"), given.get("until")
        return since and first_instant(since), until and last_instant(until)

    def offered(self) -> Iterator[forms.BoundField]:
        """Yield the fields that the page shows."""
        return (self.form[name] for name in self.OFFERED)

    def chips(self) -> list[Chip]:
        """Return every condition in force, those of a hand-written address too."""
        filled = [(name, value) for name, value in self.data.items() if name in self.form.fields and value.strip()]
        return [
            Chip(name, self._label(name), self._written(name, value)) for name, value in filled if name not in PLACES
        ]

    def query(self) -> list[tuple[str, str]]:
        """Return the conditions in force as they stand in an address."""
        return [(chip.key, self.data[chip.key]) for chip in self.chips()]

    def _label(self, name: str) -> str:
        return SHORT.get(name) or str(self.form.fields[name].label)

    def _written(self, name: str, value: str) -> str:
        if name == "type":
            return ", ".join(type_words(part.strip()) for part in value.split(","))
        if name == "team":
            return str(dict(self.form.fields["team"].widget.choices).get(value, value))
        return SYSTEM.name if value == SYSTEM.urn else value


SHORT = {
    "model": "Model",
    "subject_type": "Kind of object",
    "subject_id": "Id of the object",
    "scope": "Scope",
}


class InventoryChoice(InventoryFilter):
    """InventoryFilter with one choice of each kind; what it does not know counts as not given."""

    stage = django_filters.ChoiceFilter(choices=Stage.choices, label="Stage", empty_label="Every stage")  # type: ignore[assignment]
    risk_tier = django_filters.ChoiceFilter(  # type: ignore[assignment]
        field_name="registered_model__risk_tier", choices=RiskTier.choices, label="Tier", empty_label="Every tier"
    )
    team = django_filters.CharFilter(field_name="registered_model__team__slug", label="Team", widget=LongSelect())

    def __init__(self, data: Any, *, queryset: Any, user: User) -> None:
        super().__init__(data, queryset=queryset)
        models = RegisteredModel.objects.visible_to(user).order_by().values("team")
        teams = Team.objects.filter(pk__in=models).values_list("slug", "name")
        self.form.fields["team"].widget.choices = [("", "Every team"), *teams]

    def conditions(self) -> dict[str, str]:
        """Return the conditions in force as they stand in an address."""
        return {name: self.data[name] for name in self.form.fields if self.data.get(name)}
