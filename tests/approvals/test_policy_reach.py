"""How far a policy reaches: which models, what in effect, and which open promotions it touches before it is saved."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Team, User
from apps.approvals import actions, policy_reach
from apps.approvals.models import Policy, PolicyVersion, Promotion
from apps.approvals.policy_words import LOOSER, TIGHTER
from apps.core.errors import Stale
from apps.models.models import RegisteredModel
from tests import registry_factories as registry
from tests.approvals.acts import decide, request, rule
from tests.assertions import assert_unchanged

TWO = {"name": "reviewers", "group": "reviewer", "min_approvals": 2}


@pytest.fixture
def low(db: None) -> Policy:
    """The organisation's policy for low-tier models going to production."""
    return Policy.objects.get(stage="production", risk_tier="low")


def test_organisation_policy_governs_models_of_its_tier(low: Policy, model: RegisteredModel):
    registry.registered_model(risk_tier="high")
    assert list(policy_reach.governed(low)) == [model]


def test_team_policy_governs_the_team_alone(model: RegisteredModel, team: Team):
    registry.registered_model()
    assert list(policy_reach.governed(Policy(stage="production", team=team))) == [model]


def test_effective_requirement_joins_layers(policy, model: RegisteredModel, team: Team):
    policy(rules=[{**TWO, "min_approvals": 4}], team=team)
    versions, lines = policy_reach.effective(model, "production")
    assert [str(version.policy) for version in versions] == [
        "organisation: Low to production",
        "team cards: all tiers to production",
    ]
    found = {line.words: line.sources for line in lines}
    four = "Four reviewers of the model or its team have to approve, each a different person."
    assert found[four] == ("team cards: all tiers to production v1",)


def test_tightening_touches_an_open_promotion_and_says_how(low: Policy, promotion: Promotion, reviewer: User):
    decide(promotion, reviewer)
    document = {"rules": [{**TWO, "min_approvals": 3}]}
    with assert_unchanged(Policy, PolicyVersion, Promotion):
        reach = policy_reach.touched(low, document)
    (each,) = reach.touched
    assert (each.promotion, each.approvals, reach.looked_at) == (promotion, 1, 1)
    assert [(turn.direction, turn.words) for turn in each.turns] == [
        (TIGHTER, "Three reviewers of the model or its team instead of two.")
    ]


def test_what_is_foretold_comes_true(low: Policy, promotion: Promotion, policy):
    reach = policy_reach.touched(low, {"rules": [{**TWO, "min_approvals": 3}]})
    policy(risk_tier="low", rules=[{**TWO, "min_approvals": 3}])
    assert rule(actions.refresh(promotion)).needed == 3
    assert reach.touched[0].promotion == promotion


def test_loosening_touches_nothing(low: Policy, promotion: Promotion):
    assert policy_reach.touched(low, {"rules": []}).touched == ()


def test_loosening_what_was_tightened_meanwhile_takes_back_to_what_was_pinned(
    low: Policy, promotion: Promotion, policy
):
    policy(risk_tier="low", rules=[{**TWO, "min_approvals": 4}])
    (each,) = policy_reach.touched(low, {"rules": []}).touched
    assert LOOSER in {turn.direction for turn in each.turns}
    assert "Two reviewers of the model or its team instead of four." in {turn.words for turn in each.turns}


def test_policy_of_another_stage_or_team_touches_nothing(promotion: Promotion):
    more = {"rules": [{**TWO, "min_approvals": 9}]}
    elsewhere = Team.objects.create(slug="other", name="Other")
    for policy in (Policy(stage="staging", risk_tier="low"), Policy(stage="production", team=elsewhere)):
        assert policy_reach.touched(policy, more) == policy_reach.Reach(0, ())


def test_number_of_queries_does_not_grow_with_promotions(
    low: Policy, promotion: Promotion, model: RegisteredModel, contributor: User
):
    document = {"rules": [{**TWO, "min_approvals": 3}]}
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            policy_reach.touched(low, document)
        counts.append(len(queries))
        for _ in range(3):
            request(registry.sealed_version(model, actor=contributor, metrics={"auc": 0.9}), contributor)
    assert counts[0] == counts[1] <= 4


def test_version_is_written_only_from_the_newest(low: Policy, compliance: User):
    with assert_unchanged(PolicyVersion), pytest.raises(Stale):
        actions.set_policy(stage="production", risk_tier="low", document={}, base=7, actor=compliance)
    written = actions.set_policy(stage="production", risk_tier="low", document={}, base=1, actor=compliance)
    assert written.number == 2


def test_history_says_what_each_version_changed(low: Policy, policy):
    policy(risk_tier="low", rules=[{**TWO, "min_approvals": 3}], needs_reason=True)
    (second, turns), (first, none) = policy_reach.history(low)
    assert (second.number, first.number, none) == (2, 1, [])
    assert "A reason has to be given now." in {turn.words for turn in turns}
