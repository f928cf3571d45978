"""How somebody does an act: by the domain itself, over the API, on a page without JavaScript, and in the admin."""

from __future__ import annotations

import html
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.db import transaction
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.core.errors import PortalError
from tests import factories
from tests.parity.world import World, rows

DONE, SHUT = 200, 0
Door = Callable[["World", User, Any], "Answer"]


@dataclass(frozen=True)
class Sent:
    """A request to the API."""

    method: str
    address: str
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Form:
    """What somebody fills in on a page, and where it goes if not to the page itself."""

    page: str
    given: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""


@dataclass(frozen=True)
class Answer:
    """What somebody got: a status, why, and all rows afterwards; SHUT where there is no way in at all."""

    status: int
    code: str = ""
    text: str = ""
    rows: Any = None
    offered: bool = True


class Offer(HTMLParser):
    """What a page lets people send: forms by their address, fields with the values to choose from."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.actions: set[str] = set()
        self.fields: dict[str, set[str]] = defaultdict(set)
        self.hidden: dict[str, str] = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, field or choice."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.actions.add(given.get("action", ""))
        elif tag == "option":
            self.fields[self._select].add(given.get("value", ""))
        elif tag in ("input", "textarea", "select") and "disabled" not in given:
            self._note(tag, given)

    def _note(self, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", tag)
        choice = kind in ("radio", "checkbox", "select")
        self._select = name if tag == "select" else self._select
        self.fields[name] |= ({given["value"]} if "value" in given else set()) if choice else {"*"}
        if kind == "hidden":
            self.hidden[name] = given.get("value", "")

    def allows(self, form: Form) -> bool:
        """Tell whether somebody could fill in exactly this form here."""
        to = form.address or form.page
        chosen = [(name, each) for name, value in form.given.items() for each in _listed(value)]
        return bool(self.actions & {"", to}) and all({"*", str(each)} & self.fields[name] for name, each in chosen)


def tried(door: Door, world: World, persona: str, act: Any) -> Answer:
    """Return the answer that somebody gets through a door together with what changed, and undo it."""
    with transaction.atomic():
        answer = door(world, User.objects.get(username=persona), act)
        found = rows()
        transaction.set_rollback(True)
    return Answer(answer.status, answer.code, answer.text, found, answer.offered)


def client(world: World, persona: str) -> APIClient:
    """Return a client with the token of somebody that may do whatever its holder may."""
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {world.secrets[persona]}")


def by_domain(world: World, user: User, act: Any) -> Answer:
    """Find what the user may see and call the action itself."""
    if not act.sees(world, user):
        return Answer(404, "not_found")
    try:
        act.do(world, user)
    except PortalError as error:
        return Answer(error.status, error.code, error.detail)
    return Answer(DONE)


def by_api(world: World, user: User, act: Any) -> Answer:
    """Send the request with a token."""
    sent: Sent = act.api(world)
    send = getattr(client(world, user.username), sent.method)
    answer = send(sent.address, sent.body, format="json", headers=dict(sent.headers))
    if answer.status_code < 300:
        return Answer(DONE)
    problem = json.loads(answer.content)
    assert problem["status"] == answer.status_code
    return Answer(answer.status_code, problem["code"], problem["detail"])


def by_portal(world: World, user: User, act: Any) -> Answer:
    """Fill in the form of the page, where the page has it, and send it; send it anyway where it has not."""
    form: Form = act.portal(world, user)
    browser, offered, hidden = factories.browser(user), False, {}
    if user.username in act.by and not user.is_service_account:
        offer = Offer(browser.get(form.page).content.decode())
        offered, hidden = offer.allows(form), offer.hidden
    answer = browser.post(form.address or form.page, {**form.given, **hidden})
    if answer.status_code == 302 and answer["Location"].startswith("/accounts/login/"):
        return Answer(SHUT)
    status = DONE if answer.status_code in (201, 302) else answer.status_code
    return Answer(status, "", html.unescape(answer.content.decode()), offered=offered)


def by_admin(world: World, user: User, act: Any) -> Answer:
    """Choose the act in the admin's list, or its page to add, and confirm it."""
    form: Form = act.admin(world)
    browser = factories.browser(user)
    page = browser.get(form.page)
    if page.status_code != 200:
        browser.post(form.page, form.given)
        return Answer(SHUT)
    answer = browser.post(form.page, form.given, follow=True)
    text = html.unescape(answer.content.decode())
    offer = Offer(page.content.decode())
    offered = str(form.given.get("action", "")) in offer.fields["action"] or "action" not in form.given
    return Answer(DONE, "", text, offered=offered)


DOORS: dict[str, Door] = {"api": by_api, "portal": by_portal, "admin": by_admin}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
