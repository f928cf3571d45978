"""Derived rows of the catalogue equal the truth after every act; what they find, and for whom; searches kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts import actions as account_actions
from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import Role
from apps.audit import outbox
from apps.core.actors import SYSTEM
from apps.core.errors import Conflict, Invalid, NotFound
from apps.models import actions, selectors
from apps.models.models import CatalogueEntry, CatalogueMetric, RegisteredModel, SavedSearch
from apps.models.querylanguage import parse
from tests import factories
from tests import registry_factories as registry
from tests.assertions import assert_unchanged


def rows() -> list[list[dict[str, Any]]]:
    """Return every derived row without its key of no meaning."""
    metrics = CatalogueMetric.objects.order_by("entry", "key").values("entry", "key", "name", "value")
    return [list(CatalogueEntry.objects.order_by("pk").values()), list(metrics)]


def true_rows() -> list[list[dict[str, Any]]]:
    """Return the rows as they are when made anew."""
    CatalogueEntry.objects.all().delete()
    call_command("rebuild_catalogue", verbosity=0)
    return rows()


def found(text: str, user: User | None = None) -> list[str]:
    """Return the names that a search finds, best first."""
    entries = CatalogueEntry.objects.all() if user is None else CatalogueEntry.objects.visible_to(user)
    query = parse(text)
    assert query.mistakes == ()
    return list(entries.matching(query).best_first(query).values_list("name", flat=True))


@pytest.fixture
def entry_of_all_acts(team: Team, owner: User, contributor: User) -> CatalogueEntry:
    """The row of a model after many acts."""
    model = registry.registered_model(team, actor=contributor, name="card-fraud", tags=["Cards"])
    first = registry.sealed_version(model, actor=contributor, metrics={"auc": 0.9, "AUC": 0.8}, version="1.0.0")
    registry.in_stage(first, "production")
    content = {"metrics": {"auc": 0.95, "loss": 1}, "metadata": {"task": "ranking", "framework": "pytorch"}}
    second = registry.sealed_version(model, actor=contributor, version="1.1.0", **content)
    registry.in_stage(second, "production")
    registry.sealed_version(model, actor=contributor, version="2.0.0", metrics={"auc": 0.99})
    registry.pending_version(model, actor=contributor, version="3.0.0", metrics={"auc": 1})
    actions.change_model(model, actor=owner, description="Scores card payments.", tags=["Cards", "eu"])
    actions.change_model(model, actor=owner, risk_tier="high", reason="More harm.")
    return CatalogueEntry.objects.get(pk=model.pk)


def test_entry_says_what_counts(entry_of_all_acts: CatalogueEntry) -> None:
    entry = entry_of_all_acts
    assert (entry.version.version, entry.production_version, entry.task) == ("1.1.0", "1.1.0", "ranking")  # type: ignore[union-attr]
    assert (entry.headline, entry.course) == ("auc", [0.9, 0.95])
    assert (entry.stages, entry.tags, entry.risk_tier) == (
        ["archived", "experimental", "production"],
        ["cards", "eu"],
        "high",
    )
    assert list(entry.metrics.values_list("key", "value").order_by("key")) == [("auc", 0.95), ("loss", 1)]
    assert entry.active_at == entry.registered_model.changed_at


def test_rows_kept_by_acts_equal_rows_made_anew(entry_of_all_acts: CatalogueEntry, team: Team, stranger: User) -> None:
    registry.registered_model(team, name="empty")
    kept = rows()
    assert len(kept[0]) == 2
    assert kept == true_rows()


def test_rows_follow_owners_who_come_and_go(team: Team, contributor: User, stranger: User) -> None:
    model = registry.registered_model(team, actor=contributor, name="card-fraud")
    for target in (team, model):
        account_actions.give_role(stranger, Role.OWNER, target, actor=SYSTEM)
        outbox.drain()
        assert found(stranger.username) == found(f"owner:{stranger.username}") == ["card-fraud"]
        assert rows() == true_rows()
        account_actions.take_role(stranger, Role.OWNER, target, actor=SYSTEM)
        outbox.drain()
        assert found(stranger.username) == found(f"owner:{stranger.username}") == []
        assert rows() == true_rows()
    account_actions.give_role(stranger, Role.OWNER, team, actor=SYSTEM)
    account_actions.deactivate_user(stranger, actor=SYSTEM, reason="Left.")
    outbox.drain()
    assert found(stranger.username) == []
    assert rows() == true_rows()


def test_rebuilding_the_missing_leaves_the_others(team: Team) -> None:
    for name in ("one", "two"):
        registry.registered_model(team, name=name)
    CatalogueEntry.objects.filter(name="one").delete()
    CatalogueEntry.objects.filter(name="two").update(task="kept")
    call_command("rebuild_catalogue", missing=True, verbosity=0)
    assert dict(CatalogueEntry.objects.values_list("name", "task")) == {"one": "", "two": "kept"}


FOUND = [
    ("", ["card-fraud", "churn_2", "triage"]),
    ("fraud", ["card-fraud", "churn_2"]),
    ("fra", ["card-fraud", "churn_2"]),
    ("payment-card", ["card-fraud"]),
    ("predicting", ["card-fraud"]),
    ("predicti", []),
    ("is", ["churn_2"]),
    ("2", ["churn_2"]),
    ("fraud -chargebacks", ["churn_2"]),
    ("churn or triage", ["churn_2", "triage"]),
    ('"card payments"', ["card-fraud"]),
    ('"payments card"', []),
    ("wards", ["triage"]),
    ("zürich", ["card-fraud"]),
    ("40", ["card-fraud"]),
    ("recall", ["card-fraud"]),
    ("owner", ["card-fraud", "churn_2"]),
    ("owner:OWNER", ["card-fraud", "churn_2"]),
    ("auc > 0.9", ["card-fraud"]),
    ("AUC>=0.7", ["card-fraud", "churn_2"]),
    ("auc = 0.7", ["churn_2"]),
    ("auc < 0.7", []),
    ("-auc > 0", ["triage"]),
    ("recall@5 <= 0.4", ["card-fraud"]),
    ('"latency ms" < 20', ["card-fraud"]),
    ("tag:fraud", ["card-fraud"]),
    ("team:wards", ["triage"]),
    ("team:Wards -tier:high", ["triage"]),
    ("tier:high", ["card-fraud"]),
    ("stage:experimental", ["card-fraud", "churn_2"]),
    ("stage:production", ["card-fraud"]),
    ("task:classification", ["card-fraud"]),
    ("task:ranking", []),
    ("framework:scikit", ["card-fraud"]),
    ("format:onnx", []),
    ("fraud auc>0.9 tier:high", ["card-fraud"]),
    ("x'y*&|!()\\", []),
]


@pytest.fixture
def models(team: Team, owner: User) -> dict[str, RegisteredModel]:
    """Three models that differ in everything."""
    fraud = registry.registered_model(
        team, name="card-fraud", risk_tier="high", description="Predicts chargebacks of card payments.", tags=["Fraud"]
    )
    metadata = {"task": "binary classification", "framework": "scikit-learn", "site": {"region": "Zürich", "beds": 40}}
    metrics = {"auc": 0.95, "recall@5": 0.4, "latency ms": 12}
    registry.sealed_version(fraud, version="1.0.0", metadata=metadata, metrics=metrics, stage="production")
    registry.sealed_version(fraud, version="2.0.0", metrics={"auc": 0.5}, metadata={"task": "ranking"})
    churn = registry.registered_model(team, name="churn_2", description="Fraud is not its business.", tags=["crm"])
    registry.sealed_version(churn, version="1.0.0", metrics={"AUC": 0.7})
    registry.registered_model(factories.team("wards"), name="triage")
    return {model.name: model for model in RegisteredModel.objects.all()}


def test_search_finds(models: dict[str, RegisteredModel]) -> None:
    assert {text: sorted(found(text)) for text, _ in FOUND} == dict(FOUND)


def test_name_ranks_before_description(models: dict[str, RegisteredModel]) -> None:
    assert found("fraud") == ["card-fraud", "churn_2"]


def test_search_finds_nothing_of_other_teams(models: dict[str, RegisteredModel], stranger: User, owner: User) -> None:
    assert found("", stranger) == found("fraud", stranger) == []
    assert found("", owner) == ["card-fraud", "churn_2"]
    grants.give(Role.REVIEWER, stranger, models["triage"])
    assert found("", stranger) == ["triage"]
    actions.change_model(models["churn_2"], actor=owner, visibility="organisation")
    assert found("", stranger) == ["churn_2", "triage"]


@pytest.mark.parametrize(
    ("chosen", "total", "counts"),
    [
        ({}, 3, {"team": {"cards": 2, "wards": 1}, "tier": {"high": 1, "low": 2}, "stage": {"production": 1}}),
        ({"tier": ("high",)}, 1, {"team": {"cards": 1}, "tier": {"high": 1, "low": 2}, "stage": {"production": 1}}),
        ({"tier": ("high", "low"), "team": ("wards",)}, 1, {"team": {"cards": 2, "wards": 1}, "tier": {"low": 1}}),
        ({"stage": ("production", "staging"), "tier": ("low",)}, 0, {"tier": {"high": 1}, "team": {}}),
        ({"task": ("none",)}, 0, {"task": {"binary classification": 1}, "team": {}, "framework": {}}),
    ],
)
def test_facets_count_under_the_choices_in_the_others(
    models: dict[str, RegisteredModel], chosen: dict[str, tuple[str, ...]], total: int, counts: dict[str, Any]
) -> None:
    with CaptureQueriesContext(connection) as queries:
        counted = selectors.facet_counts(CatalogueEntry.objects.all(), chosen)
    shown = {key: {**counted.by_value[key]} for key in counts}
    for key in shown.keys() & {"stage"}:
        shown[key].pop("experimental", None)
    assert (counted.total, shown, len(queries)) == (total, counts, 1)
    assert selectors.narrowed(CatalogueEntry.objects.all(), chosen).count() == total


def test_facets_of_nothing_are_empty(stranger: User) -> None:
    stranger.is_active = False
    counted = selectors.facet_counts(CatalogueEntry.objects.visible_to(stranger), {})
    assert counted.total == 0
    assert not any(counted.by_value.values())


def test_models_sort_by_a_metric_those_without_it_last(models: dict[str, RegisteredModel]) -> None:
    entries = CatalogueEntry.objects.all()
    assert [entry.name for entry in entries.by_metric("auc", lowest_first=False)] == ["card-fraud", "churn_2", "triage"]
    assert [entry.name for entry in entries.by_metric("Auc", lowest_first=True)] == ["churn_2", "card-fraud", "triage"]


def test_person_keeps_renames_and_deletes_a_search(owner: User) -> None:
    with assert_unchanged(RegisteredModel):
        search = actions.save_search("  Risky ", "tier=high", actor=owner)
        actions.rename_search(search, "Very risky", actor=owner)
    assert list(SavedSearch.objects.values_list("user", "name", "query")) == [(owner.pk, "Very risky", "tier=high")]
    actions.delete_search(search, actor=owner)
    assert not SavedSearch.objects.exists()


def test_name_of_a_search_is_taken_once_by_each_person(owner: User, stranger: User) -> None:
    actions.save_search("Risky", "tier=high", actor=owner)
    actions.save_search("Risky", "tier=high", actor=stranger)
    other = actions.save_search("Other", "", actor=owner)
    with assert_unchanged(SavedSearch):
        with pytest.raises(Conflict, match="already"):
            actions.save_search("risky", "", actor=owner)
        with pytest.raises(Conflict, match="already"):
            actions.rename_search(other, "RISKY", actor=owner)


@pytest.mark.parametrize(("name", "query"), [("", ""), ("x" * 81, ""), ("a\nb", ""), ("fine", "q=" + "x" * 1000)])
def test_search_that_cannot_be_kept_is_refused(owner: User, name: str, query: str) -> None:
    with assert_unchanged(SavedSearch), pytest.raises(Invalid):
        actions.save_search(name, query, actor=owner)


def test_searches_have_a_bound(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.models.actions.searches.MOST", 1)
    actions.save_search("one", "", actor=owner)
    with assert_unchanged(SavedSearch), pytest.raises(Invalid, match="delete one"):
        actions.save_search("two", "", actor=owner)


def test_search_of_somebody_else_is_nobodys_business(owner: User, stranger: User) -> None:
    search = actions.save_search("Risky", "tier=high", actor=owner)
    with assert_unchanged(SavedSearch):
        with pytest.raises(NotFound):
            actions.rename_search(search, "Mine", actor=stranger)
        with pytest.raises(NotFound):
            actions.delete_search(search, actor=stranger)
