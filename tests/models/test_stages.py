"""The one door between stages, and what was where at any instant."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.accounts.models import User
from apps.core import clock
from apps.core.errors import Conflict, NotFound
from apps.models import actions, promotion, selectors
from apps.models.models import ModelVersion, RegisteredModel, StageAssignment
from apps.models.states import Stage
from tests import factories
from tests import registry_factories as registry
from tests.assertions import assert_unchanged


def stages(version: ModelVersion) -> list[str]:
    """Return every stage a version was in, in order."""
    return list(version.stage_assignments.order_by("period").values_list("stage", flat=True))


def test_a_move_closes_one_stage_and_opens_the_next(model: RegisteredModel) -> None:
    version, moment = registry.sealed_version(model), clock.now()
    moved = promotion.move(version, Stage.STAGING, promotion_id=7, moment=moment)
    closed, opened = version.stage_assignments.order_by("period")
    assert moved == promotion.Moved(previous_stage="experimental", retired=None)
    assert (closed.period.upper, opened.period.lower, opened.period.upper) == (moment, moment, None)
    assert (opened.stage, opened.promotion_id, closed.promotion_id) == ("staging", 7, None)


def test_the_next_version_retires_the_one_in_production_at_the_same_instant(model: RegisteredModel) -> None:
    first = registry.sealed_version(model, stage="production")
    second, moment = registry.sealed_version(model), clock.now()
    moved = promotion.move(second, Stage.PRODUCTION, promotion_id=8, moment=moment)
    assert moved.retired == first
    assert (stages(first), stages(second)) == (
        ["experimental", "production", "archived"],
        ["experimental", "production"],
    )
    periods = StageAssignment.objects.in_production().order_by("period").values_list("period", flat=True)
    assert [periods[0].upper, periods[1].lower] == [moment, moment]


def test_a_moment_before_the_last_move_never_turns_time_round(model: RegisteredModel) -> None:
    version = registry.sealed_version(model)
    assert version.sealed_at is not None
    promotion.move(version, Stage.STAGING, promotion_id=None, moment=version.sealed_at - timedelta(days=1))
    assert (stages(version), selectors.stage_of(version)) == (["experimental", "staging"], "staging")


@pytest.mark.parametrize(("stage", "code"), [("experimental", "already_in_stage"), ("staging", "version_not_sealed")])
def test_a_move_to_nowhere_is_refused(stage: str, code: str, model: RegisteredModel) -> None:
    sealed = code == "already_in_stage"
    version = registry.sealed_version(model) if sealed else registry.pending_version(model)
    with assert_unchanged(StageAssignment), pytest.raises(Conflict) as refused:
        promotion.move(version, stage, promotion_id=None, moment=clock.now())
    assert refused.value.code == code


def test_production_is_answered_now_and_for_every_past_instant(model: RegisteredModel, reviewer: User) -> None:
    first = registry.sealed_version(model, files={"b": b"b", "a/é x": b"a"}, stage="production")
    between = clock.now()
    second = registry.sealed_version(model, stage="production")
    now, then = selectors.production_of(model.name, reviewer), selectors.production_of(model.name, reviewer, between)
    assert (now.version, now.number, now.until) == (second.version, 2, None)
    assert (then.version, then.manifest_digest) == (first.version, first.manifest_digest)
    assert then.until == now.since
    assert [file["path"] for file in then.artifacts] == ["a/é x", "b"]
    assert selectors.production_of(model.name, reviewer, now.since).version == second.version
    assert selectors.production_of(model.name, reviewer, now.since - timedelta(microseconds=1)) == then


@pytest.mark.parametrize("days", [0, 365])
def test_nothing_in_production_is_told(days: int, model: RegisteredModel, reviewer: User) -> None:
    at = clock.now() - timedelta(days=days) if days else None
    with pytest.raises(NotFound) as refused:
        selectors.production_of(model.name, reviewer, at)
    assert refused.value.code == "nothing_in_production"


def sees_production(model: RegisteredModel, user: User) -> bool:
    """Ask the hot path."""
    try:
        return bool(selectors.production_of(model.name, user))
    except NotFound:
        return False


SEES = {"owner", "contributor", "reviewer", "second_reviewer", "third", "compliance", "auditor", "pipeline"}


def test_the_hot_path_sees_what_visible_to_sees(model: RegisteredModel, personas: dict[str, User]) -> None:
    registry.sealed_version(model, stage="production")
    by_model = factories.member("reviewer", model)
    for name, user in {**personas, "by_model": by_model}.items():
        visible = RegisteredModel.objects.visible_to(user).filter(pk=model.pk).exists()
        assert (sees_production(model, user), visible) == (name in {*SEES, "by_model"},) * 2, name


def test_a_model_open_to_the_organisation_is_seen_by_everybody_active(stranger: User) -> None:
    version = registry.sealed_version(registry.registered_model(visibility="organisation"), stage="production")
    assert selectors.production_of(version.registered_model.name, stranger).version == version.version
    stranger.is_active = False
    with pytest.raises(NotFound):
        selectors.production_of(version.registered_model.name, stranger)


def test_the_inventory_tells_every_stage_at_an_instant(model: RegisteredModel, reviewer: User) -> None:
    first = registry.sealed_version(model, stage="production")
    hidden = registry.sealed_version()
    before = clock.now()
    second = registry.sealed_version(model, stage="production")

    def told(at: datetime) -> list[tuple[int, str]]:
        return [(row.version_id, row.stage) for row in selectors.inventory(reviewer, at)]

    assert told(before) == [(first.pk, "production")]
    assert sorted(told(clock.now())) == sorted([(first.pk, "archived"), (second.pk, "production")])
    assert hidden.pk not in [row.version_id for row in selectors.inventory(reviewer, clock.now())]


def test_the_history_of_a_model_is_told_in_order(model: RegisteredModel) -> None:
    registry.in_stage(registry.sealed_version(model, stage="staging"), "production")
    assert [row.stage for row in selectors.stage_history(model)] == ["experimental", "staging", "production"]


@pytest.mark.parametrize("ref", ["1.1.0", "2", "@champion", "@latest_production"])
def test_a_version_is_found_by_each_kind_of_reference(ref: str, model: RegisteredModel, owner: User) -> None:
    registry.sealed_version(model, version="1.0.0")
    version = registry.sealed_version(model, version="1.1.0", stage="production")
    actions.set_alias(model, name="champion", version=version, actor=owner)
    assert selectors.resolve_version(model, ref) == version


@pytest.mark.parametrize(
    "ref", ["", "1.0", "9.9.9", "99", "9" * 400, "@", "@nobody", "@latest_production", "\x00", "٣"]
)
def test_an_unknown_reference_is_not_found(ref: str, model: RegisteredModel) -> None:
    registry.sealed_version(model)
    with pytest.raises(NotFound) as refused:
        selectors.resolve_version(model, ref)
    assert refused.value.code == "unknown_version"


class AnyOrderOfMoves(TestCase):
    """Whatever moves are made, in any order: one stage at a time, one production at a time, no gap."""

    @hypothesis_settings(max_examples=8, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(Stage.values)), max_size=8))
    def test_history_stays_whole(self, moves: list[tuple[int, str]]) -> None:
        model = registry.registered_model()
        versions = [registry.sealed_version(model) for _ in range(3)]
        for which, stage in moves:
            if selectors.stage_of(versions[which]) != stage:
                promotion.move(versions[which], stage, promotion_id=None, moment=clock.now())
        assert StageAssignment.objects.current().in_production().count() <= 1
        for version in versions:
            periods = list(version.stage_assignments.order_by("period").values_list("period", flat=True))
            assert [period.upper for period in periods[:-1]] == [period.lower for period in periods[1:]]
            assert (periods[0].lower, periods[-1].upper) == (version.sealed_at, None)
