"""What administrators fill in."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import InstanceRole, Role


def account_of(username: str) -> User:
    """Return the account of that user name; raises ValidationError where there is none."""
    user = User.objects.filter(username__iexact=username).first() if "\x00" not in username else None
    if user is None:
        raise forms.ValidationError("Nobody has this user name; the list of users shows them.")
    return user


class PlainForm(forms.Form):
    """A form whose errors are ours, beside their fields."""

    use_required_attribute = False


class ReasonForm(PlainForm):
    """Why."""

    reason = forms.CharField(
        max_length=500, required=False, help_text="Kept with the act in the log, where it can be erased."
    )


class InstanceRoleForm(PlainForm):
    """Which role over the whole portal."""

    role = forms.ChoiceField(choices=InstanceRole.choices)


class NewUserForm(PlainForm):
    """A person to be created."""

    username = forms.CharField(max_length=150)
    name = forms.CharField(max_length=150, label="Full name")
    email = forms.EmailField()
    password = forms.CharField(
        widget=forms.PasswordInput, required=False, strip=False, help_text="Empty for people who sign in elsewhere."
    )


class OwnerForm(PlainForm):
    """Who answers for a program."""

    owner = forms.CharField(max_length=150, help_text="User name of the person who answers for it.")

    def clean_owner(self) -> User:
        """Return the person."""
        return account_of(self.cleaned_data["owner"])


class NewProgramForm(OwnerForm):
    """A service account to be created."""

    username = forms.CharField(max_length=150, help_text="As in the log, such as train-bot. It never changes.")
    name = forms.CharField(max_length=150, help_text="What the program does.")

    field_order = ("username", "name", "owner")


class NewTeamForm(PlainForm):
    """A team to be created."""

    slug = forms.SlugField(max_length=60, help_text="Lower-case letters, digits and hyphens; it never changes.")
    name = forms.CharField(max_length=120)
    description = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)


class RoleForm(PlainForm):
    """Whom to make what."""

    user = forms.ModelChoiceField(User.objects.active(), label="Person or program")
    role = forms.ChoiceField(choices=Role.choices)


class AnyRoleForm(PlainForm):
    """Who, which role, and where: on a team, on one model, or over the whole portal."""

    act = forms.ChoiceField(
        choices=(("give", "Give the role"), ("take", "Take the role back")), initial="give", widget=forms.RadioSelect
    )
    username = forms.CharField(max_length=150, label="User name of the person or program")
    role = forms.ChoiceField(
        choices=(("On a team or a model", Role.choices), ("Over the portal", InstanceRole.choices))
    )
    team = forms.ModelChoiceField(
        Team.objects.all(), required=False, to_field_name="slug", empty_label="No team",
        help_text="The role then holds on all models of the team.",
    )  # fmt: skip
    model = forms.CharField(max_length=100, required=False, label="Or the name of one model")

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_username(self) -> User:
        """Return the account."""
        return account_of(self.cleaned_data["username"])

    def clean_model(self) -> Any:
        """Return the model, if the actor may know of it."""
        name = self.cleaned_data["model"]
        found = grants.find("model", name, self.actor) if name and "\x00" not in name else None
        if name and found is None:
            raise forms.ValidationError("There is no model of this name that you may see.")
        return found

    def clean(self) -> dict[str, Any]:
        """Say where the role is to hold."""
        given: dict[str, Any] = super().clean() or {}
        places = [place for place in (given.get("team"), given.get("model")) if place is not None]
        if given.get("role") in InstanceRole.values and places:
            self.add_error("role", "This role holds over the whole portal; choose neither team nor model.")
        elif given.get("role") in Role.values and len(places) != 1 and not self.errors:
            self.add_error("team", "Choose a team, or name a model, and not both.")
        return {**given, "target": places[0] if len(places) == 1 else None}


class AccessForm(PlainForm):
    """Whose access to look at: a person's everywhere, or everybody's to one team or model."""

    person = forms.CharField(max_length=150, required=False, label="What can this person or program do?")
    team = forms.ModelChoiceField(
        Team.objects.all(),
        required=False,
        to_field_name="slug",
        empty_label="Choose a team",
        label="Or: who can act on",
    )
    model = forms.CharField(max_length=100, required=False, label="Or: who can act on this model?")
