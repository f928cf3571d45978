"""Forms of tokens and service accounts: they parse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q

from apps.accounts import policies, selectors
from apps.accounts.models import User
from apps.accounts.roles import PEOPLE_ONLY, Scope
from apps.core.portal.forms import ActionForm

LIFETIMES = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "a year"))
USERNAME = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})


class HolderField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Accounts with both of their names."""

    def label_from_instance(self, user: Any) -> str:
        """Return the name and the user name."""
        return f"{user} ({user.username})"


class TokenForm(ActionForm):
    """A new token of the reader or of a program they manage."""

    holder = HolderField(queryset=User.objects.none(), label="Whose", empty_label=None, to_field_name="username")
    name = forms.CharField(
        label="Name", max_length=100, help_text="Where it will be used, such as “training pipeline”."
    )
    scopes = forms.MultipleChoiceField(label="It may", choices=Scope.choices, widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(label="Ends after", choices=LIFETIMES, coerce=int, initial=90)

    def __init__(self, data: Any = None, *, reader: User, holder: str = "") -> None:
        super().__init__(data, initial={"holder": holder or reader.username})
        managed = User.objects.managed_by(reader).values("pk")
        holders = User.objects.active().filter(Q(pk=reader.pk) | Q(pk__in=managed))
        self.fields["holder"].queryset = holders  # type: ignore[attr-defined]
        self.fields["scopes"].choices = [(scope.value, _words(scope)) for scope in Scope]  # type: ignore[attr-defined]

    @property
    def lifetime(self) -> timedelta:
        """How long the token shall hold."""
        return timedelta(days=self.cleaned_data["days"])


class ServiceAccountForm(ActionForm):
    """A new program; administrators may name another owner."""

    username = forms.CharField(
        label="User name",
        max_length=150,
        widget=USERNAME,
        help_text="As it appears in the log, such as “train-bot”. It can never be changed or used again.",
    )
    name = forms.CharField(label="Name", max_length=150, help_text="What the program does.")
    owner = forms.CharField(
        label="Owner",
        max_length=150,
        widget=USERNAME,
        help_text="User name of the person who answers for it.",
    )

    def __init__(self, data: Any = None, *, reader: User) -> None:
        super().__init__(data, initial={"owner": reader.username})
        self.reader = reader
        if not policies.is_administrator(reader):
            del self.fields["owner"]

    def chosen_owner(self) -> User:
        """Return who shall answer for the program; raises Invalid for nobody's name."""
        return selectors.somebody(self.cleaned_data["owner"], "owner") if "owner" in self.fields else self.reader


class OwnerForm(ActionForm):
    """Who shall own a service account."""

    owner = forms.CharField(
        label="New owner",
        max_length=150,
        widget=USERNAME,
        help_text="User name of the person who answers for it from now on.",
    )


class DeactivationForm(ActionForm):
    """Why, if there is something to say."""

    reason = forms.CharField(label="Why", max_length=500, required=False)


def _words(scope: Scope) -> str:
    return f"{scope.label} (people only)" if scope in PEOPLE_ONLY else str(scope.label)
