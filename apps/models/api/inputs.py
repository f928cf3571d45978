"""What the registry's API takes; unknown fields are refused."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.api.serializers import StrictSerializer
from apps.models.api.fields import LineageField, MetricsField, ObjectField
from apps.models.states import RiskTier, Stage, Visibility


class Text(serializers.CharField):
    """Text and nothing else: numbers are not turned into it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the text; raises ValidationError for other types."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class NewModelSerializer(StrictSerializer):
    """A model to be registered."""

    name = Text(help_text="Lower-case letters, digits, dot, hyphen, underscore; up to 100 characters; for ever.")
    team = Text(help_text="Slug of the owning team.")
    risk_tier = serializers.ChoiceField(choices=RiskTier.choices)
    description = Text(required=False, allow_blank=True, default="")
    card = Text(required=False, allow_blank=True, default="", help_text="Model card in Markdown.")
    visibility = serializers.ChoiceField(choices=Visibility.choices, required=False, default=Visibility.TEAM)
    tags = serializers.ListField(child=Text(), required=False, default=list)


class ModelChangeSerializer(StrictSerializer):
    """What may be changed of a model."""

    description = Text(required=False, allow_blank=True)
    card = Text(required=False, allow_blank=True, help_text="Model card in Markdown.")
    tags = serializers.ListField(child=Text(), required=False)
    visibility = serializers.ChoiceField(choices=Visibility.choices, required=False)
    risk_tier = serializers.ChoiceField(
        choices=RiskTier.choices, required=False, help_text="Needs a reason; only a compliance officer lowers it."
    )
    reason = Text(required=False, allow_blank=True, default="")


class NewVersionSerializer(StrictSerializer):
    """A version to be registered: `version`, or `bump` from the highest."""

    version = Text(required=False, allow_null=True, help_text="Semantic version such as 1.4.0.")
    bump = serializers.ChoiceField(choices=["major", "minor", "patch"], required=False, allow_null=True)
    description = Text(required=False, allow_blank=True, default="")
    card = Text(required=False, allow_blank=True, default="", help_text="Model card of this version in Markdown.")
    metrics = MetricsField(required=False)
    parameters = ObjectField(required=False)
    metadata = ObjectField(required=False)
    lineage = LineageField(required=False)


class FailureSerializer(StrictSerializer):
    """Why a pending version is given up."""

    reason = Text()


class KnownBytesSerializer(StrictSerializer):
    """Bytes that the registry has already."""

    sha256 = serializers.RegexField(r"^[0-9a-f]{64}\Z", help_text="64 lower-case hexadecimal digits.")
    size = serializers.IntegerField(min_value=0, max_value=2**62, required=False)


class AliasTargetSerializer(StrictSerializer):
    """The version an alias shall name."""

    version = Text(help_text="Semantic version, number or @alias.")


class NewStandardSerializer(StrictSerializer):
    """A metadata standard to be set."""

    risk_tier = serializers.ChoiceField(choices=RiskTier.choices)
    stage = serializers.ChoiceField(
        choices=Stage.choices, required=False, allow_blank=True, default="", help_text="Empty: checked at registration."
    )
    schema = ObjectField(help_text="JSON Schema, draft 2020-12, without references elsewhere.")
