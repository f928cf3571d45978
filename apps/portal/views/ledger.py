"""The audit ledger, one event of it, and everything about one object or by one person."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from apps.audit import selectors
from apps.audit.models import Event
from apps.audit.querysets import EventQuerySet
from apps.core.keys import key_in
from apps.core.portal.views import PAGE_SIZE, Page
from apps.portal.filters import LedgerFilter
from apps.portal.instants import AsOf, as_of
from apps.portal.selectors import ledger, objects, people


class LogPage(Page):
    """A page with a stretch of the log; the address names where it begins."""

    fragment = "lines"

    def stretch(self, events: EventQuerySet, shown: AsOf | None = None) -> ledger.Stretch:
        """Return the stretch of events that the address names, as of an instant."""
        if shown and shown.at:
            events = events.recorded_between(until=shown.at)
        return ledger.stretch(events, PAGE_SIZE, before=self._place("before"), after=self._place("after"))

    def _place(self, name: str) -> int | None:
        return key_in(self.request.GET.get(name, ""))


class LedgerPage(LogPage):
    """The log, newest first, as far as the reader may see it."""

    template_name = "portal/ledger.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one stretch of what meets the query; 400 where a condition cannot be read."""
        shown = as_of(request)
        events = LedgerFilter(request.GET, queryset=Event.objects.visible_to(self.actor), user=self.actor)
        found = self.searched(events, shown) if events.words else self.stretch(events.without_words.committed(), shown)
        status = 200 if events.form.is_valid() else 400
        at = [("at", request.GET["at"])] if shown.at else []
        export = reverse("portal:export", query=[*events.query(), *at])
        return self.page(filter=events, stretch=found, export=export, as_of=shown, status=status)

    def searched(self, events: LedgerFilter, shown: AsOf) -> ledger.Stretch:
        """Return the stretch of events that meet every condition and hold the words, as of an instant."""
        since, until = events.times
        until = min(filter(None, (until, shown.at)), default=None)
        within = selectors.places_between(since, until)
        kept = events.without_words.recorded_between(until=shown.at)
        return ledger.searched(
            kept, events.words, PAGE_SIZE, within, before=self._place("before"), after=self._place("after")
        )


class EventPage(Page):
    """One event with its body, its place in the log and its hash."""

    template_name = "portal/event.html"

    def get(self, request: HttpRequest, event: UUID) -> HttpResponse:
        """Show the event."""
        readable = ledger.readable(self.actor)
        found = get_object_or_404(readable, pk=event)
        earlier, later = ledger.neighbours(readable, found)
        return self.page(entry=ledger.entries([found])[0], earlier=earlier, later=later)


class ObjectPage(LogPage):
    """Everything about one object."""

    template_name = "portal/object.html"

    def get(self, request: HttpRequest, kind: str, key: str) -> HttpResponse:
        """Show what was done to the object and to what belongs to it; 404 where the reader may see none of it."""
        if "\x00" in f"{kind}{key}":
            raise Http404
        shown = as_of(request)
        events = objects.about(ledger.readable(self.actor), kind, key)
        own = events.about(type=kind, id=key)
        named = ledger.entries(list(own.until(shown.moment)[:1] or own[:1]))
        if not named:
            raise Http404
        address = objects.address(self.actor, kind, key, shown.suffix)
        found = self.stretch(events, shown)
        return self.page(entry=named[0], kind=kind, key=key, address=address, stretch=found, as_of=shown)


class PersonPage(LogPage):
    """Everything that somebody did, as far as the reader may see it, with the roles they hold."""

    template_name = "portal/person.html"

    def get(self, request: HttpRequest, username: str) -> HttpResponse:
        """Show who it is and what they did."""
        somebody = people.find(self.actor, username)
        if somebody is None:
            raise Http404
        return self.page(somebody=somebody, stretch=self.stretch(somebody.acts))
