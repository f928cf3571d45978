"""Input and output of the accounts API, and the strict base of every input serializer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from apps.accounts.models import ApiToken, Team, User
from apps.accounts.roles import InstanceRole, Role, Scope, TokenState


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know, next to everything else that is wrong."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated values; raises ValidationError with `unknown_field` for each surplus field."""
        surplus = self._surplus(data) if isinstance(data, Mapping) else {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            if surplus and isinstance(error.detail, dict):
                raise ValidationError({**surplus, **error.detail}) from None
            raise
        if surplus:
            raise ValidationError(surplus)
        return values

    def _surplus(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        known = [name for name, field in self.fields.items() if not field.read_only]
        says = f"There is no such field; known are {', '.join(known)}."
        return {str(name): [ErrorDetail(says, code="unknown_field")] for name in data if name not in known}


class MembershipSerializer(serializers.Serializer[Any]):
    """Roles in one team."""

    slug = serializers.CharField()
    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices))


class MeSerializer(serializers.Serializer[Any]):
    """Who asks, how they proved it, and what they may do."""

    username = serializers.CharField()
    name = serializers.CharField()
    service_account = serializers.BooleanField()
    owner = serializers.CharField(allow_null=True, help_text="User name of a service account's owner.")
    roles = serializers.ListField(child=serializers.ChoiceField(choices=InstanceRole.choices))
    teams = MembershipSerializer(many=True)
    authenticated_by = serializers.ChoiceField(choices=["token", "session"])
    token = serializers.CharField(allow_null=True, help_text="Prefix of the token.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices), allow_null=True, help_text="Null for a browser session."
    )


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token without its secret."""

    holder = serializers.CharField(source="user.username")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))
    state = serializers.ChoiceField(choices=TokenState.choices)

    class Meta:
        model = ApiToken
        fields = (
            *("prefix", "name", "holder", "scopes", "state"),
            *("created_at", "expires_at", "revoked_at", "last_used_at"),
        )
        read_only_fields = fields


class CreatedTokenSerializer(TokenSerializer):
    """A new token with its plaintext."""

    token = serializers.SerializerMethodField(
        help_text="The token itself, shown this once; null when a repeated request gets the first answer again."
    )

    class Meta(TokenSerializer.Meta):
        fields = ("token", *TokenSerializer.Meta.fields)  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]

    def get_token(self, token: ApiToken) -> str | None:
        """Return the plaintext."""
        plaintext: str = self.context["plaintext"]
        return plaintext


class NewTokenSerializer(StrictSerializer):
    """What a new token is for."""

    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices), allow_empty=False)
    service_account = serializers.CharField(
        max_length=150, required=False, help_text="User name of a service account that you manage; else for yourself."
    )
    lifetime_days = serializers.IntegerField(min_value=1, max_value=365, default=90)


class MemberSerializer(serializers.Serializer[Any]):
    """Who has which roles on one team or registered model."""

    username = serializers.CharField()
    name = serializers.CharField()
    service_account = serializers.BooleanField()
    active = serializers.BooleanField()
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices))


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A team and its members."""

    members = serializers.SerializerMethodField()

    class Meta:
        model = Team
        fields = ("slug", "name", "description", "created_at", "members")
        read_only_fields = fields

    @extend_schema_field(MemberSerializer(many=True))
    def get_members(self, team: Team) -> list[dict[str, Any]]:
        """Return everybody with a role on the team."""
        return [member(user, roles) for user, roles in self.context["members"][team.pk]]


class NewTeamSerializer(StrictSerializer):
    """A team to be created."""

    slug = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True, default="")


class GrantSerializer(StrictSerializer):
    """A role for somebody."""

    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=Role.choices)


class ServiceAccountSerializer(serializers.ModelSerializer[User]):
    """A program's account."""

    owner = serializers.CharField(source="owner.username")
    active = serializers.BooleanField(source="is_active")
    created_at = serializers.DateTimeField(source="date_joined")

    class Meta:
        model = User
        fields = ("username", "name", "owner", "active", "created_at")
        read_only_fields = fields


class NewServiceAccountSerializer(StrictSerializer):
    """A service account to be created."""

    username = serializers.CharField(max_length=150)
    name = serializers.CharField(max_length=150)
    owner = serializers.CharField(
        max_length=150, required=False, help_text="User name of the person who answers for it; else yourself."
    )


class OwnerSerializer(StrictSerializer):
    """Who shall own a service account."""

    owner = serializers.CharField(max_length=150)


def member(user: User, roles: list[str]) -> dict[str, Any]:
    """Return a member as JSON data."""
    return {
        "username": user.username,
        "name": str(user),
        "service_account": user.is_service_account,
        "active": user.is_active,
        "roles": roles,
    }
