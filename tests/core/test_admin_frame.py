"""The admin's frame: the portal's look, sections by what somebody may read, acts where they make sense."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLResolver

from apps.accounts import actions
from apps.accounts.models import User
from apps.core.actors import SYSTEM
from tests.factories import browser


def sections(user: User) -> list[str]:
    """Return the sections of the navigation."""
    page = browser(user).get("/admin/").content.decode()
    return re.findall(r"<(?:h2|summary)>([^<]+)</", page.partition('class="admin-nav"')[2].partition("</nav>")[0])


@pytest.mark.parametrize(("chosen", "shown"), [("dark", "dark"), ("light", "light"), ("", "auto"), ("pink", "auto")])
def test_colours_follow_the_choice_made_in_the_portal(auditor: User, chosen: str, shown: str) -> None:
    client = browser(auditor)
    client.cookies["theme"] = chosen
    assert f'data-theme="{shown}"' in client.get("/admin/").content.decode()


def test_frame_leads_back_to_the_portal_and_has_nothing_inline(auditor: User) -> None:
    client = browser(auditor)
    for address in (
        "/admin/",
        "/admin/accounts/user/",
        f"/admin/accounts/user/{auditor.pk}/change/",
        "/admin/accounts/",
    ):
        page = client.get(address).content.decode()
        assert '<a class="push back" href="/">' in page
        assert "css/tokens.css" in page
        assert not re.search(r"<style|<script(?![^>]+src=)|\sstyle=|\son\w+=", page), address


def test_sections_are_those_that_somebody_reads(administrator: User, compliance: User) -> None:
    assert sections(administrator) == ["Sections", "People", "Closer look"]
    assert sections(compliance) == [
        *("Sections", "Rules", "People", "Reviews", "Registry", "Webhooks", "Log", "Closer look"),
    ]


def test_one_place_is_marked_as_the_present_one(auditor: User) -> None:
    page = browser(auditor).get("/admin/accounts/user/access/").content.decode()
    assert re.findall(r'<a href="([^"]+)" aria-current="page">', page) == ["/admin/accounts/user/access/"]


def test_page_of_a_person_offers_what_makes_sense(administrator: User, stranger: User) -> None:
    client, page = browser(administrator), f"/admin/accounts/user/{stranger.pk}/change/"
    offered = client.get(page).content.decode()
    assert ('value="deactivate"' in offered, 'value="reactivate"' in offered) == (True, False)
    actions.deactivate_user(stranger, reason="Left", actor=SYSTEM)
    offered = client.get(page).content.decode()
    assert ('value="deactivate"' in offered, 'value="reactivate"' in offered) == (False, True)


def test_auditor_is_offered_no_act(auditor: User, stranger: User) -> None:
    page = browser(auditor).get(f"/admin/accounts/user/{stranger.pk}/change/").content.decode()
    assert 'name="action"' not in page
    assert "Give or take a role" not in page


def addresses(patterns: list[Any], before: str = "/admin/") -> Iterator[str]:
    """Yield every address of the admin but sign-in and sign-out, with something in each place."""
    for pattern in patterns:
        address = before + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: GIVEN.get(found[1], "1"), str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, address)
        elif pattern.name not in ("login", "logout", None) and "(" not in address:
            yield address


GIVEN = {"kind": "csv", "object_id": "1", "pk": "1", "content_type_id": "1"}


def test_no_address_of_the_admin_answers_who_may_not_enter(owner: User) -> None:
    found = list(addresses(admin.site.get_urls()))
    assert len(found) > 100
    assert {"/admin/approvals/policy/1/edit/", "/admin/audit/event/export.csv"} <= set(found)
    for client in (Client(), browser(owner)):
        assert {address: answer for address in found if (answer := client.get(address).status_code) != 302} == {}
