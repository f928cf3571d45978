"""Forms of webhooks: they parse."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import Permission
from apps.core.instants import InstantField
from apps.core.portal.forms import ActionForm
from apps.notifications import policies, targets
from apps.notifications.models import Endpoint
from apps.notifications.states import Sending

EVERYWHERE = "The whole organisation"
FAILED, ALL = "failed", "all"
CHOSEN = (
    (FAILED, "Those that were given up or cancelled"),
    (ALL, "Those that were delivered as well"),
)
INSTANT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class EndpointForm(ActionForm):
    """What a webhook is called, where it leads, and what it is sent."""

    name = forms.CharField(label="Name", max_length=100, help_text="What receives it, such as “deployer”.")
    url = forms.CharField(
        label="URL",
        max_length=targets.LONGEST_URL,
        help_text="Events are posted here; https only. Its path is shown to whoever may see the webhook.",
        widget=forms.URLInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )
    event_types = forms.MultipleChoiceField(label="Sent when", required=False, choices=())

    def __init__(self, data: Any = None, *, endpoint: Endpoint | None = None) -> None:
        chosen = {"name": endpoint.name, "url": endpoint.url, "event_types": endpoint.event_types} if endpoint else {}
        super().__init__(data, initial=chosen)
        self.groups = [*targets.OFFERED, *self._more(endpoint)]
        self.fields["event_types"].choices = [  # type: ignore[attr-defined]
            choice for _, choices in self.groups for choice in choices
        ]

    def _more(self, endpoint: Endpoint | None) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
        further = [prefix for prefix in endpoint.event_types if prefix not in targets.WORDS] if endpoint else []
        return [("Chosen by a program", tuple((each, targets.in_words(each)) for each in further))] if further else []

    def offered(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """Return the groups of event types with what is chosen."""
        chosen = set(self["event_types"].value() or ())
        return [(title, [(name, words, name in chosen) for name, words in choices]) for title, choices in self.groups]


class NewEndpointForm(EndpointForm):
    """A new webhook, of a team that the reader manages or of the organisation."""

    team = forms.ChoiceField(label="Sends the events of", choices=())

    field_order = ("name", "url", "team", "event_types")

    def __init__(self, data: Any = None, *, reader: User) -> None:
        super().__init__(data)
        managed = Team.objects.filter(pk__in=grants.ids_with(reader, Permission.MANAGE, Team))
        choices = [(team.slug, team.name) for team in managed]
        if policies.can_create(reader, None):
            choices.append(("", EVERYWHERE))
            self.fields["team"].required = False
        self.fields["team"].choices = choices  # type: ignore[attr-defined]

    def chosen_team(self) -> Team | None:
        """Return the team; None for the organisation."""
        slug = self.cleaned_data["team"]
        return Team.objects.get(slug=slug) if slug else None


class ReasonForm(ActionForm):
    """Why."""

    reason = forms.CharField(label="Why", max_length=200, help_text="Whoever manages the webhook reads it.")


class RangeForm(ActionForm):
    """Which deliveries to send again."""

    since = InstantField(label="From (UTC)", required=False, widget=INSTANT)
    until = InstantField(label="To (UTC)", required=False, widget=INSTANT)
    which = forms.ChoiceField(label="Which", choices=CHOSEN, initial=FAILED, widget=forms.RadioSelect)

    def chosen(self) -> dict[str, Any]:
        """Return the range as selector and action take it."""
        given = self.cleaned_data
        return {"since": given["since"], "until": given["until"], "failed_only": given["which"] == FAILED}


class DeliveryFilterForm(forms.Form):
    """What a list of deliveries shows."""

    state = forms.ChoiceField(label="State", choices=[("", "Any state"), *Sending.choices], required=False)
    event_type = forms.ChoiceField(
        label="Event",
        choices=[("", "Any event"), *((title, choices) for title, choices in targets.OFFERED)],
        required=False,
    )
