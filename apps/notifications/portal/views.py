"""The reader's inbox."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from apps.audit import selectors as audit
from apps.core.actors import SYSTEM
from apps.core.portal.forms import ActionForm
from apps.core.portal.views import FormPage, Page
from apps.notifications import actions, selectors
from apps.notifications.models import Notice
from apps.notifications.portal.forms import PreferenceForm, ReadForm
from apps.notifications.portal.listing import Listing
from apps.notifications.states import Kind


class Inbox(Listing):
    """What the reader has been told, newest first; `?unread=1` leaves out what they have read, `?kind=` the rest."""

    template_name = "inbox/messages.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one stretch of notices."""
        notices = Notice.objects.visible_to(self.actor).told()
        only_unread, kind = bool(request.GET.get("unread")), request.GET.get("kind", "")
        notices = notices.unread() if only_unread else notices
        notices = notices.about(Kind(kind)) if kind in Kind.values else notices
        rows, older = self.stretch(notices)
        people = audit.people_behind(notice.event.actor for notice in rows)
        lines = [(notice, str(people.get(notice.event.actor, SYSTEM.name))) for notice in rows]
        return self.page(lines=lines, older=older, only_unread=only_unread, kind=kind, kinds=Kind.choices)


class MarkRead(Page):
    """Marks one notice, or all of them, as read."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Mark and go back to the list that the address names."""
        form = ReadForm(request.POST)
        ids = form.ids() if form.is_valid() else []
        count = actions.mark_all_read(self.actor) if ids is None else actions.mark_read(self.actor, ids)
        if count and not form.cleaned_data.get("followed"):
            messages.success(request, f"Marked {count} as read.")
        shown = request.GET.urlencode()
        return HttpResponseRedirect(reverse("inbox:messages") + (f"?{shown}" if shown else ""))


class Preferences(FormPage):
    """Chooses of what the reader is told in which ways."""

    template_name = "inbox/preferences.html"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form of the reader's choice."""
        return PreferenceForm(data, preference=selectors.preference_of(self.actor))

    def act(self, form: Any) -> HttpResponse:
        """Store the choice."""
        actions.set_preference(self.actor, **form.chosen())
        messages.success(self.request, "Your choice is stored.")
        return redirect("inbox:preferences")
