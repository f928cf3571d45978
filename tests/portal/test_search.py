"""The search in the top bar finds everything of any kind, and nothing that the reader may not know of."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.accounts import grants
from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.approvals.models import Promotion
from apps.models.models import ModelVersion
from apps.portal.selectors import search
from tests import factories
from tests.factories import browser
from tests.portal.test_pages import words

SEARCH = reverse("portal:search")


def labels(user: User, text: str) -> dict[str, list[str]]:
    """Return what a text finds by kind."""
    return {group.title: [hit.label for hit in group.hits] for group in search.results(user, text)}


def test_everything_is_found_by_its_name(promotion: Promotion, reviewer: User):
    assert labels(reviewer, "card-fra") == {
        "Models": ["card-fraud"],
        "Promotions": ["card-fraud 1.4.0 to production"],
    }
    assert labels(reviewer, "card-fraud 1.") == {
        "Versions": ["card-fraud 1.4.0", "card-fraud 1.3.2"],
        "Promotions": ["card-fraud 1.4.0 to production"],
    }
    assert labels(reviewer, "fraud v1.3.2")["Versions"] == ["card-fraud 1.3.2"]
    assert labels(reviewer, f"#{promotion.pk}")["Promotions"] == ["card-fraud 1.4.0 to production"]
    assert labels(reviewer, "second rev") == {"People": ["Second Reviewer"]}
    assert labels(reviewer, "Cards")["Teams"] == ["Cards"]


def test_hits_lead_to_where_they_are(promotion: Promotion, reviewer: User, owner: User):
    for group in search.results(reviewer, "card-fraud 1.4.0") + search.results(reviewer, "owner"):
        for hit in group.hits:
            assert browser(reviewer).get(hit.address).status_code == 200


@pytest.mark.parametrize("text", ["card-fraud", "card-fraud 1.4.0", "cards", "reviewer", "owner", "#{pk}"])
def test_stranger_finds_nothing_of_the_team(promotion: Promotion, stranger: User, text: str):
    assert labels(stranger, text.format(pk=promotion.pk)) == {}


def test_people_are_found_where_the_reader_sees_their_role(version: ModelVersion, stranger: User, auditor: User):
    other = factories.member(Role.REVIEWER, factories.team("wards"), "nurse")
    assert labels(stranger, "nurse") == {}
    assert labels(stranger, "stranger") == {"People": ["Stranger"]}
    grants.give(Role.REVIEWER, stranger, version.registered_model)
    grants.give(Role.REVIEWER, other, version.registered_model)
    assert labels(stranger, "nurse") == {"People": ["Nurse"]}
    assert labels(auditor, "nurse") == {"People": ["Nurse"]}
    other.is_active = False
    other.save()
    assert labels(auditor, "nurse") == {}


@pytest.mark.parametrize("text", ["", " ", "\x00", '"', "%", "'; DROP", "auc >", "#99999999999999999", "x" * 5000, "1"])
def test_odd_text_finds_nothing_and_breaks_nothing(version: ModelVersion, stranger: User, text: str):
    assert browser(stranger).get(SEARCH, {"q": text}).status_code == 200
    assert labels(stranger, text) == {}


def test_page_lists_kinds_and_says_what_to_do_where_there_are_none(promotion: Promotion, reviewer: User):
    page = words(reviewer, f"{SEARCH}?q=card-fraud")
    for expected in ("Models", "Promotions", "1.3.2 in production", f"#{promotion.pk}, open"):
        assert expected in page
    assert "Nothing found" in words(reviewer, f"{SEARCH}?q=zebra")
    assert "Search for anything" in words(reviewer, SEARCH)


def test_suggestions_are_options_alone(promotion: Promotion, reviewer: User):
    response = browser(reviewer).get(f"{SEARCH}?q=card-fraud", headers={"HX-Request": "true"})
    assert response.content.count(b'role="option"') == 3
    assert b"<html" not in response.content
