"""What the pages say: catalogue, model, version, home."""

from __future__ import annotations

from html import unescape

import pytest
from django.urls import reverse

from apps.accounts.models import Team, User
from apps.approvals import actions as approvals
from apps.approvals.models import Promotion
from apps.models import actions as model_actions
from apps.models.models import ModelVersion, RegisteredModel
from tests import registry_factories as registry
from tests.assertions import assert_audited, assert_unchanged
from tests.factories import browser


def words(user: User, address: str) -> str:
    """Return the text of a page."""
    response = browser(user).get(address)
    assert response.status_code == 200
    return unescape(response.content.decode())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("?q=fraud", True),
        ("?q=payments", True),
        ("?q=zebra", False),
        ("?team=cards&tier=high&stage=production", True),
        ("?tier=low", False),
        ("?stage=staging", False),
        ("?team=nobody", False),
        ("?tier=nonsense&sort=nonsense&page=-1", True),
        ("?q=%00", True),
    ],
)
def test_catalogue_finds_by_query_and_facet(version: ModelVersion, reviewer: User, query: str, found: bool):
    assert ('href="/models/card-fraud/"' in words(reviewer, reverse("portal:catalogue") + query)) is found


def test_catalogue_row_names_team_tier_production_and_a_metric(version: ModelVersion, reviewer: User):
    page = words(reviewer, reverse("portal:catalogue"))
    for expected in ("Scores card payments.", "Cards", "High tier", "1.3.2", "0.941"):
        assert expected in page


def test_catalogue_pages_keep_the_query(team: Team, contributor: User):
    for number in range(51):
        registry.registered_model(team, actor=contributor, name=f"model-{number:02}")
    page = words(contributor, reverse("portal:catalogue") + "?tier=low")
    assert "1 to 50 of 51" in page
    assert "?tier=low&page=2" in page
    assert "model-50" in words(contributor, reverse("portal:catalogue") + "?tier=low&page=2")


def test_catalogue_answers_htmx_with_the_list_alone(version: ModelVersion, reviewer: User):
    response = browser(reviewer).get(reverse("portal:catalogue"), headers={"HX-Request": "true"})
    assert b"card-fraud" in response.content
    assert b"<html" not in response.content


def test_model_page_says_what_is_in_production(version: ModelVersion, reviewer: User):
    page = words(reviewer, reverse("portal:model", args=["card-fraud"]))
    for expected in ("1.3.2", "in production since", "owned by", "Scores card payments.", "auc"):
        assert expected in page


def test_people_tab_says_who_may_do_what_through_which_grant(model: RegisteredModel, reviewer: User, auditor: User):
    page = words(reviewer, reverse("portal:model-people", args=["card-fraud"]))
    for expected in ("Reviewer", "the team <a", ">Cards</a>", "decide on promotions", "Auditor"):
        assert expected in page


def test_use_tab_is_true_for_this_model_and_this_portal(live: ModelVersion, reviewer: User):
    page = words(reviewer, reverse("portal:model-use", args=["card-fraud"]))
    assert "http://testserver/api/v1/models/card-fraud/production/" in page
    assert "http://testserver/api/v1/models/card-fraud/versions/1.3.2/artifacts/model.bin" in page
    assert live.artifacts.get().blob_id in page
    assert "registry-portal fetch card-fraud --into" in page
    assert "MLflow has nothing to load" in page


def test_version_page_shows_what_it_is_and_what_production_would_ask(version: ModelVersion, contributor: User):
    page = words(contributor, reverse("portal:version", args=["card-fraud", "1.4.0"]))
    for expected in (
        version.manifest_digest,
        "Ready for production?",
        "2 approvals from",
        "model.bin",
        "airflow",
        "depth",
    ):
        assert expected in page
    assert reverse("approvals:submit", args=["card-fraud", "1.4.0"]) in page


def test_version_that_is_not_sealed_says_so(model: RegisteredModel, contributor: User):
    registry.pending_version(model, actor=contributor, version="2.0.0")
    page = words(contributor, reverse("portal:version", args=["card-fraud", "2.0.0"]))
    assert "only sealed versions have a stage" in page


def test_version_with_hostile_content_is_shown_as_text(model: RegisteredModel, contributor: User):
    evil = "<script>alert(1)</script>"
    lineage = {"datasets": [{"namespace": "x", "name": evil, "version": evil, "uri": "ftp://x/"}]}
    registry.sealed_version(model, actor=contributor, version="3.0.0", parameters={evil: evil}, lineage=lineage)
    response = browser(contributor).get(reverse("portal:version", args=["card-fraud", "3.0.0"]))
    assert evil.encode() not in response.content
    assert b'href="ftp:' not in response.content


def test_home_names_what_waits_for_the_reviewer(promotion: Promotion, reviewer: User):
    page = words(reviewer, reverse("portal:home"))
    assert "card-fraud 1.4.0 to production" in page
    assert "Your approval is asked for" in page


def test_home_tells_who_asked_on_whom_it_waits(promotion: Promotion, contributor: User):
    page = words(contributor, reverse("portal:home"))
    assert "Nothing waits for you" in page
    assert "Waiting for" in page


CARD = "## Intended use\n\nA second look at card payments.\n\n## Limits\n\nTrained on one bank."


def test_model_page_shows_the_card_and_who_moved_what_why(promotion: Promotion, owner: User, reviewer: User):
    model_actions.change_model(promotion.registered_model, card=f"{CARD}\n\n<script>x</script>", actor=owner)
    page = words(reviewer, reverse("portal:model", args=["card-fraud"]))
    assert "<h3>Intended use</h3>" in page
    assert b"<script>x" not in browser(reviewer).get(reverse("portal:model", args=["card-fraud"])).content
    assert "Stage changes" in page
    assert 'data-plot="{' in page
    assert "Only owners of card-fraud" in page


def test_model_page_without_a_card_falls_back_on_the_version_in_production(model: RegisteredModel, reviewer: User):
    registry.sealed_version(model, version="1.0.0", stage="production", card=CARD)
    page = words(reviewer, reverse("portal:model", args=["card-fraud"]))
    assert "From version 1.0.0, which is in production" in page
    assert "<h3>Limits</h3>" in page


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("", "1.4.0"),
        ("version", "1.3.2"),
        ("metric:recall", "1.4.0"),
        ("-metric:recall", "1.3.2"),
        ("registered", "1.3.2"),
        ("metric:nonsense'", "1.4.0"),
    ],
)
def test_versions_are_sorted_by_what_the_address_says(version: ModelVersion, reviewer: User, sort: str, first: str):
    page = words(reviewer, f"{reverse('portal:model-versions', args=['card-fraud'])}?sort={sort}")
    shown = [name for name in ("1.3.2", "1.4.0") if f'value="{name}"' in page]
    assert sorted(shown, key=lambda name: page.index(f'value="{name}"'))[0] == first
    assert ("aria-sort" in page) is ("nonsense" not in sort)


COMPARE = reverse("portal:compare", args=["card-fraud"])


def test_two_ticked_versions_are_compared_lower_one_first(version: ModelVersion, reviewer: User):
    response = browser(reviewer).get(f"{COMPARE}?v=1.4.0&v=1.3.2")
    assert response["Location"] == f"{COMPARE}?from=1.3.2&to=1.4.0"


@pytest.mark.parametrize("query", ["v=1.4.0", "v=1.4.0&v=1.3.2&v=x", "v=%00&v=1.4.0"])
def test_any_other_number_of_ticks_says_what_to_do(version: ModelVersion, reviewer: User, query: str):
    client = browser(reviewer)
    response = client.get(f"{COMPARE}?{query}", follow=True)
    expected = "Tick two versions" if query != "v=1.4.0&v=1.3.2&v=x" else "Metric"
    assert expected in unescape(response.content.decode())


def test_comparison_says_what_became_better_and_what_changed(model: RegisteredModel, reviewer: User):
    content = {"metrics": {"auc": 0.9}, "parameters": {"depth": 5}, "card": CARD}
    registry.sealed_version(model, version="1.0.0", stage="production", **content)
    card = CARD.replace("one bank", "two <b>banks</b>")
    registry.sealed_version(model, version="2.0.0", metrics={"auc": 0.95}, parameters={"depth": 6}, card=card)
    page = words(reviewer, COMPARE)
    for expected in ("1 metric better; 1 parameter, 1 file changed.", "+0.05", "+5.6 %", "Trained on one bank."):
        assert expected in page
    assert "<del>" in page
    assert "<b>banks" not in browser(reviewer).get(COMPARE).content.decode()


def test_versions_of_two_models_are_compared_if_both_may_be_seen(
    version: ModelVersion, team: Team, contributor: User, reviewer: User
):
    other = registry.registered_model(team, actor=contributor, name="card-fraud-eu")
    registry.sealed_version(other, version="9.0.0", metrics={"auc": 0.5})
    page = words(reviewer, f"{COMPARE}?with=card-fraud-eu&from=9.0.0&to=1.4.0")
    assert "card-fraud-eu 9.0.0" in page
    assert "+0.452" in page


def test_comparison_with_a_hidden_model_is_as_with_none(version: ModelVersion, reviewer: User):
    registry.sealed_version(registry.registered_model(name="secret"), version="1.0.0")
    pages = [words(reviewer, f"{COMPARE}?with={name}&from=1.0.0") for name in ("secret", "nothing")]
    said = [page.partition("<main")[2].replace("secret", "nothing") for page in pages]
    assert said[0] == said[1]
    assert "There is no model “nothing” that you may see" in pages[1]


@pytest.mark.parametrize("query", ["from=9.9.9", "to=%00", "from=@nobody", "to=99999999999999999999"])
def test_comparison_with_an_unknown_version_says_what_can_be_given(version: ModelVersion, reviewer: User, query: str):
    assert "card-fraud has no version" in words(reviewer, f"{COMPARE}?{query}")


def test_version_page_says_how_to_give_what_production_misses(
    version: ModelVersion, contributor: User, compliance: User, auditor: User
):
    check = {"name": "report", "kind": "evidence", "evidence_kind": "evaluation_report"}
    approvals.set_policy(stage="production", document={"checks": [check]}, actor=compliance)
    address = reverse("portal:version", args=["card-fraud", "1.4.0"])
    attach = f"{reverse('approvals:attach', args=['card-fraud', '1.4.0'])}?kind=evaluation_report"
    assert f'href="{attach}">Attach evidence: evaluation report' in words(contributor, address)
    page = words(auditor, address)
    assert attach not in page
    assert "Attach it to this version." in page


def test_version_page_names_duplicates_that_may_be_seen_and_counts_the_others(
    model: RegisteredModel, version: ModelVersion, reviewer: User
):
    files = {"model.bin": b"the same"}
    registry.sealed_version(model, version="5.0.0", files=files)
    registry.sealed_version(model, version="5.0.1", files=files)
    registry.sealed_version(registry.registered_model(name="secret"), version="7.7.7", files=files)
    page = words(reviewer, reverse("portal:version", args=["card-fraud", "5.0.0"]))
    assert "card-fraud 5.0.1" in page
    assert "1 version that you may not see" in page
    assert "7.7.7" not in page


def test_owner_points_an_alias_and_takes_it_away_again(version: ModelVersion, owner: User):
    client = browser(owner)
    address = reverse("portal:version", args=["card-fraud", "1.4.0"])
    with assert_audited("models.alias.set", actor=owner):
        response = client.post(reverse("models:alias", args=["card-fraud", "1.4.0"]), {"alias": "@champion"})
    assert response["Location"] == address
    assert "@champion points at card-fraud 1.4.0 now" in unescape(client.get(address).content.decode())
    remove = reverse("models:alias-remove", args=["card-fraud", "champion"])
    assert "It points at 1.4.0" in words(owner, remove)
    with assert_audited("models.alias.removed", actor=owner):
        assert client.post(remove)["Location"] == address
    assert client.get(remove).status_code == 404


def test_model_changed_since_the_form_was_opened_is_not_overwritten(model: RegisteredModel, owner: User):
    client, address = browser(owner), reverse("models:edit", args=["card-fraud"])
    form = {"description": "A", "card": CARD, "tags": "a, b", "visibility": "team", "risk_tier": "high"}
    form["etag"] = model.etag
    with assert_audited("models.model.changed", model, actor=owner):
        assert client.post(address, form)["Location"] == reverse("portal:model", args=["card-fraud"])
    model.refresh_from_db()
    assert (model.description, model.card, model.tags) == ("A", CARD, ["a", "b"])
    with assert_unchanged(RegisteredModel):
        response = client.post(address, {**form, "description": "B"})
    assert response.status_code == 409
    assert "was changed since you read it" in unescape(response.content.decode())


def test_use_tab_pins_a_version_where_nothing_is_in_production(model: RegisteredModel, reviewer: User):
    address = reverse("portal:model-use", args=["card-fraud"])
    assert "No version is sealed yet" in words(reviewer, address)
    registry.sealed_version(model, version="0.1.0", files={"flow/MLmodel": b"flavors: {}"})
    page = words(reviewer, address)
    assert "registry-portal fetch card-fraud --version 0.1.0" in page
    assert 'mlflow.pyfunc.load_model("card-fraud/flow")' in page
    assert "/versions/0.2.0/seal/" in page


def test_lineage_tab_shows_the_version_in_production_unless_another_is_chosen(version: ModelVersion, reviewer: User):
    address = reverse("portal:model-lineage", args=["card-fraud"])
    assert "Around card-fraud 1.3.2" in words(reviewer, address)
    page = words(reviewer, f"{address}?version=1.4.0")
    assert "Around card-fraud 1.4.0" in page
    assert "lake/cards 2026-10" in page
