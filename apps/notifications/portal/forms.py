"""Forms of the inbox: they parse."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.core.portal.forms import ActionForm
from apps.notifications.models import Preference
from apps.notifications.states import EXPLAINED, Kind

AT_ONCE, DAILY, NEVER = "at-once", "daily", "never"
RHYTHMS = ((AT_ONCE, "At once, one for each event"), (DAILY, "Once a day, as a digest"), (NEVER, "No e-mail"))
HOURS = tuple((hour, f"{hour:02}:00 UTC") for hour in range(24))


class ReadForm(forms.Form):
    """Which notices have been read; none given means all."""

    notice = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    # The reader went on to what it is about, so nothing needs to be said.
    followed = forms.BooleanField(required=False)

    def ids(self) -> list[int] | None:
        """Return the chosen notice, or None for all."""
        chosen: Any = self.cleaned_data["notice"]
        return None if chosen is None else [chosen]


class PreferenceForm(ActionForm):
    """Of which kinds the reader is told in which ways, and when e-mails come."""

    in_app = forms.MultipleChoiceField(label="In the portal", choices=Kind.choices, required=False)
    by_email = forms.MultipleChoiceField(label="By e-mail", choices=Kind.choices, required=False)
    rhythm = forms.ChoiceField(label="E-mails come", choices=RHYTHMS, widget=forms.RadioSelect)
    hour = forms.TypedChoiceField(
        label="Hour of the digest",
        choices=HOURS,
        coerce=int,
        widget=forms.Select(attrs={"data-utc-hours": True}),
        help_text="It comes only when there is something to tell.",
    )

    def __init__(self, data: Any = None, *, preference: Preference) -> None:
        rhythm = DAILY if preference.digest else AT_ONCE
        chosen = {
            "in_app": [kind for kind in Kind.values if preference.tells_in_app(kind)],
            "by_email": [kind for kind in Kind.values if kind not in preference.not_by_email],
            "rhythm": rhythm if preference.email else NEVER,
            "hour": preference.digest_hour,
        }
        super().__init__(data, initial=chosen)

    def rows(self) -> list[tuple[str, str, str, bool, bool]]:
        """Return each kind with its words and whether it is told in the portal and by e-mail."""
        in_app, by_email = (set(self[name].value() or ()) for name in ("in_app", "by_email"))
        return [(kind.value, kind.label, EXPLAINED[kind], kind in in_app, kind in by_email) for kind in Kind]

    def chosen(self) -> dict[str, Any]:
        """Return what was chosen, as the action takes it."""
        given = self.cleaned_data
        return {
            "in_app": True,
            "email": given["rhythm"] != NEVER,
            "not_in_app": [kind for kind in Kind.values if kind not in given["in_app"]],
            "not_by_email": [kind for kind in Kind.values if kind not in given["by_email"]],
            "digest": given["rhythm"] == DAILY,
            "digest_hour": given["hour"],
        }
