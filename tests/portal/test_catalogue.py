"""What the catalogue's page says of a query, its facets, its order, and the searches that somebody keeps."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.accounts.models import Team, User
from apps.models import actions
from apps.models.models import ModelVersion, SavedSearch
from tests import registry_factories as registry
from tests.assertions import assert_unchanged
from tests.factories import api, browser
from tests.portal.test_pages import words

CATALOGUE = reverse("portal:catalogue")


def names(page: str) -> list[str]:
    """Return the models of a page in their order."""
    rows = page.partition("<tbody>")[2].split('scope="row"')[1:]
    return [row.partition('href="/models/')[2].partition("/")[0] for row in rows]


def test_mistake_is_told_and_the_rest_is_searched(version: ModelVersion, reviewer: User):
    page = words(reviewer, f"{CATALOGUE}?q=fraud+auc+%3E")
    assert "Write a number after “auc >”, such as auc > 0.9. This part was left out." in page
    assert names(page) == ["card-fraud"]


def test_page_says_whose_metrics_count(version: ModelVersion, reviewer: User):
    assert "version in production or, where there is none, of the highest sealed version" in words(reviewer, CATALOGUE)
    assert names(words(reviewer, f"{CATALOGUE}?q=auc+%3E+0.945")) == []
    assert names(words(reviewer, f"{CATALOGUE}?q=auc+%3E+0.94")) == ["card-fraud"]


def test_choices_of_a_facet_join_and_come_off_again(version: ModelVersion, team: Team, reviewer: User):
    registry.registered_model(team, name="churn", risk_tier="low")
    page = words(reviewer, f"{CATALOGUE}?q=cards&tier=high&tier=low")
    assert names(page) == ["card-fraud", "churn"]
    for link in ("?q=cards&tier=low", "?q=cards&tier=high", "?q=cards&tier=high&tier=low&tier=medium"):
        assert f'href="{link}"' in page
    assert '<input type="hidden" name="tier" value="high">' in page


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["card-fraud", "churn"]),
        ("changed", ["churn", "card-fraud"]),
        ("tier", ["card-fraud", "churn"]),
        ("metric:auc", ["churn", "card-fraud"]),
        ("metric:loss", ["churn", "card-fraud"]),
        ("nonsense", ["card-fraud", "churn"]),
    ],
)
def test_list_sorts(version: ModelVersion, team: Team, reviewer: User, sort: str, order: list[str]):
    churn = registry.registered_model(team, name="churn", risk_tier="low")
    registry.sealed_version(churn, metrics={"auc": 0.99, "loss": 0.1})
    page = words(reviewer, f"{CATALOGUE}?sort={sort}")
    assert names(page) == order
    assert ("loss</span> 0.1" in page) is (sort == "metric:loss")


def test_facets_and_saved_searches_come_with_the_list_alone(version: ModelVersion, reviewer: User):
    actions.save_search("Risky", "tier=high", actor=reviewer)
    response = browser(reviewer).get(f"{CATALOGUE}?q=fraud", headers={"HX-Request": "true"})
    assert b"Risky" in response.content
    assert b"High" in response.content
    assert b"<html" not in response.content


def test_search_is_kept_renamed_and_deleted(version: ModelVersion, reviewer: User, stranger: User):
    client, query = browser(reviewer), "q=auc+%3E+0.9&tier=high"
    form = client.get(f"{reverse('portal:save-search')}?{query}&page=3&junk=1")
    assert b"auc &gt; 0.9" in form.content
    response = client.post(f"{reverse('portal:save-search')}?{query}", {"name": "Good ones"})
    assert response["Location"] == f"{CATALOGUE}?{query}"
    search = SavedSearch.objects.get()
    assert (search.user, search.name, search.query) == (reviewer, "Good ones", query)
    assert "Good ones" in words(reviewer, CATALOGUE)
    assert "Good ones" not in words(stranger, CATALOGUE)
    one = reverse("portal:saved-search", args=[search.pk])
    assert client.post(one, {"name": "Better ones"})["Location"] == f"{CATALOGUE}?{query}"
    assert "Better ones" in words(reviewer, CATALOGUE)
    remove = reverse("portal:delete-search", args=[search.pk])
    assert b"Delete" in client.get(remove).content
    client.post(remove)
    assert not SavedSearch.objects.exists()


def test_name_in_use_is_refused_beside_the_field(reviewer: User):
    actions.save_search("Risky", "tier=high", actor=reviewer)
    with assert_unchanged(SavedSearch):
        response = browser(reviewer).post(reverse("portal:save-search"), {"name": "risky"})
    assert response.status_code == 409
    assert b"already; give this one another name" in response.content


@pytest.mark.parametrize("name", ["portal:saved-search", "portal:delete-search"])
def test_search_of_somebody_else_is_not_there(reviewer: User, stranger: User, name: str):
    search = actions.save_search("Risky", "tier=high", actor=reviewer)
    with assert_unchanged(SavedSearch):
        assert browser(stranger).get(reverse(name, args=[search.pk])).status_code == 404
        assert browser(stranger).post(reverse(name, args=[search.pk]), {"name": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("text", "said"),
    [("tier:hgih", "“tier:” takes low, medium or high."), ("a%25s > x", "Write a number after “a%s >”")],
)
def test_api_says_what_a_search_may_say(reviewer: User, text: str, said: str):
    answer = api(reviewer).get(f"/api/v1/models/?q={text}")
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("q", "invalid_query")]
    assert said in answer.json()["detail"]
