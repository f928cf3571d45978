"""Webhooks over HTTP; one address per verb."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import ObjectView
from apps.accounts.models import Team
from apps.accounts.roles import Scope
from apps.core.errors import Invalid
from apps.notifications import actions, selectors
from apps.notifications.api import serializers
from apps.notifications.filters import DeliveryFilter
from apps.notifications.models import Delivery, Endpoint

MANAGE = {"GET": Scope.WEBHOOKS_MANAGE, "POST": Scope.WEBHOOKS_MANAGE, "PATCH": Scope.WEBHOOKS_MANAGE}


class NotificationsView(ObjectView):
    """What the views of this app share."""

    required_scopes: Any = MANAGE


class EndpointView(NotificationsView):
    """Webhooks that the asker manages or audits."""

    queryset = Endpoint.objects.none()
    serializer_class: Any = serializers.EndpointSerializer
    cursor_ordering: tuple[str, ...] = ("name", "id")

    def endpoints(self) -> QuerySet[Endpoint]:
        """Return what the asker may know of."""
        return Endpoint.objects.visible_to(self.user).select_related("team")

    def endpoint(self) -> Endpoint:
        """Return the webhook of the address; 404 where the asker may not know of it."""
        return get_object_or_404(self.endpoints(), pk=self.kwargs["pk"])


class EndpointList(EndpointView):
    """All webhooks."""

    secret_fields = ("secret",)

    @extend_schema(operation_id="webhooks_list", summary="List webhooks")
    def get(self, request: Request) -> Response:
        """List the webhooks you manage or audit."""
        return self.listing(self.endpoints())

    @extend_schema(
        operation_id="webhooks_create",
        summary="Add a webhook",
        request=serializers.EndpointInput,
        responses={201: serializers.NewEndpointSerializer},
    )
    def post(self, request: Request) -> Response:
        """Add a webhook; the secret in the answer is shown only now."""
        given = self.given(serializers.EndpointInput)
        given["team"] = _team(given.get("team"))
        endpoint, secret = actions.create_endpoint(actor=self.user, **given)
        return Response({**self.get_serializer(endpoint).data, "secret": secret}, status=201)


class EndpointDetail(EndpointView):
    """One webhook."""

    @extend_schema(operation_id="webhooks_retrieve", summary="Read a webhook")
    def get(self, request: Request, pk: int) -> Response:
        """Return one webhook, without its secret."""
        return self.answer(self.endpoint())

    @extend_schema(operation_id="webhooks_change", summary="Change a webhook", request=serializers.EndpointChange)
    def patch(self, request: Request, pk: int) -> Response:
        """Change its name, URL or event types."""
        given = self.given(serializers.EndpointChange)
        return self.answer(actions.change_endpoint(self.endpoint(), actor=self.user, **given))


class EndpointRotate(EndpointView):
    """A new secret."""

    secret_fields = ("secret",)

    @extend_schema(
        operation_id="webhooks_rotate_secret",
        summary="Rotate the secret",
        description="The secret before signs along for 24 hours.",
        request=serializers.EmptyInput,
        responses=serializers.SecretSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Return a new secret, shown only now."""
        self.given(serializers.EmptyInput)
        return Response({"secret": actions.rotate_secret(self.endpoint(), actor=self.user)})


class EndpointDisable(EndpointView):
    """No more events."""

    @extend_schema(operation_id="webhooks_disable", summary="Disable a webhook", request=serializers.DisableInput)
    def post(self, request: Request, pk: int) -> Response:
        """Send nothing more there; what was waiting is cancelled."""
        given = self.given(serializers.DisableInput)
        return self.answer(actions.disable_endpoint(self.endpoint(), given["reason"], actor=self.user))


class EndpointEnable(EndpointView):
    """Events again."""

    @extend_schema(operation_id="webhooks_enable", summary="Enable a webhook", request=serializers.EmptyInput)
    def post(self, request: Request, pk: int) -> Response:
        """Send events there from now on."""
        self.given(serializers.EmptyInput)
        return self.answer(actions.enable_endpoint(self.endpoint(), actor=self.user))


class EndpointPing(EndpointView):
    """A test event."""

    # A request to somewhere else does not belong inside the transaction of a keyed answer.
    idempotent = False

    @extend_schema(
        operation_id="webhooks_ping",
        summary="Send a test event",
        request=serializers.EmptyInput,
        responses=serializers.PingSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Send a signed test event now and return the status it was answered with."""
        self.given(serializers.EmptyInput)
        outcome = actions.ping(self.endpoint(), actor=self.user)
        return Response(serializers.PingSerializer(outcome).data)


class DeliveryView(EndpointView):
    """Deliveries to one webhook."""

    queryset: Any = Delivery.objects.none()
    serializer_class = serializers.DeliverySerializer
    filterset_class: Any = None

    def deliveries(self) -> QuerySet[Delivery]:
        """Return the deliveries of the address's webhook."""
        found = Delivery.objects.visible_to(self.user).told().filter(endpoint=self.endpoint())
        return found.prefetch_related("tries")

    def delivery(self) -> Delivery:
        """Return the delivery of the address."""
        return get_object_or_404(self.deliveries(), pk=self.kwargs["delivery_pk"])


class DeliveryList(DeliveryView):
    """All deliveries to one webhook."""

    filterset_class = DeliveryFilter
    cursor_ordering = ("-created_at", "-id")

    @extend_schema(operation_id="webhooks_deliveries_list", summary="List deliveries")
    def get(self, request: Request, pk: int) -> Response:
        """List deliveries, newest first."""
        return self.listing(self.deliveries())


class DeliveryRange(EndpointView):
    """Deliveries of a time again."""

    @extend_schema(
        operation_id="webhooks_redeliver",
        summary="Repeat the deliveries of a time",
        request=serializers.RangeInput,
        responses=serializers.RangeSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Send the given-up and cancelled deliveries of a time again, at most 10,000, or only count them."""
        endpoint, given = self.endpoint(), self.given(serializers.RangeInput)
        dry_run = given.pop("dry_run")
        if dry_run:
            count = selectors.repeatable(endpoint, **given).count()
        else:
            count = actions.redeliver_range(endpoint, actor=self.user, **given)
        return Response(serializers.RangeSerializer({"count": count, "dry_run": dry_run}).data)


class DeliveryDetail(DeliveryView):
    """One delivery."""

    serializer_class = serializers.DeliveryDetailSerializer

    @extend_schema(operation_id="webhooks_deliveries_retrieve", summary="Read a delivery")
    def get(self, request: Request, pk: int, delivery_pk: int) -> Response:
        """Return one delivery with its attempts and the body that is posted."""
        return self.answer(self.delivery())


class DeliveryRepeat(DeliveryView):
    """A delivery again."""

    @extend_schema(
        operation_id="webhooks_deliveries_redeliver", summary="Repeat a delivery", request=serializers.EmptyInput
    )
    def post(self, request: Request, pk: int, delivery_pk: int) -> Response:
        """Send a closed delivery again, with the same webhook-id."""
        self.given(serializers.EmptyInput)
        return self.answer(actions.redeliver(self.delivery(), actor=self.user))


def _team(slug: str | None) -> Team | None:
    if slug is None:
        return None
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise Invalid(f"There is no team {slug!r}.", field="team", code="unknown_team")
    return team
