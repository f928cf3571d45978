"""The shipped bundle is what its index says, and is complete enough for a demonstration."""

import re
from pathlib import Path

import pytest

from demo_training.bundle import Bundle, BundleError
from demo_training.recipes import MODELS, TEAMS

MAX_BUNDLE_BYTES = 3_000_000


@pytest.fixture(scope="module")
def shipped(examples: Path) -> Bundle:
    """The demonstration bundle."""
    return Bundle.open(examples / "demo_bundle")


@pytest.fixture
def small(tmp_path: Path) -> Bundle:
    """A bundle with one version of one model, on disk."""
    bundle = Bundle.open_or_start(tmp_path, {"a-team": "A Team"})
    bundle.add({"name": "a-model", "team": "a-team"}, {"version": "1.0.0"}, {"weights.bin": b"weights"})
    bundle.save()
    return bundle


def test_every_file_has_the_size_and_digest_in_the_index(shipped: Bundle) -> None:
    paths = [shipped.file(artifact) for _, version in shipped.versions() for artifact in version["artifacts"]]
    on_disk = {path for path in (shipped.folder / "artifacts").rglob("*") if path.is_file()}
    assert set(paths) == on_disk
    assert len(paths) == len(on_disk)


def test_shipped_bundle_stays_small(shipped: Bundle) -> None:
    assert sum(path.stat().st_size for path in shipped.folder.rglob("*")) < MAX_BUNDLE_BYTES


def test_shipped_bundle_has_every_version_of_the_recipes(shipped: Bundle) -> None:
    recipes = {(model.name, recipe.version) for model in MODELS for recipe in model.versions}
    assert {(model["name"], version["version"]) for model, version in shipped.versions()} == recipes
    assert {team["slug"]: team["name"] for team in shipped.content["teams"]} == TEAMS


def test_every_team_and_tier_has_a_model(shipped: Bundle) -> None:
    models = shipped.content["models"]
    assert {model["team"] for model in models} == set(TEAMS)
    assert {model["risk_tier"] for model in models} == {"low", "medium", "high"}


def test_parents_stand_before_their_children(shipped: Bundle) -> None:
    seen = set()
    for model, version in shipped.versions():
        for parent in version["lineage"]["parents"]:
            assert (parent["model"], parent["version"]) in seen
        seen.add((model["name"], version["version"]))


def test_same_dataset_version_has_one_digest(shipped: Bundle) -> None:
    digests: dict[tuple[str, str], str] = {}
    for _, version in shipped.versions():
        for dataset in version["lineage"]["datasets"]:
            key = (dataset["name"], dataset["version"])
            assert digests.setdefault(key, dataset["digest"]) == dataset["digest"]
    assert len(set(digests.values())) == len(digests)


def test_every_version_names_a_commit_and_numbers_as_metrics(shipped: Bundle) -> None:
    for _, version in shipped.versions():
        assert re.fullmatch(r"[0-9a-f]{40}", version["lineage"]["code"]["commit"])
        assert version["metrics"]
        assert all(isinstance(value, float) for value in version["metrics"].values())


def test_changed_file_is_refused(small: Bundle) -> None:
    artifact = small.content["models"][0]["versions"][0]["artifacts"][0]
    (small.folder / artifact["file"]).write_bytes(b"Weights")
    with pytest.raises(BundleError, match="does not match"):
        small.file(artifact)


def test_reopened_bundle_knows_its_versions(small: Bundle) -> None:
    reopened = Bundle.open(small.folder)
    assert reopened.has("a-model", "1.0.0")
    assert not reopened.has("a-model", "1.0.1")
    assert reopened.content == small.content


@pytest.mark.parametrize("content", ['{"format": "another/1"}', "not json"])
def test_unknown_bundle_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "bundle.json").write_text(content)
    with pytest.raises(BundleError, match=r"bundle\.json"):
        Bundle.open(tmp_path)
