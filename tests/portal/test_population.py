"""The population of the benchmarks looks to every page as what the acts make does."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.urls import reverse

from apps.accounts.models import User
from apps.approvals import actions as approvals
from apps.approvals.models import Promotion, Round
from apps.audit.models import Event, Head
from apps.core.canonical import digest
from benchmarks.pages import LOOKED_AT, place, reader
from benchmarks.population import Population, populate
from tests.e2e.pages import address
from tests.factories import browser
from tests.infrastructure import databases

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def population() -> Population:
    """Thirty models with three versions each."""
    return populate(databases.url(connection.settings_dict["NAME"]), models=30, versions=3, events=400)


def test_population_has_the_size_asked_for_and_every_page_shows_it(population: Population):
    assert (population.models, population.versions, population.events) == (30, 90, 400)
    assert Head.objects.get().size == 400
    client = browser(User.objects.get(username=population.member))
    promotions = {population.open_promotion, population.executed_promotion}
    addresses = [
        *(reverse(f"portal:model{tab}", args=[population.model]) for tab in ("", "-versions", "-history", "-people")),
        *(reverse("approvals:promotion", args=[promotion]) for promotion in promotions),
        reverse("portal:event", args=[Event.objects.get(leaf__leaf_index=399).pk]),
    ]
    assert {where: client.get(where).status_code for where in addresses} == dict.fromkeys(addresses, 200)


def test_population_stands_as_the_acts_would_have_left_it(population: Population):
    begun = list(Round.objects.values_list("evidence", "evidence_digest"))
    assert begun
    assert {digest(json.loads(text)) == signed for text, signed in begun} == {True}
    approvals.refresh_pending()
    assert Round.objects.count() == len(begun)
    assert Promotion.objects.pending().values_list("state", flat=True).distinct().get() == "open"
    assert Head.objects.get().size == 400


def test_every_page_finds_its_objects_in_a_population(population: Population):
    url = databases.url(connection.settings_dict["NAME"])
    names = {reader(page) for page in LOOKED_AT}
    clients = {name: browser(User.objects.filter(username=name).first()) for name in names}
    answers = {
        page.name: clients[reader(page)].get(address(page, place(url, population, page.at[0]))).status_code
        for page in LOOKED_AT
    }
    assert answers == dict.fromkeys(answers, 200)


def test_population_starts_from_an_empty_portal_only(population: Population):
    with pytest.raises(RuntimeError, match="empty portal"):
        populate(databases.url(connection.settings_dict["NAME"]), models=1)
