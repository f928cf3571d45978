"""Models, aliases and standards over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.models import Team, User
from apps.models import actions, events
from apps.models.models import Alias, MetadataStandard, RegisteredModel
from tests import factories
from tests import registry_factories as registry
from tests.assertions import assert_audited, assert_unchanged

MODELS = "/api/v1/models/"
NEW = {"name": "card-fraud", "team": "cards", "risk_tier": "high", "description": "Scores payments."}


def test_a_pipeline_registers_a_model(pipeline: User) -> None:
    api = factories.api(pipeline)
    with assert_audited(events.MODEL_REGISTERED, actor=pipeline):
        answer = api.post(MODELS, {**NEW, "tags": ["fraud"]})
    assert (answer.status_code, answer["Location"]) == (201, "/api/v1/models/card-fraud/")
    assert {**NEW, "tags": ["fraud"], "visibility": "team", "production": None}.items() <= answer.json().items()


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": "Card Fraud"}, "name", "invalid_name"),
        ({"name": 5}, "name", "invalid"),
        ({"name": None}, "name", "null"),
        ({"team": "none"}, "team", "unknown_team"),
        ({"risk_tier": "huge"}, "risk_tier", "invalid_choice"),
        ({"owner": "me"}, "owner", "unknown_field"),
        ({"tags": "fraud"}, "tags", "not_a_list"),
        ({"description": ["x"]}, "description", "invalid"),
    ],
)
def test_wrong_input_names_the_field(change: dict[str, Any], field: str, code: str, contributor: User) -> None:
    api = factories.api(contributor)
    with assert_unchanged(RegisteredModel):
        answer = api.post(MODELS, {**NEW, **change})
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


def test_a_taken_name_is_a_conflict(model: RegisteredModel, contributor: User) -> None:
    api = factories.api(contributor)
    with assert_unchanged(RegisteredModel):
        answer = api.post(MODELS, NEW)
    assert (answer.status_code, answer.json()["code"]) == (409, "model_exists")


def test_a_repeated_post_with_its_key_registers_once(contributor: User, team: Team) -> None:
    api = factories.api(contributor)
    answers = [api.post(MODELS, NEW, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert (answers[0].json(), RegisteredModel.objects.count()) == (answers[1].json(), 1)


def test_a_token_without_the_scope_registers_nothing(contributor: User) -> None:
    api = factories.api(contributor, "models:read")
    with assert_unchanged(RegisteredModel):
        answer = api.post(MODELS, NEW)
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


def test_a_change_names_what_it_saw(model: RegisteredModel, owner: User) -> None:
    api, where = factories.api(owner), f"{MODELS}card-fraud/"
    etag = api.get(where)["ETag"]
    answer = api.patch(where, {"description": "New."}, headers={"If-Match": etag})
    assert (answer.status_code, answer.json()["description"]) == (200, "New.")
    assert answer["ETag"] != etag
    with assert_unchanged(model):
        stale = api.patch(where, {"description": "Newer."}, headers={"If-Match": etag})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_subject")


@pytest.mark.parametrize("who", ["contributor", "auditor"])
def test_who_sees_but_does_not_own_is_told_why(
    who: str, model: RegisteredModel, request: pytest.FixtureRequest
) -> None:
    api = factories.api(request.getfixturevalue(who))
    with assert_unchanged(model):
        answer = api.patch(f"{MODELS}card-fraud/", {"description": "Mine."})
    assert answer.status_code == 403


def test_a_hidden_model_is_not_found_by_any_method(model: RegisteredModel, stranger: User) -> None:
    api, version = factories.api(stranger), registry.sealed_version(model, stage="production")
    where = f"{MODELS}card-fraud/"
    one = f"{where}versions/{version.version}/"
    gets = ["", "versions/", "production/", "stages/", "stages/production/", "aliases/", "versions/1/"]
    answers = [api.get(where + each) for each in (*gets, "versions/1/artifacts/model.bin")]
    answers += [api.patch(where, {"description": "x"}), api.post(f"{where}versions/", {"bump": "patch"})]
    answers += [api.post(f"{one}seal/"), api.post(f"{one}fail/", {"reason": "x"})]
    answers += [api.put(f"{one}artifacts/x", data=b"x", content_type="application/octet-stream")]
    answers += [api.post(f"{one}artifacts/x", {"sha256": "0" * 64}), api.delete(f"{where}aliases/champion/")]
    answers += [api.put(f"{where}aliases/champion/", {"version": "1"})]
    assert {answer.status_code for answer in answers} == {404}
    listed = [api.get(f"/api/v1/{each}").json()["results"] for each in ("models/", "models/?q=fraud", "inventory/")]
    assert listed == [[], [], []]


def test_nothing_is_told_without_credentials(model: RegisteredModel) -> None:
    api = factories.api(None)
    answers = [api.get(MODELS), api.get(f"{MODELS}card-fraud/production/"), api.get("/api/v1/inventory/")]
    assert {answer.status_code for answer in answers} == {401}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=fraud", ["card-fraud"]),
        ("q=payments", ["card-fraud"]),
        ("q=chargebacks", ["card-fraud"]),
        ("q=urgent", ["churn"]),
        ("q=cards", ["card-fraud", "churn"]),
        ("q=-fraud payments", []),
        ("q=%22", ["card-fraud", "churn"]),
        ("q=pay", ["card-fraud"]),
        ("q=chargebacks -churn", ["card-fraud"]),
        ("q=stage:production", ["churn"]),
        ("q=owner:owner tier:high", ["card-fraud"]),
        ("q=nothing", []),
        ("team=cards", ["card-fraud", "churn"]),
        ("team=none", []),
        ("risk_tier=high", ["card-fraud"]),
        ("risk_tier=high&risk_tier=low", ["card-fraud", "churn"]),
        ("tag=urgent", ["churn"]),
        ("stage=production", ["churn"]),
        ("stage=archived", []),
        ("name=churn", ["churn"]),
    ],
)
def test_models_are_found(query: str, found: list[str], team: Team, owner: User) -> None:
    registry.registered_model(team, name="card-fraud", risk_tier="high", description="Scores payments; chargeback.")
    churn = registry.registered_model(team, name="churn", tags=["urgent"])
    registry.sealed_version(churn, stage="production")
    answer = factories.api(owner).get(f"{MODELS}?{query}")
    assert [model["name"] for model in answer.json()["results"]] == found


@pytest.mark.parametrize("query", ["risk_tier=huge", "stage=none", "visibility=x", "q=%00"])
def test_a_wrong_filter_is_refused(query: str, owner: User) -> None:
    assert factories.api(owner).get(f"{MODELS}?{query}").status_code == 400


def test_pages_follow_one_another_while_models_are_added(team: Team, owner: User) -> None:
    for index in range(5):
        registry.registered_model(team, name=f"m{index}")
    api = factories.api(owner)
    first = api.get(f"{MODELS}?page_size=2").json()
    registry.registered_model(team, name="a-new-one")
    second = api.get(first["next"]).json()
    assert [model["name"] for page in (first, second) for model in page["results"]] == ["m0", "m1", "m2", "m3"]


def test_an_alias_is_set_moved_and_removed(model: RegisteredModel, owner: User) -> None:
    first, second = registry.sealed_version(model), registry.sealed_version(model)
    api, where = factories.api(owner), f"{MODELS}card-fraud/aliases/champion/"
    assert api.put(where, {"version": first.version}).json()["version"] == first.version
    assert api.put(where, {"version": "2"}).json()["version"] == second.version
    assert [alias["alias"] for alias in api.get(f"{MODELS}card-fraud/aliases/").json()["results"]] == ["champion"]
    assert api.delete(where).status_code == 204
    assert api.delete(where).json()["code"] == "unknown_alias"
    assert not Alias.objects.exists()


def test_a_standard_is_set_by_a_compliance_officer_alone(compliance: User, owner: User) -> None:
    body = {"risk_tier": "high", "schema": {"type": "object", "required": ["intended_use"]}}
    api = factories.api(owner)
    with assert_unchanged(MetadataStandard):
        assert api.post("/api/v1/metadata-standards/", body).status_code == 403
    answer = factories.api(compliance).post("/api/v1/metadata-standards/", body)
    assert (answer.status_code, answer.json()["number"], answer.json()["schema"]) == (201, 1, body["schema"])
    assert len(factories.api(owner).get("/api/v1/metadata-standards/").json()["results"]) == 1


def test_the_admin_reads_everything_and_sets_standards(compliance: User, model: RegisteredModel) -> None:
    version = registry.sealed_version(model)
    actions.set_alias(model, name="champion", version=version, actor=factories.member("owner", model))
    browser = factories.browser(compliance)
    for table in ("registeredmodel", "modelversion", "artifact", "blob", "stageassignment", "alias"):
        assert browser.get(f"/admin/models/{table}/").status_code == 200
        assert browser.get(f"/admin/models/{table}/add/").status_code == 404
    form = {"risk_tier": "high", "stage": "", "schema": '{"type": "object"}'}
    assert browser.post("/admin/models/metadatastandard/add/", form).status_code == 302
    assert MetadataStandard.objects.get().set_by == compliance
