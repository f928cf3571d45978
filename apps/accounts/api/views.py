"""People, teams, service accounts, roles and tokens over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import actions, grants, policies, selectors
from apps.accounts.actions.roles import Target
from apps.accounts.api import serializers
from apps.accounts.api.authentication import TokenAuth
from apps.accounts.api.base import ObjectView
from apps.accounts.models import ApiToken, Team, User
from apps.accounts.roles import Scope
from apps.core.errors import Invalid, NotFound

MANAGE = {"GET": Scope.ACCOUNTS_MANAGE, "POST": Scope.ACCOUNTS_MANAGE}
READ = {"GET": Scope.MODELS_READ, "POST": Scope.ACCOUNTS_MANAGE}


class Me(APIView):
    """Who am I?"""

    required_scopes = {"GET": None}

    @extend_schema(operation_id="me", summary="Who am I, and what may I do", responses=serializers.MeSerializer)
    def get(self, request: Request) -> Response:
        """Answer who asks, through which token, with which scopes and roles."""
        return Response(serializers.MeSerializer(selectors.myself(cast(User, request.user), request.auth)).data)


class TokenList(ObjectView):
    """Tokens that the asker manages."""

    required_scopes = MANAGE
    secret_fields = ("token",)
    queryset = ApiToken.objects.none()
    serializer_class = serializers.TokenSerializer
    cursor_ordering = ("-created_at", "-id")

    @extend_schema(operation_id="tokens_list", summary="List tokens")
    def get(self, request: Request) -> Response:
        """List your tokens and those of your service accounts."""
        return self.listing(ApiToken.objects.visible_to(self.user).select_related("user"))

    @extend_schema(
        operation_id="tokens_create",
        summary="Create a token",
        request=serializers.NewTokenSerializer,
        responses={201: serializers.CreatedTokenSerializer},
    )
    def post(self, request: Request) -> Response:
        """Create a token for yourself or a service account; the answer shows it once."""
        given = self.given(serializers.NewTokenSerializer)
        policies.can_pass_on(given["scopes"], _scopes(request)).require()
        holder = _managed(self.user, given["service_account"]) if "service_account" in given else self.user
        lifetime = timedelta(days=given["lifetime_days"])
        token, plaintext = actions.create_token(
            holder, given["name"], given["scopes"], lifetime=lifetime, actor=self.user
        )
        return Response(serializers.CreatedTokenSerializer(token, context={"plaintext": plaintext}).data, status=201)


class TokenRevoke(ObjectView):
    """Ending a token."""

    required_scopes = MANAGE
    serializer_class = serializers.TokenSerializer

    @extend_schema(operation_id="tokens_revoke", summary="Revoke a token", request=None)
    def post(self, request: Request, prefix: str) -> Response:
        """Revoke a token at once."""
        token = get_object_or_404(ApiToken.objects.visible_to(self.user), prefix=prefix)
        return self.answer(actions.revoke_token(token, actor=self.user))


class TeamList(ObjectView):
    """Teams and their members."""

    required_scopes = READ
    queryset = Team.objects.none()
    serializer_class = serializers.TeamSerializer
    cursor_ordering = ("slug",)

    @extend_schema(operation_id="teams_list", summary="List teams")
    def get(self, request: Request) -> Response:
        """List the teams you may see, with their members and roles."""
        page = self.paginate_queryset(Team.objects.visible_to(self.user)) or []
        written = serializers.TeamSerializer(page, many=True, context={"members": grants.members(page)})
        return self.get_paginated_response(written.data)

    @extend_schema(
        operation_id="teams_create",
        summary="Create a team",
        request=serializers.NewTeamSerializer,
        responses={201: serializers.TeamSerializer},
    )
    def post(self, request: Request) -> Response:
        """Create a team; administrators only."""
        team = actions.create_team(**self.given(serializers.NewTeamSerializer), actor=self.user)
        return Response(serializers.TeamSerializer(team, context={"members": {team.pk: []}}).data, status=201)


class TeamDetail(ObjectView):
    """One team."""

    required_scopes = READ
    serializer_class = serializers.TeamSerializer

    @extend_schema(operation_id="teams_retrieve", summary="Show a team")
    def get(self, request: Request, slug: str) -> Response:
        """Show a team with its members and roles."""
        team = get_object_or_404(Team.objects.visible_to(self.user), slug=slug)
        return Response(serializers.TeamSerializer(team, context={"members": grants.members([team])}).data)


class GrantView(ObjectView):
    """Roles on one team or registered model; `scope` says which of the two the address names."""

    required_scopes = READ
    queryset = User.objects.none()
    serializer_class = serializers.MemberSerializer
    pagination_class = None
    scope = ""

    def target(self, name: str) -> Target:
        """Return the team or model; raises NotFound where the asker may not see it."""
        found = grants.find(self.scope, name, self.user)
        if found is None:
            raise NotFound("There is nothing of this name that you may see.")
        return cast(Target, found)

    def members(self, name: str) -> Response:
        """Return everybody with a role there."""
        found = grants.grants_on(cast(Any, self.target(name)))
        return Response([serializers.member(user, roles) for user, roles in found])


class GrantList(GrantView):
    """Who has which role."""

    @extend_schema(summary="List roles", responses=serializers.MemberSerializer(many=True))
    def get(self, request: Request, name: str) -> Response:
        """List who has which roles on exactly this object."""
        return self.members(name)

    @extend_schema(
        summary="Give a role",
        request=serializers.GrantSerializer,
        responses=serializers.MemberSerializer(many=True),
    )
    def post(self, request: Request, name: str) -> Response:
        """Give somebody a role; owners only, and nobody makes themselves a reviewer."""
        target, given = self.target(name), self.given(serializers.GrantSerializer)
        policies.can_manage_roles(self.user, cast(Any, target)).require()
        actions.give_role(selectors.somebody(given["username"]), given["role"], target, actor=self.user)
        return self.members(name)


class GrantTake(GrantView):
    """Taking a role back."""

    @extend_schema(
        summary="Take a role back",
        request=serializers.GrantSerializer,
        responses=serializers.MemberSerializer(many=True),
    )
    def post(self, request: Request, name: str) -> Response:
        """Take somebody's role back; everybody may lay down their own."""
        target, given = self.target(name), self.given(serializers.GrantSerializer)
        actions.take_role(selectors.somebody(given["username"]), given["role"], target, actor=self.user)
        return Response([serializers.member(*found) for found in grants.grants_on(cast(Any, target))])


class ServiceAccountList(ObjectView):
    """Service accounts that the asker manages."""

    required_scopes = MANAGE
    queryset = User.objects.none()
    serializer_class = serializers.ServiceAccountSerializer
    cursor_ordering = ("username",)

    @extend_schema(operation_id="service_accounts_list", summary="List service accounts")
    def get(self, request: Request) -> Response:
        """List the service accounts you own; administrators see all."""
        return self.listing(User.objects.managed_by(self.user).select_related("owner"))

    @extend_schema(
        operation_id="service_accounts_create",
        summary="Create a service account",
        request=serializers.NewServiceAccountSerializer,
        responses={201: serializers.ServiceAccountSerializer},
    )
    def post(self, request: Request) -> Response:
        """Create a service account under yourself; administrators under anybody."""
        given = self.given(serializers.NewServiceAccountSerializer)
        owner = selectors.somebody(given["owner"], "owner") if "owner" in given else self.user
        account = actions.create_service_account(given["username"], given["name"], owner, actor=self.user)
        return self.answer(account, 201)


class ServiceAccountView(ObjectView):
    """One service account."""

    required_scopes = MANAGE
    serializer_class = serializers.ServiceAccountSerializer

    def account(self, username: str) -> User:
        """Return the service account; raises Http404 where the asker does not manage it."""
        return get_object_or_404(User.objects.managed_by(self.user), username=username)


class ServiceAccountDeactivate(ServiceAccountView):
    """Ending a service account."""

    @extend_schema(operation_id="service_accounts_deactivate", summary="Deactivate a service account", request=None)
    def post(self, request: Request, username: str) -> Response:
        """Deactivate a service account; its tokens stop at once."""
        return self.answer(actions.deactivate_user(self.account(username), actor=self.user))


class ServiceAccountReactivate(ServiceAccountView):
    """A service account again."""

    @extend_schema(operation_id="service_accounts_reactivate", summary="Bring a service account back", request=None)
    def post(self, request: Request, username: str) -> Response:
        """Bring a service account back with its roles; it needs a new token."""
        return self.answer(actions.reactivate_user(self.account(username), actor=self.user))


class ServiceAccountHandOver(ServiceAccountView):
    """Another owner."""

    @extend_schema(
        operation_id="service_accounts_hand_over",
        summary="Hand a service account over",
        request=serializers.OwnerSerializer,
    )
    def post(self, request: Request, username: str) -> Response:
        """Give a service account another owner."""
        owner = selectors.somebody(self.given(serializers.OwnerSerializer)["owner"], "owner")
        return self.answer(actions.hand_over_service_account(self.account(username), owner, actor=self.user))


def _scopes(request: Request) -> frozenset[str] | None:
    return cast(TokenAuth, request.auth).scopes if request.auth else None


def _managed(user: User, username: str) -> User:
    account = User.objects.managed_by(user).filter(username=username).first()
    if account is None:
        raise Invalid(f"You manage no service account {username}.", code="unknown_user", field="service_account")
    return account
