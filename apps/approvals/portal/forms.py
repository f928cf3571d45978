"""Forms of promotions: they parse; what may be done is said by policies and actions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Any

from django import forms

from apps.approvals.states import State, Verdict
from apps.core.errors import PortalError
from apps.core.portal.forms import ActionForm
from apps.core.portal.widgets import LongSelect
from apps.models.states import DEMOTIONS, MOVES, RiskTier, Stage

LONGEST = 4000
REASON = forms.Textarea(attrs={"rows": 3})


def password() -> forms.CharField:
    """Return the field of a signature's password; it is never shown again."""
    widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
    missing = {"required": "Give your password: it is your signature."}
    return forms.CharField(label="Password", widget=widget, strip=False, error_messages=missing)


class OfferedField(forms.ChoiceField):
    """Offers choices; whether another one may be taken after all is the action's to say."""

    def valid_value(self, value: Any) -> bool:
        """Return True: the page may be older than the present stage."""
        return True


class SignedForm(ActionForm):
    """A form whose refused signature belongs beside the password."""

    def refuse(self, error: PortalError) -> None:
        """Put a refused signature beside the password, everything else where it belongs."""
        if error.code in ("signature_refused", "signature_locked"):
            self.add_error("password", error.detail)
        else:
            super().refuse(error)


class DecideForm(SignedForm):
    """A verdict on the round that was seen, a reason, and the password that signs it."""

    verdict = forms.CharField(
        label="Verdict", error_messages={"required": "Choose what you decide."}, widget=forms.RadioSelect
    )
    comment = forms.CharField(
        label="Reason", required=False, max_length=LONGEST, widget=REASON, help_text="Needed unless you approve."
    )
    password = password()
    etag = forms.CharField(widget=forms.HiddenInput)

    def clean_verdict(self) -> str:
        """Separate `dismiss:12` into the verdict and the decision it settles."""
        verdict, _, settles = str(self.cleaned_data["verdict"]).partition(":")
        if verdict not in Verdict.values or (settles and not settles.isdecimal()):
            raise forms.ValidationError("Choose one of the verdicts offered.")
        self.cleaned_data["settles"] = int(settles) if settles else None
        return verdict


class SubmitForm(ActionForm):
    """Where the version shall go, and why."""

    target_stage = OfferedField(label="To", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=LONGEST,
        widget=REASON,
        help_text="Reviewers read this first: what is better, and how you know.",
    )

    def __init__(self, *args: Any, stage: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.targets = [Stage(value) for value in Stage.values if value in MOVES[stage]]
        self.fields["target_stage"].choices = [(each.value, each.label) for each in self.targets]  # type: ignore[attr-defined]


class DemoteForm(SignedForm):
    """Where the version falls to, why, and the password that signs it."""

    to_stage = OfferedField(
        label="To", widget=forms.RadioSelect, error_messages={"required": "Choose where the version goes."}
    )
    reason = forms.CharField(
        label="Reason",
        max_length=LONGEST,
        widget=REASON,
        help_text="It becomes part of the record.",
        error_messages={"required": "Give a reason: it becomes part of the record."},
    )
    password = password()

    def __init__(self, *args: Any, stage: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        targets = [Stage(value) for value in Stage.values if value in DEMOTIONS[stage]]
        self.fields["to_stage"].choices = [(each.value, each.label) for each in targets]  # type: ignore[attr-defined]


class WithdrawForm(ActionForm):
    """Why a request is taken back."""

    reason = forms.CharField(label="Reason", required=False, max_length=LONGEST, widget=REASON)


class EvidenceForm(ActionForm):
    """A report or note about a sealed version; it is never edited afterwards."""

    kind = forms.CharField(
        label="Kind",
        max_length=40,
        help_text="A word such as evaluation_report, monitoring_report, security_review or note. Policies ask by it.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": "Give a word such as evaluation_report."},
    )
    title = forms.CharField(label="Title", max_length=200, error_messages={"required": "Give a title: lists show it."})
    body = forms.CharField(
        label="Text", required=False, widget=forms.Textarea(attrs={"rows": 8}), help_text="Markdown."
    )
    valid_until = forms.DateField(
        label="Valid until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The last day (UTC) on which it counts; leave it empty if it does not expire.",
    )

    def clean_valid_until(self) -> datetime | None:
        """Return the end of the day."""
        day = self.cleaned_data["valid_until"]
        return datetime.combine(day, time.max, UTC) if day else None


class CommentForm(ActionForm):
    """What somebody wants to say about a promotion."""

    text = forms.CharField(
        label="Comment",
        max_length=LONGEST,
        widget=REASON,
        help_text="Markdown. @username tells that person.",
        error_messages={"required": "Write what you want to say."},
    )


class PromotionsForm(forms.Form):
    """The query of the list of promotions; what it does not know counts as not given."""

    state = forms.ChoiceField(
        required=False,
        choices=[("pending", "All pending"), ("closed", "All ended"), ("all", "Any state"), *State.choices],
    )
    stage = forms.ChoiceField(label="To", required=False, choices=[("", "Any stage"), *Stage.choices])
    tier = forms.ChoiceField(required=False, choices=[("", "Any tier"), *RiskTier.choices])
    team = forms.ChoiceField(required=False, widget=LongSelect)
    sort = forms.ChoiceField(
        label="Sort by",
        required=False,
        choices=[("due", "Due first"), ("newest", "Newest first"), ("model", "Model"), ("tier", "Highest tier first")],
    )
    mine = forms.ChoiceField(
        required=False, choices=[("requested", "requested"), ("waiting", "waiting")], widget=forms.HiddenInput
    )
    model = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    def __init__(self, data: Any, teams: Iterable[tuple[str, str]]) -> None:
        given = {"state": "pending", "sort": "due"} | {key: value for key, value in data.items() if value}
        super().__init__(given, auto_id="by_%s")
        self.fields["team"].choices = [("", "Any team"), *teams]  # type: ignore[attr-defined]
        for name, fallback in (("state", "pending"), ("sort", "due")):
            if given[name] not in dict(self.fields[name].choices):  # type: ignore[attr-defined]
                given[name] = fallback

    def criteria(self) -> dict[str, str]:
        """Return what is looked for."""
        self.is_valid()
        return {key: str(self.cleaned_data.get(key, "")) for key in self.fields}
