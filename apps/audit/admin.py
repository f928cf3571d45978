"""The log in the admin: to read, to export, and to erase personal data from by the one action there is."""

from __future__ import annotations

import json
import re
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from apps.audit import actions, events, policies, selectors
from apps.audit.models import Event, Head, Leaf, OutboxEntry, PersonalData
from apps.audit.querysets import EventQuerySet
from apps.audit.search import only_leaves_out, search
from apps.core.actors import SYSTEM
from apps.core.admin.periods import period
from apps.core.admin.tables import ReadOnlyAdmin

TYPE = re.compile(r"^[a-z]+\.[a-z_.]+\Z")


# Of the events that hold some words so many are listed; an export has all of them.
FOUND = 50


class EventList(ChangeList):
    """Events found by type, by who acted, or by words, and the people behind their pseudonyms."""

    words = ""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> EventQuerySet:
        """Return what meets filters and search; each way of searching is served by an index."""
        within = cast(EventQuerySet, super().get_queryset(request, exclude_parameters))
        text, self.within, self.words = self.query, within, ""
        if not text or "\x00" in text:
            return within
        if only_leaves_out(text):
            return within.none()
        if TYPE.match(text):
            return within.of_type(text)
        urn = selectors.urn_of(text)
        if urn != text:
            return within.filter(actor=urn)
        self.words = text
        return within.containing(text)

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, for words of the newest events that hold them, then who acted."""
        if self.words:
            found = search(self.within, self.words, FOUND + 1, selectors.places_between(None, None))
            self.queryset = self.within.filter(pk__in=[event.pk for event in found.events[:FOUND]])
        super().get_results(request)
        if self.words:
            self.paginator.there_are_more = bool(found.rest) or len(found.events) > FOUND
        people = selectors.people_behind(event.actor for event in self.result_list)
        for event in self.result_list:
            event.who = people.get(event.actor)


class AboutFilter(admin.SimpleListFilter):
    """What events are about, by the beginning of their type."""

    title, parameter_name = "about", "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the beginnings of all declared types."""
        known = {name.rpartition(".")[0] for name in events.registered()}
        return [(name, name.partition(".")[2].replace("_", " ")) for name in sorted(known)]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Event]) -> models.QuerySet[Event]:
        """Keep what begins so."""
        found: Any = queryset
        kept: models.QuerySet[Event] = found.of_type(self.value()) if self.value() else queryset
        return kept


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Events, newest first."""

    section, rank = "Log", 1
    list_display = ("index", "at", "who", "sentence", "type")
    list_display_links = ("index",)
    list_filter = (period("at"), AboutFilter)
    search_fields = ("type",)
    search_help_text = "Words, a user name, or a type such as approvals.promotion"
    list_select_related = ("leaf", "personal")
    ordering = ("-id",)
    sortable_by = ()
    fields = (
        *("index", "at", "sentence", "type", "actor", "subject_type", "subject_id"),
        *("written", "scopes", "leaf_hash"),
    )
    export_columns = ("index", "at", "type", "actor", "subject_type", "subject_id", "subject", "body", "leaf_hash")
    actions = ("erase_personal_data",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list that knows who acted."""
        return EventList

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Event], search_term: str
    ) -> tuple[models.QuerySet[Event], bool]:
        """Leave the search to the list, which has to know what it was for."""
        return queryset, False

    @admin.display(description="index")
    def index(self, event: Event) -> int | None:
        """Return the place in the log; none for an instant, until the transaction has committed."""
        leaf = getattr(event, "leaf", None)
        return leaf.leaf_index if leaf else None

    @admin.display(description="who")
    def who(self, event: Any) -> str:
        """Return who acted, by name where it is known."""
        return "The portal" if event.actor == SYSTEM.urn else str(getattr(event, "who", None) or event.actor)

    @admin.display(description="what")
    def sentence(self, event: Event) -> str:
        """Return the act in words."""
        return event.sentence

    @admin.display(description="body")
    def written(self, event: Event) -> str:
        """Return the body with one thing a line; the log holds its canonical bytes."""
        return format_html("<pre>{}</pre>", json.dumps(json.loads(event.body), indent=2, ensure_ascii=False))

    def links(self, request: HttpRequest, row: Event) -> list[tuple[str, str]]:
        """Offer the event's own page, with its proof."""
        return [("Open in the portal", reverse("portal:event", args=[row.pk]))]

    @admin.display(description="subject")
    def subject(self, event: Event) -> str:
        """Return the subject's name."""
        return event.subject_label

    @admin.display(description="leaf hash")
    def leaf_hash(self, event: Event) -> str:
        """Return the leaf hash in hex."""
        leaf = getattr(event, "leaf", None)
        return bytes(leaf.leaf_hash).hex() if leaf else ""

    def has_erase_permission(self, request: HttpRequest) -> bool:
        """Return whether the person is offered to erase."""
        return policies.is_eraser(request.user)  # type: ignore[arg-type]

    @admin.action(description="Erase personal data", permissions=["erase"])
    def erase_personal_data(self, request: HttpRequest, rows: models.QuerySet[Event]) -> HttpResponse | None:
        """Ask once more, then erase the personal part of the chosen events for good; their leaves stay."""

        def act(event: Event, given: dict[str, Any]) -> None:
            actions.erase_personal_data(event, actor=request.user)  # type: ignore[arg-type]

        after = "Names, reasons and comments of these events are gone for good. The proofs of the log stay valid."
        return self.confirmed(request, rows, act, title="Erase personal data for good", consequence=after)


@admin.register(Leaf)
class LeafAdmin(ReadOnlyAdmin):
    """Places in the log."""

    label = "Leaves of the log"
    list_display = ("leaf_index", "event_id", "hex_digits")
    ordering = ("-leaf_index",)

    @admin.display(description="leaf hash")
    def hex_digits(self, leaf: Leaf) -> str:
        """Return the leaf hash in hex."""
        return bytes(leaf.leaf_hash).hex()


@admin.register(OutboxEntry)
class OutboxAdmin(ReadOnlyAdmin):
    """Events on their way to subscribers."""

    label = "Events on their way"
    list_display = ("event_id", "next_at", "attempts", "dispatched_at", "error")
    list_filter = (("dispatched_at", admin.EmptyFieldListFilter),)
    ordering = ("-event_id",)


@admin.register(PersonalData)
class PersonalDataAdmin(ReadOnlyAdmin):
    """What is kept apart from the leaves, and can be erased."""

    label = "Personal data"
    list_display = ("event_id", "data")
    ordering = ("-event_id",)


@admin.register(Head)
class HeadAdmin(ReadOnlyAdmin):
    """The length of the log."""

    label = "Length of the log"
