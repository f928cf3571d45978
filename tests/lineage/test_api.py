"""Lineage over HTTP: shapes, stages, what is hidden, what is refused, and its cost."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.accounts.roles import Scope
from apps.models.events import VERSION_REGISTERED
from apps.models.models import ModelVersion, RegisteredModel
from tests import factories, registry_factories
from tests.assertions import assert_audited
from tests.lineage.conftest import Register, dataset, parent

GRAPH = "/api/v1/models/{}/versions/{}/lineage/"
USES = "/api/v1/lineage/datasets/"
CODE = {"repository": "git.example/fraud", "commit": "d58eac05fb4fc774", "path": "train.py"}


@pytest.fixture
def used(fraud: RegisteredModel, secret: RegisteredModel, owner: User) -> dict[str, ModelVersion]:
    """A dataset in production at both teams, and in a retrained version of the first."""
    cards = {"datasets": [dataset()]}
    first = registry_factories.sealed_version(fraud, actor=owner, stage="production", lineage={**cards, "code": CODE})
    return {
        "production": first,
        "retrained": registry_factories.sealed_version(fraud, actor=owner, lineage={"parents": [parent(first)]}),
        "hidden": registry_factories.sealed_version(secret, stage="production", lineage=cards),
    }


def names(answer: Any) -> list[str]:
    return [f"{each['model']} {each['version']} {each['stage']}" for each in answer.json()["versions"]]


def test_registration_draws_the_graph_with_its_one_event(fraud: RegisteredModel, owner: User, reviewer: User) -> None:
    with assert_audited(VERSION_REGISTERED):
        registry_factories.pending_version(fraud, actor=owner, lineage={"datasets": [dataset()], "code": CODE})
    answer = factories.api(reviewer).get(GRAPH.format("card-fraud", 1))
    assert {each["label"] for each in answer.json()["nodes"]} == {
        "card-fraud 1.0.0",
        "warehouse/cards 2026-10",
        "git.example/fraud@d58eac05fb4f train.py",
    }


def test_graph_names_the_version_its_nodes_and_edges(used: dict[str, ModelVersion], reviewer: User) -> None:
    answer = factories.api(reviewer).get(GRAPH.format("card-fraud", "@latest_production")).json()
    nodes = {each["id"]: each for each in answer["nodes"]}
    root = nodes[answer["root"]]
    assert (answer["version"]["model"], answer["version"]["stage"]) == ("card-fraud", "production")
    assert root["url"].endswith(f"/api/v1/models/card-fraud/versions/{used['production'].version}/")
    assert root["facts"]["stage"] == "production"
    assert {
        (nodes[edge["source"]]["kind"], edge["kind"], nodes[edge["target"]]["kind"]) for edge in answer["edges"]
    } == {
        ("dataset", "trained_on", "model_version"),
        ("code", "built_from", "model_version"),
        ("model_version", "derived_from", "model_version"),
    }
    assert answer["hidden"] == {"upstream": 0, "downstream": 0}
    assert answer["truncated"] is False


@pytest.mark.parametrize(("query", "kinds"), [("upstream", ["code", "dataset"]), ("downstream", ["model_version"])])
def test_direction_chooses_one_side(
    used: dict[str, ModelVersion], reviewer: User, query: str, kinds: list[str]
) -> None:
    answer = factories.api(reviewer).get(GRAPH.format("card-fraud", 1), {"direction": query}).json()
    assert sorted(each["kind"] for each in answer["nodes"] if each["id"] != answer["root"]) == kinds


def test_depth_bounds_the_walk(used: dict[str, ModelVersion], reviewer: User) -> None:
    ask = factories.api(reviewer).get
    near = ask(GRAPH.format("card-fraud", 2), {"depth": 1}).json()
    far = ask(GRAPH.format("card-fraud", 2), {"depth": 2}).json()
    assert (len(near["nodes"]), len(far["nodes"])) == (2, 4)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"depth": 0}, "depth"),
        ({"depth": 11}, "depth"),
        ({"direction": "sideways"}, "direction"),
        ({"deep": 1}, "deep"),
    ],
)
def test_wrong_question_names_the_field(
    used: dict[str, ModelVersion], reviewer: User, query: dict[str, Any], field: str
) -> None:
    answer = factories.api(reviewer).get(GRAPH.format("card-fraud", 1), query)
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("reference", ["9.9.9", "99", "@nobody", "nonsense"])
def test_unknown_version_is_not_found(used: dict[str, ModelVersion], reviewer: User, reference: str) -> None:
    assert factories.api(reviewer).get(GRAPH.format("card-fraud", reference)).status_code == 404


def test_hidden_model_answers_like_a_missing_one(used: dict[str, ModelVersion], reviewer: User) -> None:
    hidden, missing = (factories.api(reviewer).get(GRAPH.format(name, 1)) for name in ("liquidity", "nowhere0"))
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.json()["detail"].replace("liquidity", "nowhere0") == missing.json()["detail"]


@pytest.mark.parametrize("path", [GRAPH.format("card-fraud", 1), USES])
def test_token_needs_the_scope_to_read_models(used: dict[str, ModelVersion], reviewer: User, path: str) -> None:
    answer = factories.api(reviewer, Scope.AUDIT_READ).get(path, {"name": "cards"})
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert factories.api(None).get(path).status_code == 401


def test_dataset_tells_the_production_models_that_used_it(used: dict[str, ModelVersion], reviewer: User) -> None:
    answer = factories.api(reviewer).get(USES, {"name": "cards", "stage": "production"})
    assert names(answer) == [f"card-fraud {used['production'].version} production"]
    assert answer.json()["hidden"] == 1
    assert [each["label"] for each in answer.json()["datasets"]] == ["warehouse/cards 2026-10"]
    assert "liquidity" not in answer.content.decode()


def test_dataset_tells_derived_versions_too(used: dict[str, ModelVersion], reviewer: User) -> None:
    ask = factories.api(reviewer).get
    everything = ask(USES, {"namespace": "warehouse", "name": "cards", "version": "2026-10"})
    assert [each.split()[-1] for each in names(everything)] == ["experimental", "production"]
    assert len(names(ask(USES, {"name": "cards", "depth": 1}))) == 1


def test_auditor_is_told_of_every_use(used: dict[str, ModelVersion], auditor: User) -> None:
    answer = factories.api(auditor).get(USES, {"name": "cards", "stage": "production"})
    assert {each.split()[0] for each in names(answer)} == {"card-fraud", "liquidity"}
    assert answer.json()["hidden"] == 0


def test_dataset_that_only_others_used_is_not_shown(
    secret: RegisteredModel, fraud: RegisteredModel, reviewer: User, drawn: Register
) -> None:
    drawn(secret, datasets=[dataset("yields")])
    answer = factories.api(reviewer).get(USES, {"name": "yields"}).json()
    assert answer == {"datasets": [], "versions": [], "hidden": 1, "truncated": False}


@pytest.mark.parametrize(
    "more", [{"version": "2026-11"}, {"namespace": "lake"}, {"digest": "md5:1"}, {"name": "card"}, {"name": "cards "}]
)
def test_other_dataset_has_no_uses(used: dict[str, ModelVersion], auditor: User, more: dict[str, str]) -> None:
    assert names(factories.api(auditor).get(USES, {"name": "cards", **more})) == []


def test_dataset_is_found_by_its_digest_however_written(
    fraud: RegisteredModel, reviewer: User, drawn: Register
) -> None:
    drawn(fraud, datasets=[dataset(digest="sha256:" + "ab" * 32)])
    answer = factories.api(reviewer).get(USES, {"name": "cards", "digest": "AB" * 32})
    assert len(names(answer)) == 1


def test_dataset_must_be_named(used: dict[str, ModelVersion], reviewer: User) -> None:
    answer = factories.api(reviewer).get(USES, {"namespace": "warehouse"})
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["errors"]] == ["name"]


@pytest.mark.parametrize("others", [1, 9])
@pytest.mark.parametrize(("path", "budget"), [(GRAPH.format("card-fraud", 1), 7), (USES + "?name=cards", 6)])
def test_answers_take_the_same_queries_whatever_their_size(
    fraud: RegisteredModel,
    secret: RegisteredModel,
    reviewer: User,
    drawn: Register,
    path: str,
    budget: int,
    others: int,
) -> None:
    root = drawn(fraud, datasets=[dataset(), *(dataset(f"table-{number}") for number in range(others))])
    for _ in range(others):
        drawn(secret, datasets=[dataset()])
        drawn(fraud, datasets=[dataset()], parents=[parent(root)])
    client = factories.api(reviewer)
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    assert len(queries) == budget, "\n".join(each["sql"][:200] for each in queries.captured_queries)
