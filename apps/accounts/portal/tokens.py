"""API tokens of the reader and of the programs they manage."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from apps.accounts import actions, policies
from apps.accounts.models import ApiToken
from apps.accounts.portal.forms import TokenForm
from apps.core.portal.forms import ActionForm
from apps.core.portal.views import FormPage, Page


class Tokens(Page):
    """The reader's own tokens and those of programs they own."""

    template_name = "accounts/tokens.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them, newest first."""
        own: QuerySet[Any] = ApiToken.objects.filter(Q(user=self.actor) | Q(user__owner=self.actor))
        return self.page(found=self.rows(own.select_related("user")))


class AddToken(FormPage):
    """A new token, whose secret the answer shows once."""

    template_name = "accounts/token_form.html"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form of a new token."""
        return TokenForm(data, reader=self.actor, holder=self.request.GET.get("holder", ""))

    def act(self, form: Any) -> HttpResponse:
        """Create the token and show it, this once."""
        given = form.cleaned_data
        token, secret = actions.create_token(
            given["holder"], given["name"], given["scopes"], lifetime=form.lifetime, actor=self.actor
        )
        self.template_name = "accounts/token_secret.html"
        api = self.request.build_absolute_uri("/api/v1/")
        response = self.page(status=201, token=token, holder=given["holder"], secret=secret, api=api)
        response["Cache-Control"] = "no-store"
        return response


class RevokeToken(FormPage):
    """Ends a token at once, after a question."""

    template_name = "accounts/token_revoke.html"

    def token(self) -> ApiToken:
        """Return the token of the address."""
        found = ApiToken.objects.visible_to(self.actor).select_related("user")
        return get_object_or_404(found, prefix=self.kwargs["prefix"])

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Return the question."""
        token = self.token()
        verdict = policies.can_revoke_token(self.actor, token)
        return self.page(form=form, token=token, verdict=verdict, back=reverse("accounts:tokens"), status=status)

    def act(self, form: Any) -> HttpResponse:
        """Revoke, and go back to whose it was."""
        token = actions.revoke_token(self.token(), actor=self.actor)
        messages.success(self.request, f"The token {token.name} no longer works.")
        if token.user.is_service_account:
            return redirect("accounts:service-account", username=token.user.username)
        return redirect("accounts:tokens")
