"""Models, their aliases, and metadata standards over HTTP."""

from __future__ import annotations

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.roles import Scope
from apps.models import actions, selectors
from apps.models.api import inputs, serializers
from apps.models.api.views.base import READ, WRITE, RegistryView
from apps.models.filters import RegisteredModelFilter
from apps.models.models import MetadataStandard, RegisteredModel

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag you saw; a changed model is refused with 409."
)


class ModelList(RegistryView):
    """Find and register models."""

    required_scopes = READ | WRITE
    serializer_class = serializers.ModelSerializer
    filterset_class = RegisteredModelFilter
    cursor_ordering = "name"

    @extend_schema(operation_id="models_list", summary="Find models")
    def get(self, request: Request) -> Response:
        """List the models you may see, by name; filter by words, team, tier, tag or stage."""
        rows = RegisteredModel.objects.visible_to(self.user).with_production()
        return self.listing(rows.select_related("team", "registered_by").defer("card"))

    @extend_schema(
        operation_id="models_create",
        summary="Register a model",
        request=inputs.NewModelSerializer,
        responses={201: serializers.ModelDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Register a model for a team you contribute to."""
        model = actions.register_model(actor=self.user, **self.given(inputs.NewModelSerializer))
        headers = {"ETag": model.etag, "Location": reverse("api-model", args=[model.name])}
        return Response(serializers.ModelDetailSerializer(model).data, status=201, headers=headers)


class ModelDetail(RegistryView):
    """One model."""

    required_scopes = {**READ, "PATCH": Scope.MODELS_WRITE}
    serializer_class = serializers.ModelDetailSerializer
    filter_backends = ()

    @extend_schema(operation_id="models_retrieve", summary="Read a model")
    def get(self, request: Request, name: str) -> Response:
        """Return the model with its version in production."""
        return self._answer(self.model(name))

    @extend_schema(
        operation_id="models_update",
        summary="Change a model",
        parameters=[IF_MATCH],
        request=inputs.ModelChangeSerializer,
    )
    def patch(self, request: Request, name: str) -> Response:
        """Change description, card, tags, visibility or risk tier; a change of tier needs a reason."""
        expected = request.headers.get("If-Match")
        changes = self.given(inputs.ModelChangeSerializer)
        model = self.model(name)
        actions.change_model(model, actor=self.user, expected=None if expected == "*" else expected, **changes)
        return self._answer(self.model(name))

    def _answer(self, model: RegisteredModel) -> Response:
        return Response(self.get_serializer(model).data, headers={"ETag": model.etag})


class AliasList(RegistryView):
    """A model's aliases."""

    required_scopes = READ
    serializer_class = serializers.AliasSerializer
    filter_backends = ()
    cursor_ordering = "name"

    @extend_schema(operation_id="aliases_list", summary="List aliases")
    def get(self, request: Request, name: str) -> Response:
        """List the model's aliases."""
        return self.listing(self.model(name).aliases.select_related("version", "set_by"))


class AliasDetail(RegistryView):
    """One alias."""

    required_scopes = {"PUT": Scope.MODELS_WRITE, "DELETE": Scope.MODELS_WRITE}
    serializer_class = serializers.AliasSerializer
    filter_backends = ()

    @extend_schema(
        operation_id="aliases_set",
        summary="Point an alias at a version",
        request=inputs.AliasTargetSerializer,
    )
    def put(self, request: Request, name: str, alias: str) -> Response:
        """Point the alias at a sealed version, whether it exists already or not."""
        model = self.model(name)
        version = selectors.resolve_version(model, self.given(inputs.AliasTargetSerializer)["version"])
        found = actions.set_alias(model, name=alias, version=version, actor=self.user)
        return Response(self.get_serializer(found).data)

    @extend_schema(operation_id="aliases_remove", summary="Remove an alias", responses={204: None})
    def delete(self, request: Request, name: str, alias: str) -> Response:
        """Remove the alias; the version stays."""
        actions.remove_alias(self.model(name), name=alias, actor=self.user)
        return Response(status=204)


class StandardList(RegistryView):
    """Metadata standards."""

    required_scopes = READ | WRITE
    queryset = MetadataStandard.objects.none()
    serializer_class = serializers.StandardSerializer
    filter_backends = ()
    cursor_ordering = "-pk"

    @extend_schema(operation_id="metadata_standards_list", summary="List metadata standards")
    def get(self, request: Request) -> Response:
        """List every standard there was, newest first; the newest of a tier and stage holds."""
        return self.listing(MetadataStandard.objects.select_related("set_by"))

    @extend_schema(
        operation_id="metadata_standards_create",
        summary="Set a metadata standard",
        request=inputs.NewStandardSerializer,
        responses={201: serializers.StandardSerializer},
    )
    def post(self, request: Request) -> Response:
        """Set the standard of a tier, at registration or for promotions to a stage; compliance officers only."""
        standard = actions.set_standard(actor=self.user, **self.given(inputs.NewStandardSerializer))
        return Response(self.get_serializer(standard).data, status=201)
