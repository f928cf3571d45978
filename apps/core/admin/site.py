"""The admin's frame: its sections in the words of the people who use it, and no way in of its own."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

# Each section with what people come for; tables that name none are for looking closer.
SECTIONS = {
    "Rules": "What promotions need, and what the metadata of versions must say.",
    "People": "Who there is, who may do what, and through which grant.",
    "Reviews": "What was asked for, decided, signed and checked. To read and to export.",
    "Registry": "Models, their versions and where these are.",
    "Webhooks": "Who is told of events, and whether it arrives.",
    "Log": "Every act, in the order in which it happened.",
    "Closer look": "Tables that the rest is made of.",
}
LAST = "Closer look"


class PortalAdminSite(AdminSite):
    """The portal's admin: people sign in and change passwords where everybody does."""

    site_title = site_header = "Registry Portal"
    index_title = "Administration"
    enable_nav_sidebar = False
    empty_value_display = ""

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to the portal's own sign-in page, which knows rate limits and second factors."""
        answer: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Send people where everybody changes their password; that act is audited."""
        return redirect("account_change_password")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the tables somebody may read by section; by app where one is asked for."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        sections: dict[str, list[Any]] = {name: [] for name in SECTIONS}
        for app in super().get_app_list(request):
            for table in app["models"]:
                page: Any = self._registry[table["model"]]
                section = sections[getattr(page, "section", LAST)]
                name = getattr(page, "label", "") or table["name"]
                section.append(_place(getattr(page, "rank", 9), name, table["admin_url"]))
                section += [_place(*place) for place in _pages(page, request)]
        _mark_current([place for places in sections.values() for place in places], request.path)
        return [_section(name, places) for name, places in sections.items() if places]


def _pages(page: Any, request: HttpRequest) -> list[tuple[int, str, str]]:
    """Return the pages beside its list that a table's admin offers somebody."""
    offered = page.places(request) if hasattr(page, "places") else ()
    return [(rank, label, reverse(name)) for rank, label, name in offered]


def _section(name: str, places: list[dict[str, Any]]) -> dict[str, Any]:
    current = any(place["current"] for place in places)
    shown = {"name": name, "summary": SECTIONS[name], "models": sorted(places, key=_order)}
    return {**shown, "folded": name == LAST, "current": current}


def _place(rank: int, name: str, url: str) -> dict[str, Any]:
    return {"rank": rank, "name": name, "admin_url": url, "current": False}


def _mark_current(places: list[dict[str, Any]], path: str) -> None:
    """Mark the place that leads nearest to the page shown."""
    leading = [place for place in places if path.startswith(place["admin_url"])]
    if leading:
        max(leading, key=lambda place: len(place["admin_url"]))["current"] = True


def _order(place: dict[str, Any]) -> tuple[int, str]:
    return place["rank"], str(place["name"])
