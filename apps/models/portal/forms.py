"""Forms of the registry: they parse; what may be done is said by policies and actions."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.core.portal.forms import ActionForm
from apps.models.models import RegisteredModel
from apps.models.states import RiskTier, Visibility
from apps.models.words import MAX_CARD, MAX_DESCRIPTION

UNTRIMMED = {"strip": False, "required": False}


class ModelForm(ActionForm):
    """What owners keep of a model; `etag` is the model as the form was opened on."""

    description = forms.CharField(
        label="Purpose",
        max_length=MAX_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the model is for, in one or two sentences. Lists and the search show it.",
        **UNTRIMMED,  # type: ignore[arg-type]
    )
    card = forms.CharField(
        label="Model card",
        max_length=MAX_CARD,
        widget=forms.Textarea(attrs={"rows": 16, "class": "mono"}),
        help_text="Markdown: intended use, limits, training data, evaluation, whom to ask. Every change is recorded.",
        **UNTRIMMED,  # type: ignore[arg-type]
    )
    tags = forms.CharField(label="Tags", required=False, help_text="Separated by commas.")
    visibility = forms.ChoiceField(label="Visible to", choices=Visibility.choices, widget=forms.RadioSelect)
    risk_tier = forms.ChoiceField(label="Risk tier", choices=RiskTier.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=MAX_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed where the risk tier changes. It becomes part of the record.",
    )
    etag = forms.CharField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, model: RegisteredModel, data: Any = None) -> ModelForm:
        """Return the form filled in with the model as it is."""
        shown = {name: getattr(model, name) for name in ("description", "card", "visibility", "risk_tier", "etag")}
        return cls(data, initial={**shown, "tags": ", ".join(model.tags)})

    def changes(self, model: RegisteredModel) -> dict[str, Any]:
        """Return the fields that differ from the model as it is."""
        named = ("description", "card", "tags", "visibility", "risk_tier")
        return {name: self.cleaned_data[name] for name in named if self.cleaned_data[name] != getattr(model, name)}

    def said(self) -> dict[str, str]:
        """Return why, and on which state of the model."""
        return {"reason": self.cleaned_data["reason"], "expected": self.cleaned_data["etag"]}

    def clean_description(self) -> str:
        """Return the text with the line ends that it was stored with: browsers send CRLF."""
        return _lines(self.cleaned_data["description"])

    def clean_card(self) -> str:
        """As the description."""
        return _lines(self.cleaned_data["card"])

    def clean_tags(self) -> list[str]:
        """Return the tags apart."""
        return [tag.strip() for tag in self.cleaned_data["tags"].split(",") if tag.strip()]


class AliasForm(ActionForm):
    """The name that shall point at a version."""

    alias = forms.CharField(
        label="Alias",
        max_length=100,
        help_text="Such as champion. If the alias exists it moves here from where it points now.",
        error_messages={"required": "Give the name, such as champion."},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_alias(self) -> str:
        """Take `@champion` for `champion`."""
        return str(self.cleaned_data["alias"]).removeprefix("@")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")
