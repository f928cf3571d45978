"""The choice of colours."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from apps.core.portal.views import Page
from apps.portal.forms import ThemeForm
from apps.portal.shell import THEME_COOKIE

YEAR = 365 * 24 * 3600


class ThemeChoice(Page):
    """Remembers the colours in a cookie and goes back to where the reader was."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store the choice; an unknown one changes nothing."""
        back = request.headers.get("Referer", "/")
        safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
        response = redirect(back if safe else "/")
        form = ThemeForm(request.POST)
        if form.is_valid():
            response.set_cookie(THEME_COOKIE, form.cleaned_data["theme"], max_age=YEAR, samesite="Lax", httponly=True)
        return response
