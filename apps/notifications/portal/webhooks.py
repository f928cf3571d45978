"""Webhooks: what is sent where, how it fares, and sending it again."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from apps.core.errors import PortalError
from apps.core.portal.forms import ActionForm
from apps.core.portal.views import FormPage, Page
from apps.notifications import actions, envelope, policies, selectors, targets
from apps.notifications.filters import DeliveryFilter
from apps.notifications.models import Delivery, Endpoint
from apps.notifications.portal.listing import Listing
from apps.notifications.portal.webhook_forms import (
    DeliveryFilterForm,
    EndpointForm,
    NewEndpointForm,
    RangeForm,
    ReasonForm,
)
from apps.notifications.states import in_words


class WebhookPage(Page):
    """Finds the webhooks that the reader manages or audits."""

    def endpoints(self) -> QuerySet[Endpoint]:
        """Return what the reader may know of."""
        return Endpoint.objects.visible_to(self.actor).select_related("team", "created_by")

    def endpoint(self) -> Endpoint:
        """Return the webhook of the address."""
        return get_object_or_404(self.endpoints(), pk=self.kwargs["pk"])

    def secret_page(self, endpoint: Endpoint, secret: str, *, is_new: bool) -> HttpResponse:
        """Show a secret, this once, and keep it out of every cache."""
        self.template_name = "notifications/webhook_secret.html"
        response = self.page(status=201 if is_new else 200, endpoint=endpoint, secret=secret, is_new=is_new)
        response["Cache-Control"] = "no-store"
        return response


class Webhooks(WebhookPage):
    """All webhooks with how they fare."""

    template_name = "notifications/webhooks.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        found = self.rows(self.endpoints())
        health = selectors.health_of(list(found))
        lines = [(each, health[each.pk], [targets.in_words(name) for name in each.event_types]) for each in found]
        return self.page(found=found, lines=lines)


class AddWebhook(WebhookPage, FormPage):
    """A new webhook, whose secret the answer shows once."""

    template_name = "notifications/webhook_form.html"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form of a new webhook."""
        return NewEndpointForm(data, reader=self.actor)

    def act(self, form: Any) -> HttpResponse:
        """Add it."""
        given = form.cleaned_data
        endpoint, secret = actions.create_endpoint(
            given["name"],
            given["url"],
            team=form.chosen_team(),
            event_types=given["event_types"],
            actor=self.actor,
        )
        return self.secret_page(endpoint, secret, is_new=True)


class ShowWebhook(WebhookPage, Listing):
    """One webhook with its deliveries."""

    template_name = "notifications/webhook.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show it."""
        return self.shown(self.endpoint())

    def shown(self, endpoint: Endpoint, **more: Any) -> HttpResponse:
        """Return the page."""
        deliveries = Delivery.objects.visible_to(self.actor).told().filter(endpoint=endpoint)
        rows, older = self.stretch(DeliveryFilter(self.request.GET, deliveries).qs)
        return self.page(
            endpoint=endpoint,
            health=selectors.health_of([endpoint])[endpoint.pk],
            chosen=[targets.in_words(name) for name in endpoint.event_types],
            secrets=endpoint.secrets.order_by("-created_at"),
            can_manage=policies.can_manage(self.actor, endpoint),
            can_repeat=policies.can_repeat_range(self.actor, endpoint),
            filter=DeliveryFilterForm(self.request.GET),
            deliveries=rows,
            older=older,
            **more,
        )


class PingWebhook(ShowWebhook):
    """Sends a test event; the answer is shown on the webhook's page."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Go to the page where the button is."""
        return redirect("webhooks:webhook", pk=self.endpoint().pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send it and show what came of it."""
        endpoint = self.endpoint()
        outcome = actions.ping(endpoint, actor=self.actor)
        return self.shown(endpoint, outcome=outcome, problem=in_words(outcome.error))


class ChangeWebhook(WebhookPage, FormPage):
    """Another name, URL or choice of events."""

    template_name = "notifications/webhook_form.html"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form with what is so now."""
        return EndpointForm(data, endpoint=self.endpoint())

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Return the page around the form."""
        endpoint = self.endpoint()
        verdict = policies.can_manage(self.actor, endpoint)
        return self.page(form=form, endpoint=endpoint, verdict=verdict, status=status)

    def act(self, form: Any) -> HttpResponse:
        """Change it."""
        endpoint = actions.change_endpoint(self.endpoint(), actor=self.actor, **form.cleaned_data)
        messages.success(self.request, f"{endpoint} is changed.")
        return redirect("webhooks:webhook", pk=endpoint.pk)


class ConfirmedAct(WebhookPage, FormPage):
    """An act that is asked about first, as a dialog or as a page of its own."""

    template_name = "notifications/webhook_confirm.html"
    verb = ""

    def verdict(self, endpoint: Endpoint) -> Any:
        """Return whether the reader may do it."""
        return policies.can_manage(self.actor, endpoint)

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Return the question."""
        endpoint = self.endpoint()
        told = {"endpoint": endpoint, "verb": self.verb, "verdict": self.verdict(endpoint)}
        return self.page(form=form, back=reverse("webhooks:webhook", args=[endpoint.pk]), status=status, **told)


class RotateSecret(ConfirmedAct):
    """A new secret, shown once."""

    verb = "rotate"

    def act(self, form: Any) -> HttpResponse:
        """Rotate and show it."""
        endpoint = self.endpoint()
        return self.secret_page(endpoint, actions.rotate_secret(endpoint, actor=self.actor), is_new=False)


class DisableWebhook(ConfirmedAct):
    """No more events, for a reason."""

    verb = "disable"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form that asks why."""
        return ReasonForm(data)

    def verdict(self, endpoint: Endpoint) -> Any:
        """Return whether the reader may disable it now."""
        return policies.can_disable(self.actor, endpoint)

    def act(self, form: Any) -> HttpResponse:
        """Disable it."""
        endpoint = actions.disable_endpoint(self.endpoint(), form.cleaned_data["reason"], actor=self.actor)
        messages.success(self.request, f"Nothing more is sent to {endpoint}.")
        return redirect("webhooks:webhook", pk=endpoint.pk)


class EnableWebhook(WebhookPage):
    """Events again."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Enable it."""
        endpoint = actions.enable_endpoint(self.endpoint(), actor=self.actor)
        messages.success(request, f"Events are sent to {endpoint} from now on.")
        return redirect("webhooks:webhook", pk=endpoint.pk)


class RepeatRange(WebhookPage):
    """Sends the deliveries of a time again: first counted, then confirmed."""

    template_name = "notifications/webhook_repeat.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the form, and the count once a range is given."""
        return self.shown(RangeForm(request.GET or None))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send them again."""
        form = RangeForm(request.POST)
        if not form.is_valid():
            return self.shown(form, status=400)
        try:
            count = actions.redeliver_range(self.endpoint(), actor=self.actor, **form.chosen())
        except PortalError as error:
            form.refuse(error)
            return self.shown(form, status=error.status)
        messages.success(request, f"{count} {'delivery is' if count == 1 else 'deliveries are'} sent again.")
        return redirect("webhooks:webhook", pk=pk)

    def shown(self, form: RangeForm, status: int = 200) -> HttpResponse:
        """Return the page with how many deliveries the range holds."""
        endpoint = self.endpoint()
        counted = form.is_bound and form.is_valid()
        count = selectors.repeatable(endpoint, **form.chosen()).count() if counted else None
        verdict = policies.can_repeat_range(self.actor, endpoint)
        return self.page(endpoint=endpoint, form=form, count=count, verdict=verdict, status=status)


class DeliveryPage(WebhookPage):
    """Finds a delivery of the address's webhook."""

    def delivery(self) -> Delivery:
        """Return the delivery of the address."""
        found = Delivery.objects.visible_to(self.actor).told().filter(endpoint=self.endpoint())
        return get_object_or_404(found, pk=self.kwargs["delivery_pk"])


class ShowDelivery(DeliveryPage):
    """One delivery: what was posted, and what came of each attempt."""

    template_name = "notifications/delivery.html"

    def get(self, request: HttpRequest, pk: int, delivery_pk: int) -> HttpResponse:
        """Show it."""
        delivery = self.delivery()
        body = envelope.body(delivery.event)
        return self.page(
            delivery=delivery,
            endpoint=delivery.endpoint,
            attempts=list(delivery.tries.all()),
            payload=json.dumps(json.loads(body), indent=2, ensure_ascii=False),
            size=len(body),
            content_type=envelope.CONTENT_TYPE,
            can_repeat=policies.can_repeat(self.actor, delivery),
        )


class RepeatDelivery(DeliveryPage):
    """Sends one delivery again."""

    def post(self, request: HttpRequest, pk: int, delivery_pk: int) -> HttpResponse:
        """Send it again and go back to it."""
        delivery = actions.redeliver(self.delivery(), actor=self.actor)
        messages.success(request, "It is sent again, with the same webhook-id.")
        return redirect("webhooks:delivery", pk=pk, delivery_pk=delivery.pk)
