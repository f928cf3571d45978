"""Who finds which page: a model of a team is there for its people and for readers of everything."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.accounts import actions
from apps.accounts.models import Team, User
from apps.approvals.models import Promotion
from tests.factories import browser

MODEL = ["card-fraud"]
VERSION = ["card-fraud", "1.4.0"]
OPEN_TO_ALL = (
    "portal:home",
    "portal:catalogue",
    "approvals:promotions",
    "portal:ledger",
    "portal:export",
    "portal:inventory",
    "lineage:search",
    "inbox:messages",
    "accounts:profile",
    "accounts:tokens",
    "accounts:service-accounts",
    "webhooks:list",
    "inbox:preferences",
)
OF_MODEL = (
    "portal:model",
    "portal:model-versions",
    "portal:model-lineage",
    "portal:model-promotions",
    "portal:model-people",
    "portal:model-history",
    "portal:model-use",
    "portal:compare",
    "models:edit",
)
OF_VERSION = ("portal:version", "approvals:submit", "approvals:demote", "approvals:attach", "models:alias")
OF_PROMOTION = ("approvals:promotion", "approvals:withdraw", "approvals:execute")
READERS = ("owner", "contributor", "reviewer", "compliance", "auditor")
OTHERS = ("stranger", "administrator", "superuser")


@pytest.fixture
def addresses(promotion: Promotion) -> list[str]:
    """The address of every page of the team's model."""
    found = [reverse(name, args=MODEL) for name in OF_MODEL] + [reverse(name, args=VERSION) for name in OF_VERSION]
    return found + [reverse(name, args=[promotion.pk]) for name in OF_PROMOTION]


@pytest.mark.parametrize("persona", READERS)
def test_reader_of_a_model_opens_all_its_pages(addresses: list[str], persona: str, request: pytest.FixtureRequest):
    client = browser(request.getfixturevalue(persona))
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)


@pytest.mark.parametrize("persona", OTHERS)
def test_others_find_no_page_of_the_model(addresses: list[str], persona: str, request: pytest.FixtureRequest):
    client = browser(request.getfixturevalue(persona))
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 404)


@pytest.mark.parametrize("persona", [*READERS, *OTHERS])
@pytest.mark.parametrize("name", OPEN_TO_ALL)
def test_anybody_signed_in_opens_the_general_pages(name: str, persona: str, request: pytest.FixtureRequest):
    assert browser(request.getfixturevalue(persona)).get(reverse(name)).status_code == 200


def test_nobody_is_sent_to_sign_in_and_back(addresses: list[str]):
    for address in [*addresses, *(reverse(name) for name in OPEN_TO_ALL)]:
        response = browser(None).get(address)
        assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={address}")


@pytest.mark.parametrize("persona", OTHERS)
def test_others_see_nothing_of_the_model_in_lists(promotion: Promotion, persona: str, request: pytest.FixtureRequest):
    client = browser(request.getfixturevalue(persona))
    for name in OPEN_TO_ALL:
        assert b"card-fraud" not in client.get(reverse(name)).content


def test_object_address_leads_to_the_page(promotion: Promotion, reviewer: User):
    client = browser(reviewer)
    for kind, key, page in (
        ("promotion", promotion.pk, reverse("approvals:promotion", args=[promotion.pk])),
        ("version", promotion.version_id, reverse("portal:version", args=VERSION)),
        ("model", promotion.registered_model_id, reverse("portal:model", args=MODEL)),
    ):
        assert client.get(reverse("portal:object", args=[kind, key]))["Location"] == page


def test_object_addresses_of_ones_own_lead_to_the_account_pages(
    team: Team, contributor: User, pipeline: User, stranger: User
):
    own, _ = actions.create_token(contributor, "ci", ["models:read"], actor=contributor)
    bots, _ = actions.create_token(pipeline, "ci", ["models:read"], actor=contributor)
    for kind, key, page in (
        ("team", team.pk, reverse("portal:catalogue") + "?team=cards"),
        ("token", own.pk, reverse("accounts:tokens")),
        ("token", bots.pk, reverse("accounts:service-account", args=["pipeline"])),
        ("user", contributor.pk, reverse("accounts:profile")),
        ("user", pipeline.pk, reverse("accounts:service-account", args=["pipeline"])),
    ):
        address = reverse("portal:object", args=[kind, key])
        assert browser(contributor).get(address)["Location"] == page
        assert browser(stranger).get(address).status_code == 404


@pytest.mark.parametrize(
    ("kind", "key"), [("promotion", "9" * 30), ("version", "x"), ("nonsense", "1"), ("model", "0")]
)
def test_object_address_of_nothing_is_not_found(kind: str, key: str, reviewer: User):
    assert browser(reviewer).get(reverse("portal:object", args=[kind, key])).status_code == 404


def test_object_address_tells_a_stranger_nothing(promotion: Promotion, stranger: User):
    assert browser(stranger).get(reverse("portal:object", args=["promotion", promotion.pk])).status_code == 404
