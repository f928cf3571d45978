"""The reference of the API, for whoever asks: strangers read nothing in it of what is in the registry."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views import View

from apps.accounts.models import User
from apps.portal.selectors.reference import reference
from apps.portal.selectors.trials import names_for


class ApiReference(View):
    """Every call with commands that run."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the reference; forms name what somebody who is signed in may see."""
        base, shown = request.build_absolute_uri("/").rstrip("/"), reference()
        if isinstance(request.user, User):
            shown = shown.named(names_for(request.user))
        return TemplateResponse(request, "portal/api_reference.html", {"reference": shown, "base": base})
