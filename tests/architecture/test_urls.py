"""Every address asks who you are, and answers whom the table says: no route is ever forgotten."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from apps.accounts import actions as account_actions
from apps.accounts.api.idempotency import IdempotentMixin
from apps.accounts.models import Team, User
from apps.approvals import actions as approval_actions
from apps.audit import outbox
from apps.audit.models import Event
from apps.core.actors import SYSTEM
from apps.models import actions as model_actions
from apps.notifications import actions as notification_actions
from apps.notifications.models import Delivery
from tests import factories, registry_factories
from tests.architecture import url_table as table
from tests.personas import PERSONAS

WRITES = ("post", "put", "patch", "delete")
REFUSED = {400, 403, 404, 405, 409, 411, 412, 415, 422, 428}

ASKED = {"target_stage": "production", "reason": "Better"}
World = dict[str, dict[str, Any]]


def patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every address but the admin's with its name, as in `portal:model`."""
    for item in resolver.url_patterns:
        if isinstance(item, URLPattern):
            yield f"{namespace}{item.name}", item
        elif item.namespace != "admin":
            yield from patterns(item, f"{item.namespace}:" if item.namespace else namespace)


ROUTES = dict(patterns(get_resolver()))
PRIVATE = sorted(set(ROUTES) - table.PUBLIC)
API = [name for name in PRIVATE if name.startswith("api-")]


def view_of(name: str) -> Any:
    """Return the class behind an address."""
    callback = ROUTES[name].callback
    return getattr(callback, "cls", None) or getattr(callback, "view_class", None)


def methods(name: str) -> list[str]:
    """Return the writing methods of an address."""
    return [method for method in WRITES if hasattr(view_of(name), method)]


@pytest.fixture
def world(team: Team, owner: User, contributor: User, reviewer: User, pipeline: User) -> World:
    """One object of each kind inside the team, and the arguments by which addresses name them."""
    endpoint, _ = notification_actions.create_endpoint("ci", "https://ci.example.org/", team=team, actor=owner)
    model = registry_factories.registered_model(team, actor=contributor, name="card-fraud")
    version = registry_factories.sealed_version(model, actor=contributor, version="1.0.0")
    registry_factories.in_stage(version, "production")
    registry_factories.sealed_version(model, actor=contributor, version="1.1.0")
    model_actions.set_alias(model, name="steady", version=version, actor=owner)
    promotion = approval_actions.submit(model.versions.get(version="1.1.0"), **ASKED, actor=contributor)
    thread = approval_actions.open_thread(promotion, text="Why?", actor=contributor).thread
    token, _ = account_actions.create_token(contributor, "ci", ["models:read"], actor=SYSTEM)
    outbox.drain()
    search = model_actions.save_search("Risky", "tier=high", actor=reviewer)
    factories.browser(contributor).get(reverse("accounts:profile"))
    signed_in = UserSession.objects.get(user=contributor)
    event = Event.objects.get(type="models.model.registered")
    delivery = Delivery.objects.filter(endpoint=endpoint).latest("pk")
    return {
        "team": {"name": team.slug, "slug": team.slug},
        "token": {"pk": token.pk, "prefix": token.prefix},
        "webhook": {"pk": endpoint.pk, "delivery_pk": delivery.pk},
        "deliver": {"pk": endpoint.pk, "delivery_pk": delivery.pk},
        "event": {"event": event.pk, "event_id": event.pk, "index": event.leaf.leaf_index},
        "search": {"pk": search.pk},
        "session": {"pk": signed_in.pk},
        "service": {"username": pipeline.username},
        "person": {"username": contributor.username},
        "object": {"kind": "model", "key": str(model.pk)},
        "approvals:": {"pk": promotion.pk, "thread": thread.pk, "name": model.name, "version": "1.0.0"},
        "promotion": {"promotion_id": promotion.pk},
        "lineage:": {"node": version.lineage_node.name},
        "thread": {"promotion_id": promotion.pk, "thread_id": thread.pk},
        "": {"name": model.name, "version": "1.0.0", "stage": "production", "alias": "steady", "path": "model.bin"},
    }


def address(name: str, world: World) -> str:
    """Return the address of the world's object."""
    wanted = ROUTES[name].pattern.converters
    group = next(word for word in world if word in name and wanted.keys() <= world[word].keys())
    return reverse(name, kwargs={parameter: world[group][parameter] for parameter in wanted})


def client_of(name: str, user: User | None) -> Client:
    """Return whom the address is asked through: a token for the API, a browser for pages."""
    return factories.api(user) if name.startswith("api-") else factories.browser(user)


def test_every_address_has_its_line_in_the_table() -> None:
    listed = table.PUBLIC | table.READ.keys() | table.WRITE_ONLY
    assert ROUTES.keys() - listed == set(), "addresses without a line"
    assert listed - ROUTES.keys() == set(), "lines without an address"
    assert not table.READ.keys() & table.WRITE_ONLY


def test_api_addresses_name_a_scope_for_every_method() -> None:
    for name in API:
        view = view_of(name)
        used = {method.upper() for method in ("get", *WRITES) if hasattr(view, method)}
        assert used <= view.required_scopes.keys(), name


def test_api_posts_can_be_repeated() -> None:
    for name in API:
        if "post" in methods(name) and name not in table.STREAMED:
            assert issubclass(view_of(name), IdempotentMixin), name


def test_nobody_is_answered_without_saying_who_they_are(world: World) -> None:
    wrong = {}
    for name in PRIVATE:
        client = client_of(name, None)
        for method in ("get", "head", *WRITES):
            answer = getattr(client, method)(address(name, world))
            asked = answer.status_code == 401 if name.startswith("api-") else _asks_to_sign_in(answer)
            if not asked:
                wrong[f"{method} {name}"] = answer.status_code
    assert wrong == {}


def _asks_to_sign_in(answer: Any) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("persona", PERSONAS)
def test_everybody_reads_what_the_table_says(world: World, personas: dict[str, User], persona: str) -> None:
    clients = {api: client_of("api-" if api else "", personas[persona]) for api in (True, False)}
    wrong = {}
    for name, readers in table.READ.items():
        status = clients[name.startswith("api-")].get(address(name, world) + table.QUERY.get(name, "")).status_code
        if (status == 200) is not (persona in readers) or status >= 500:
            wrong[name] = status
    assert wrong == {}


def test_stranger_writes_nothing_and_learns_of_nothing(world: World, stranger: User) -> None:
    clients = {api: client_of("api-" if api else "", stranger) for api in (True, False)}
    nowhere = {group: {key: _another(value) for key, value in names.items()} for group, names in world.items()}
    wrong = {}
    for name in sorted(set(PRIVATE) - table.OWN):
        for method in methods(name):
            send = getattr(clients[name.startswith("api-")], method)
            here, elsewhere = (send(address(name, where)).status_code for where in (world, nowhere))
            if here not in REFUSED or here != elsewhere:
                wrong[f"{method} {name}"] = (here, elsewhere)
    assert wrong == {}


def _another(value: Any) -> Any:
    """Return an argument of the same kind that names nothing."""
    return uuid.uuid4() if isinstance(value, uuid.UUID) else value + 10_000 if isinstance(value, int) else f"no-{value}"
