"""R19: an owner demotes at once, with reason and signature; going back needs the policy's reduced rule set."""

from __future__ import annotations

import pytest

from apps.accounts.models import User
from apps.approvals import actions
from apps.approvals.models import Promotion
from apps.approvals.states import Kind, State
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.models.models import ModelVersion, RegisteredModel, StageAssignment
from tests import registry_factories as registry
from tests.approvals.acts import approve, in_production, request, rule, stage_of
from tests.assertions import assert_audited, assert_unchanged
from tests.factories import PASSWORD


@pytest.fixture
def live(promotion: Promotion, reviewer: User, second_reviewer: User) -> ModelVersion:
    """Version 1.0.0 in production."""
    approve(promotion, reviewer, second_reviewer)
    return actions.execute(promotion).version


def demote(version: ModelVersion, actor: User, **more) -> Promotion:
    """Take the version down to the archive."""
    arguments = {"to_stage": "archived", "reason": "It discriminates", "password": PASSWORD} | more
    return actions.demote(version, actor=actor, **arguments)


def test_owner_demotes_at_once(live: ModelVersion, owner: User):
    with assert_audited("approvals.promotion.demoted", actor=owner) as recorded:
        record = demote(live, owner)
    assert stage_of(live) == "archived"
    assert in_production(live.registered_model) is None
    assert (record.kind, record.state) == (Kind.DEMOTION, State.EXECUTED)
    assert record.signature.signer == owner
    assert recorded.personal["reason"] == "It discriminates"


def test_contributor_reviewer_and_superuser_cannot_demote(
    live: ModelVersion, contributor: User, reviewer: User, superuser: User
):
    for person in (contributor, reviewer, superuser):
        with assert_unchanged(StageAssignment, Promotion), pytest.raises(Forbidden):
            demote(live, person)


def test_demotion_without_reason_or_password_is_refused(live: ModelVersion, owner: User):
    with assert_unchanged(StageAssignment, Promotion), pytest.raises(Invalid):
        demote(live, owner, reason=" ")
    with assert_unchanged(StageAssignment, Promotion), pytest.raises(Forbidden):
        demote(live, owner, password="wrong")


def test_experimental_version_has_nowhere_to_fall(version: ModelVersion, owner: User):
    with assert_unchanged(StageAssignment, Promotion), pytest.raises(Conflict):
        demote(version, owner)


def test_going_back_needs_the_reduced_rules(
    live: ModelVersion, model: RegisteredModel, contributor: User, reviewer: User, second_reviewer: User
):
    newer = registry.sealed_version(model, actor=contributor, version="1.1.0")
    actions.execute(approve(request(newer, contributor), reviewer, second_reviewer))
    back = request(live, contributor)
    assert (back.kind, rule(back).needed) == (Kind.ROLLBACK, 1)
    actions.execute(approve(back, reviewer))
    assert in_production(model) == "1.0.0"


def test_version_never_in_production_needs_the_full_rules(
    live: ModelVersion, model: RegisteredModel, contributor: User, reviewer: User, second_reviewer: User
):
    newer = registry.sealed_version(model, actor=contributor, version="1.1.0")
    promotion = request(newer, contributor)
    assert (promotion.kind, rule(promotion).needed) == (Kind.PROMOTION, 2)


def test_high_tier_has_no_shortcut(team, contributor: User, reviewer: User, second_reviewer: User, compliance: User):
    model = registry.registered_model(team, actor=contributor, risk_tier="high")
    first = registry.sealed_version(model, actor=contributor, version="1.0.0")
    actions.execute(approve(request(first, contributor), reviewer, second_reviewer, compliance))
    second = registry.sealed_version(model, actor=contributor, version="1.1.0")
    actions.execute(approve(request(second, contributor), reviewer, second_reviewer, compliance))
    assert request(first, contributor).kind == Kind.PROMOTION
