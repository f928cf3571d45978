"""Programs' accounts: those the reader answers for, all of them for administrators."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from apps.accounts import actions, policies, selectors
from apps.accounts.models import User
from apps.accounts.portal.forms import DeactivationForm, OwnerForm, ServiceAccountForm
from apps.core.portal.forms import ActionForm
from apps.core.portal.views import FormPage, Page

USABLE = Q(tokens__revoked_at__isnull=True, tokens__expires_at__gt=Now())


class ServiceAccountPage(Page):
    """Finds the service accounts that the reader manages."""

    def accounts(self) -> QuerySet[User]:
        """Return what the reader manages."""
        return User.objects.managed_by(self.actor).select_related("owner")

    def account(self) -> User:
        """Return the service account of the address."""
        return get_object_or_404(self.accounts(), username=self.kwargs["username"])


class ServiceAccounts(ServiceAccountPage):
    """All of them."""

    template_name = "accounts/service_accounts.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them with their usable tokens and when one was last used."""
        counted = self.accounts().annotate(usable=Count("tokens", USABLE), used_at=Max("tokens__last_used_at"))
        return self.page(found=self.rows(counted.order_by("-is_active", "username")))


class AddServiceAccount(FormPage):
    """A new program."""

    template_name = "accounts/service_account_form.html"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form of a new program."""
        return ServiceAccountForm(data, reader=self.actor)

    def act(self, form: Any) -> HttpResponse:
        """Create it and go to its page."""
        given = form.cleaned_data
        account = actions.create_service_account(
            given["username"], given["name"], form.chosen_owner(), actor=self.actor
        )
        messages.success(self.request, f"{account.username} is there. It needs a token, and a role on a team or model.")
        return redirect("accounts:service-account", username=account.username)


class ShowServiceAccount(ServiceAccountPage):
    """One program with its tokens and roles."""

    template_name = "accounts/service_account.html"

    def get(self, request: HttpRequest, username: str) -> HttpResponse:
        """Show it."""
        account = self.account()
        return self.page(
            account=account,
            tokens=self.rows(account.tokens.select_related("user")),
            held=selectors.grants_of(account),
            can_create_token=policies.can_create_token(self.actor, account),
            can_manage=policies.can_manage_service_account(self.actor, account),
            can_deactivate=policies.can_deactivate(self.actor, account),
        )


class ConfirmedAct(ServiceAccountPage, FormPage):
    """An act that is asked about first, as a dialog or as a page of its own."""

    template_name = "accounts/service_account_confirm.html"
    verb = ""

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Return the question."""
        account = self.account()
        back = reverse("accounts:service-account", args=[account.username])
        return self.page(form=form, account=account, verb=self.verb, back=back, status=status)


class HandOver(ConfirmedAct):
    """Another owner."""

    verb = "hand over"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form that asks for whom."""
        return OwnerForm(data)

    def act(self, form: Any) -> HttpResponse:
        """Hand it over; who did so may not see it any more."""
        owner = selectors.somebody(form.cleaned_data["owner"], "owner")
        account = actions.hand_over_service_account(self.account(), owner, actor=self.actor)
        messages.success(self.request, f"{owner} answers for {account.username} from now on.")
        return redirect("accounts:service-accounts")


class Deactivate(ConfirmedAct):
    """The end of a program."""

    verb = "deactivate"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form that asks why."""
        return DeactivationForm(data)

    def act(self, form: Any) -> HttpResponse:
        """Deactivate it."""
        account = actions.deactivate_user(self.account(), reason=form.cleaned_data["reason"], actor=self.actor)
        messages.success(self.request, f"{account.username} is deactivated, and its tokens no longer work.")
        return redirect("accounts:service-account", username=account.username)


class Reactivate(ServiceAccountPage):
    """A program again."""

    def post(self, request: HttpRequest, username: str) -> HttpResponse:
        """Reactivate with its roles."""
        account = actions.reactivate_user(self.account(), actor=self.actor)
        messages.success(request, f"{account.username} is back with its roles. It needs a new token.")
        return redirect("accounts:service-account", username=account.username)
