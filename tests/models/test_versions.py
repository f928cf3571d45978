"""Registering, sealing and giving up versions; aliases."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from apps.accounts.models import User
from apps.core.errors import Conflict, Forbidden, Invalid, NotFound
from apps.models import actions, events, selectors
from apps.models.models import Alias, ModelVersion, RegisteredModel, StageAssignment
from tests import factories
from tests import registry_factories as registry
from tests.assertions import assert_audited, assert_unchanged

NOBODY_ELSE = ["reviewer", "compliance", "auditor", "administrator", "stranger", "superuser"]


@pytest.mark.parametrize("who", ["contributor", "owner", "pipeline"])
def test_a_member_registers_a_version(who: str, model: RegisteredModel, request: pytest.FixtureRequest) -> None:
    actor = request.getfixturevalue(who)
    content = {"metrics": {"auc": 1e22}, "parameters": {"lr": 0.1}, "metadata": {"use": "é"}, "card": "## Use"}
    with assert_audited(events.VERSION_REGISTERED, actor=actor) as recorded:
        version = actions.register_version(model, version="1.4.0-rc.1", actor=actor, **content)
    version.refresh_from_db()
    assert (version.number, version.state, version.registered_by) == (1, "pending", actor)
    assert {name: getattr(version, name) for name in content} == content
    assert recorded.data["version"] == "1.4.0-rc.1"
    assert "0.1" not in recorded.event.body


@pytest.mark.parametrize("who", NOBODY_ELSE)
def test_nobody_else_registers_a_version(who: str, model: RegisteredModel, request: pytest.FixtureRequest) -> None:
    with assert_unchanged(ModelVersion), pytest.raises(Forbidden):
        actions.register_version(model, bump="patch", actor=request.getfixturevalue(who))


def test_numbers_count_and_bumps_follow_the_highest_even_over_failed_ones(
    model: RegisteredModel, contributor: User
) -> None:
    registry.pending_version(model, version="2.0.0")
    actions.fail_version(registry.pending_version(model, version="3.1.0"), reason="Broken.", actor=contributor)
    registry.pending_version(model, version="1.0.0")
    following = actions.register_version(model, bump="minor", actor=contributor)
    assert (following.number, following.version) == (4, "3.2.0")
    assert [str(version.version) for version in model.versions.highest_first()] == ["3.2.0", "3.1.0", "2.0.0", "1.0.0"]


@pytest.mark.parametrize("state", ["pending", "failed", "sealed"])
def test_a_version_is_never_reused(state: str, model: RegisteredModel, contributor: User) -> None:
    version = registry.sealed_version(model, version="1.0.0") if state == "sealed" else None
    version = version or registry.pending_version(model, version="1.0.0")
    if state == "failed":
        actions.fail_version(version, reason="Broken.", actor=contributor)
    with assert_unchanged(ModelVersion), pytest.raises(Conflict) as refused:
        actions.register_version(model, version="1.0.0", actor=contributor)
    assert refused.value.code == "version_exists"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "version"),
        ({"version": "1.0.0", "bump": "patch"}, "version"),
        ({"version": "1.0"}, "version"),
        ({"bump": "huge"}, "bump"),
        ({"bump": "patch", "metrics": {"auc": "high"}}, "metrics.auc"),
        ({"bump": "patch", "parameters": {"seed": 2**53}}, "parameters.seed"),
        ({"bump": "patch", "metadata": [1]}, "metadata"),
        ({"bump": "patch", "lineage": {"datasets": [{}]}}, "lineage.datasets[0].name"),
        ({"bump": "patch", "lineage": {"parents": ["nothing 1.0.0"]}}, "lineage.parents[0]"),
        ({"bump": "patch", "description": "x" * 5001}, "description"),
    ],
)
def test_wrong_input_is_refused_by_field(
    given: dict[str, Any], field: str, model: RegisteredModel, contributor: User
) -> None:
    with assert_unchanged(ModelVersion), pytest.raises(Invalid) as refused:
        actions.register_version(model, actor=contributor, **given)
    assert [error.field for error in refused.value.errors] == [field]


def test_parents_are_kept_by_their_semantic_version(model: RegisteredModel, contributor: User) -> None:
    parent = registry.sealed_version(model, version="1.2.0", stage="production")
    refs = ["card-fraud 1.2.0", {"model": "card-fraud", "version": "1"}, "card-fraud @latest_production"]
    child = actions.register_version(model, bump="minor", lineage={"parents": refs}, actor=contributor)
    assert child.lineage["parents"] == [{"model": "card-fraud", "version": parent.version}] * 3


def test_a_hidden_parent_is_as_unknown_as_none(model: RegisteredModel, contributor: User) -> None:
    hidden = registry.sealed_version()
    with pytest.raises(Invalid) as refused:
        actions.register_version(model, bump="minor", lineage={"parents": [str(hidden)]}, actor=contributor)
    assert refused.value.errors[0].code == "unknown_parent"


def test_sealing_closes_a_version_and_places_it(model: RegisteredModel, contributor: User) -> None:
    version = registry.pending_version(model)
    for path, content in (("b.bin", b"b"), ("a/x", b"a"), ("B2", b"c")):
        registry.artifact(version, path, content)
    with assert_audited(events.VERSION_SEALED, version, actor=contributor) as recorded:
        sealed = actions.seal_version(version, actor=contributor)
    files = sorted([("b.bin", b"b"), ("a/x", b"a"), ("B2", b"c")])
    manifest = [{"path": path, "sha256": hashlib.sha256(held).hexdigest(), "size": 1} for path, held in files]
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()
    assert sealed.manifest_digest == hashlib.sha256(canonical).hexdigest() == recorded.data["manifest_digest"]
    assert (selectors.stage_of(sealed), sealed.sealed_by, sealed.state) == ("experimental", contributor, "ready")


def test_a_version_without_artifacts_is_not_sealed(model: RegisteredModel, contributor: User) -> None:
    version = registry.pending_version(model)
    with assert_unchanged(version, StageAssignment), pytest.raises(Conflict) as refused:
        actions.seal_version(version, actor=contributor)
    assert refused.value.code == "no_artifacts"


@pytest.mark.parametrize("act", ["seal", "fail", "upload"])
@pytest.mark.parametrize(("state", "code"), [("sealed", "version_sealed"), ("failed", "version_failed")])
def test_a_closed_version_stays_as_it_is(
    act: str, state: str, code: str, model: RegisteredModel, contributor: User
) -> None:
    version = registry.sealed_version(model) if state == "sealed" else registry.pending_version(model)
    if state == "failed":
        version = actions.fail_version(version, reason="Broken.", actor=contributor)
    acts = {
        "seal": lambda: actions.seal_version(version, actor=contributor),
        "fail": lambda: actions.fail_version(version, reason="Broken.", actor=contributor),
        "upload": lambda: registry.artifact(version, "new.bin", actor=contributor),
    }
    with assert_unchanged(version, StageAssignment), pytest.raises(Conflict) as refused:
        acts[act]()
    assert refused.value.code == code


@pytest.mark.parametrize("who", NOBODY_ELSE)
def test_nobody_else_closes_a_version(who: str, model: RegisteredModel, request: pytest.FixtureRequest) -> None:
    version, actor = registry.pending_version(model), request.getfixturevalue(who)
    registry.artifact(version)
    with assert_unchanged(version), pytest.raises(Forbidden):
        actions.seal_version(version, actor=actor)
    with assert_unchanged(version), pytest.raises(Forbidden):
        actions.fail_version(version, reason="Broken.", actor=actor)


def test_giving_up_needs_a_reason_that_is_kept_apart(model: RegisteredModel, contributor: User) -> None:
    version = registry.pending_version(model)
    with assert_unchanged(version), pytest.raises(Invalid):
        actions.fail_version(version, reason=" ", actor=contributor)
    with assert_audited(events.VERSION_FAILED, version) as recorded:
        failed = actions.fail_version(version, reason="Diverged.", actor=contributor)
    assert (failed.state, failed.failure, recorded.personal) == ("failed", "Diverged.", {"reason": "Diverged."})
    assert recorded.audience == [version.registered_by.pk]


def test_the_same_files_elsewhere_are_reported_and_hidden_ones_counted(model: RegisteredModel, owner: User) -> None:
    files = {"model.bin": b"same", "config.json": b"{}"}
    first = registry.sealed_version(model, files=files)
    registry.sealed_version(files=files)
    registry.sealed_version(model, files={"model.bin": b"same"})
    found = selectors.duplicates_of(registry.sealed_version(model, files=files), owner)
    assert (found.visible, found.hidden) == ([first], 1)


def test_an_alias_moves_with_an_event_each(model: RegisteredModel, owner: User) -> None:
    first, second = registry.sealed_version(model), registry.sealed_version(model)
    actions.set_alias(model, name="champion", version=first, actor=owner)
    with assert_audited(events.ALIAS_SET, actor=owner) as recorded:
        alias = actions.set_alias(model, name="champion", version=second, actor=owner)
    assert (recorded.data["before"], recorded.data["version"]) == (first.version, second.version)
    assert selectors.resolve_version(model, "@champion") == second
    with assert_unchanged(alias):
        actions.set_alias(model, name="champion", version=second, actor=owner)


def test_an_alias_is_removed_once(model: RegisteredModel, owner: User) -> None:
    actions.set_alias(model, name="champion", version=registry.sealed_version(model), actor=owner)
    with assert_audited(events.ALIAS_REMOVED, actor=owner):
        actions.remove_alias(model, name="champion", actor=owner)
    with assert_unchanged(Alias), pytest.raises(NotFound):
        actions.remove_alias(model, name="champion", actor=owner)


@pytest.mark.parametrize("name", ["latest", "latest_production", "1.0.0", "v1", "7", "Champion", "a b", ""])
def test_an_alias_that_could_be_a_version_is_refused(name: str, model: RegisteredModel, owner: User) -> None:
    version = registry.sealed_version(model)
    with assert_unchanged(Alias), pytest.raises(Invalid):
        actions.set_alias(model, name=name, version=version, actor=owner)


def test_an_alias_names_sealed_versions_of_its_model_only(model: RegisteredModel, owner: User) -> None:
    pending, foreign = registry.pending_version(model), registry.sealed_version()
    with assert_unchanged(Alias), pytest.raises(Conflict):
        actions.set_alias(model, name="champion", version=pending, actor=owner)
    with assert_unchanged(Alias), pytest.raises(Invalid):
        actions.set_alias(model, name="champion", version=foreign, actor=owner)


def test_a_contributor_moves_no_alias(model: RegisteredModel, contributor: User) -> None:
    version = registry.sealed_version(model)
    with assert_unchanged(Alias), pytest.raises(Forbidden):
        actions.set_alias(model, name="champion", version=version, actor=contributor)


def test_a_grant_on_the_model_alone_is_enough(model: RegisteredModel) -> None:
    version = registry.pending_version(model, actor=factories.member("contributor", model), version="5.0.0")
    assert version.version == "5.0.0"
