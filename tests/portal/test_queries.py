"""Pages ask as many questions for many rows as for few, and no more than their budget."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import Role
from apps.approvals import actions
from apps.approvals.models import Promotion
from apps.audit import outbox
from apps.models.models import RegisteredModel
from apps.notifications import actions as notifications
from apps.notifications.models import Delivery
from tests import factories
from tests import registry_factories as registry
from tests.factories import PASSWORD, browser

pytestmark = pytest.mark.django_db(transaction=True)

BUDGETS: dict[str, int] = json.loads((Path(__file__).parent / "query_budgets.json").read_text())


# Read by an owner of the team, who has webhooks, tokens and a program of their own.
OWN = frozenset(
    {
        *("accounts:tokens", "accounts:service-accounts", "accounts:service-account"),
        *("webhooks:list", "webhooks:webhook", "webhooks:delivery"),
    }
)


def arguments(name: str, promotion: Promotion) -> list[object]:
    """Return what the address of a page needs."""
    if name == "approvals:promotion":
        return [promotion.pk]
    if name == "lineage:node":
        return [promotion.version.lineage_node.name]
    if name == "portal:object-history":
        return ["promotion", promotion.pk]
    if name == "portal:person":
        return ["pipeline"]
    if name == "portal:version":
        return ["card-fraud", "1.4.0"]
    return ["card-fraud"] if name.startswith(("portal:model", "portal:compare")) else []


def asked(user: User, address: str) -> int:
    """Return the number of queries of a page."""
    client = browser(user)
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def grow(model: RegisteredModel, promotion: Promotion, owner: User, people: list[User]) -> None:
    """Add rows of everything that pages list."""
    for number in range(4):
        other = registry.registered_model(model.team, actor=owner, name=f"other-{number}")
        registry.sealed_version(other, actor=owner, metrics={"auc": 0.9})
        more = registry.sealed_version(model, actor=owner, version=f"1.5.{number}", metrics={"auc": 0.9})
        actions.submit(more, target_stage="production", reason="More.", actor=owner)
        actions.attach_evidence(promotion.version, kind="note", title=f"Note {number}", actor=owner)
        actions.reply(actions.open_thread(promotion, text="Why?", actor=owner).thread, text="So.", actor=owner)
    actions.refresh(promotion)
    for person in people:
        actions.decide(
            promotion,
            verdict="approve",
            password=PASSWORD,
            etag=Promotion.objects.get(pk=promotion.pk).etag,
            actor=person,
        )
    outbox.drain()


def test_pages_keep_their_budget_however_many_rows(
    model: RegisteredModel, promotion: Promotion, owner: User, reviewer: User, second_reviewer: User
):
    addresses = {name: reverse(name, args=arguments(name, promotion)) for name in BUDGETS.keys() - OWN}
    few = {name: asked(reviewer, address) for name, address in addresses.items()}
    grow(model, promotion, owner, [reviewer, second_reviewer])
    many = {name: asked(reviewer, address) for name, address in addresses.items()}
    assert {name: (few[name], many[name]) for name in addresses if max(few[name], many[name]) > BUDGETS[name]} == {}


def test_pages_of_ones_own_keep_their_budget_however_many_rows(team: Team, owner: User):
    program = factories.service_account(owner, "bot")
    endpoint, _ = notifications.create_endpoint("hook", "https://hooks.example.org/", team=team, actor=owner)

    def more(count: int) -> None:
        for number in range(count):
            factories.token(program)
            grants.give(Role.CONTRIBUTOR, program, factories.team())
            factories.service_account(owner)
            notifications.create_endpoint(f"hook {number}", endpoint.url, team=team, actor=owner)
            registry.registered_model(team, actor=owner)
        outbox.drain()

    more(1)
    delivery = Delivery.objects.filter(endpoint=endpoint).first()
    assert delivery is not None
    named = {
        "accounts:service-account": [program.username],
        "webhooks:webhook": [endpoint.pk],
        "webhooks:delivery": [endpoint.pk, delivery.pk],
    }
    addresses = {name: reverse(name, args=named.get(name, [])) for name in OWN}
    few = {name: asked(owner, address) for name, address in addresses.items()}
    more(4)
    many = {name: asked(owner, address) for name, address in addresses.items()}
    assert few == many
    assert {name: count for name, count in many.items() if count > BUDGETS[name]} == {}
