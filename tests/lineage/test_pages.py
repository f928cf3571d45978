"""Pages of lineage: what is found, what came of it, what is hidden."""

from __future__ import annotations

from html import unescape

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.lineage import search
from apps.lineage.models import Node
from apps.models.models import ModelVersion, RegisteredModel
from tests import registry_factories
from tests.factories import browser
from tests.lineage.conftest import dataset, parent

SEARCH = reverse("lineage:search")
CODE = {"repository": "git.example/fraud", "commit": "d58eac05fb4fc774", "path": "train.py"}


@pytest.fixture
def used(fraud: RegisteredModel, secret: RegisteredModel, owner: User) -> dict[str, ModelVersion]:
    """A dataset in production at both teams, in a retrained version of the first, and one of the other team alone."""
    cards = {"datasets": [dataset()]}
    first = registry_factories.sealed_version(fraud, actor=owner, stage="production", lineage={**cards, "code": CODE})
    private = {"datasets": [dataset(), dataset("salaries")]}
    return {
        "production": first,
        "retrained": registry_factories.sealed_version(fraud, actor=owner, lineage={"parents": [parent(first)]}),
        "hidden": registry_factories.sealed_version(secret, stage="production", lineage=private),
    }


def words(user: User, address: str) -> str:
    """Return the text of a page."""
    response = browser(user).get(address)
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


def address(**found: str) -> str:
    """Return the address of a node's page."""
    return reverse("lineage:node", args=[Node.objects.get(**found).name])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cards", "warehouse/cards 2026-10"),
        ("ware card 2026", "warehouse/cards 2026-10"),
        ("d58e", "git.example/fraud@d58eac05fb4f"),
        ("fraud&kind=code", "git.example/fraud@d58eac05fb4f"),
        ("fraud&kind=dataset", "Nothing found"),
        ("fraud&kind=nonsense", "git.example/fraud@d58eac05fb4f"),
        ("arehouse", "Nothing found"),
        ("salaries", "Nothing found"),
        ("'%26|!:*", "Nothing found"),
        ("%00", "Datasets used last"),
        ("", "warehouse/cards 2026-10"),
    ],
)
def test_words_find_what_the_reader_may_see(used: dict[str, ModelVersion], reviewer: User, query: str, found: str):
    page = words(reviewer, f"{SEARCH}?q={query}")
    assert found in page
    assert "salaries" not in page.replace('value="salaries"', "")


def test_what_others_keep_to_themselves_does_not_hide_what_is_older(
    used: dict[str, ModelVersion], reviewer: User, secret: RegisteredModel, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(search, "PORTION", 2)
    private = {"datasets": [dataset(f"cards-{number}") for number in range(5)]}
    registry_factories.sealed_version(secret, lineage=private)
    found = search.search(reviewer, "cards", "dataset", 3)
    assert [node.label for node in found] == ["warehouse/cards 2026-10"]
    assert len(search.search(reviewer, "cards", "", 1)) == 1


def test_whoever_left_finds_nothing(used: dict[str, ModelVersion], reviewer: User):
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    assert search.search(User.objects.get(pk=reviewer.pk), "cards", "", 3) == []


def test_stranger_finds_nothing(used: dict[str, ModelVersion], stranger: User):
    assert "Nothing found" in words(stranger, f"{SEARCH}?q=cards")
    assert "No dataset yet" in words(stranger, SEARCH)
    assert browser(stranger).get(address(label="warehouse/cards 2026-10")).status_code == 404


def test_dataset_names_what_is_in_production_because_of_it_and_counts_the_rest(
    used: dict[str, ModelVersion], reviewer: User, auditor: User
):
    page = words(reviewer, address(label="warehouse/cards 2026-10"))
    assert f"{used['production']}</a>" in page
    assert "1 and 1 that you may not see" in page
    assert str(used["retrained"]) in page
    assert str(used["hidden"]) not in page
    everything = words(auditor, address(label="warehouse/cards 2026-10"))
    assert str(used["hidden"]) in everything
    assert "that you may not see" not in everything


def test_walk_goes_the_way_and_as_far_as_the_address_says(used: dict[str, ModelVersion], reviewer: User):
    where = address(label="warehouse/cards 2026-10")
    assert str(used["retrained"]) not in words(reviewer, f"{where}?depth=1")
    page = words(reviewer, f"{where}?direction=upstream&depth=nonsense")
    assert "Upstream</h2>" in page
    assert "Downstream</h2>" not in page


def test_version_leads_to_its_page(used: dict[str, ModelVersion], reviewer: User):
    where = address(version=used["production"])
    assert reverse("portal:version", args=["card-fraud", used["production"].version]) in words(reviewer, where)


@pytest.mark.parametrize("node", ["dataset-0123456789abcdef", "dataset", "x-%00", "code-zzzzzzzzzzzzzzzz"])
def test_address_of_nothing_is_not_found(node: str, reviewer: User):
    assert browser(reviewer).get(f"/lineage/{node}/").status_code == 404
