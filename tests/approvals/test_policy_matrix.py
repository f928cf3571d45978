"""Persona x state x verb: who may do what to a promotion, written down whole."""

from __future__ import annotations

import pytest

from apps.accounts.models import User
from apps.approvals import actions, policies, selectors
from apps.approvals.models import Promotion
from apps.approvals.standing import evaluate, situation_of
from apps.approvals.states import State
from tests.approvals.acts import approve, decide, fresh
from tests.personas import PERSONAS

CLOSED = {State.EXECUTED, State.REJECTED, State.CANCELLED}
MAY = {
    # verb: who may, while the promotion is pending
    "decide": {"reviewer", "second_reviewer", "third"},
    "withdraw": {"contributor", "owner"},
    "execute": {"contributor", "owner", "pipeline"},
    "attach": {"contributor", "owner", "pipeline", "reviewer", "second_reviewer", "third", "compliance"},
    "demote": {"owner"},
    "set_policy": {"compliance"},
}


@pytest.fixture
def in_state(promotion: Promotion, contributor: User, reviewer: User, second_reviewer: User, third: User):
    """Return a function that brings the promotion into a state by what people do."""

    def bring(state: str) -> Promotion:
        if state in (State.APPROVED, State.EXECUTED):
            approve(promotion, reviewer, second_reviewer)
        if state == State.EXECUTED:
            actions.execute(promotion)
        if state == State.REJECTED:
            decide(promotion, reviewer, "reject")
        if state == State.CHANGES_REQUESTED:
            decide(promotion, reviewer, "request_changes")
        if state == State.CANCELLED:
            actions.withdraw(promotion, actor=contributor)
        assert fresh(promotion).state == state
        return fresh(promotion)

    return bring


def answers(user: User, promotion: Promotion) -> dict[str, bool]:
    """Return for every verb whether the user may."""
    situation = situation_of(promotion)
    return {
        "decide": bool(policies.can_decide(user, situation)),
        "withdraw": bool(policies.can_withdraw(user, promotion)),
        "execute": bool(policies.can_execute(user, promotion, situation.requirement)),
        "attach": bool(policies.can_attach_evidence(user, promotion.version)),
        "demote": bool(policies.can_demote(user, promotion.version, "production", "archived")),
        "set_policy": bool(policies.can_set_policy(user)),
    }


STATES = [State.OPEN, State.CHANGES_REQUESTED, State.APPROVED, *sorted(CLOSED)]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("persona", PERSONAS)
def test_persona_may_do_exactly_what_the_table_says(in_state, state: str, persona: str, request: pytest.FixtureRequest):
    user, promotion = request.getfixturevalue(persona), in_state(state)
    ends = {"decide", "withdraw", "execute"} if state in CLOSED else set()
    expected = {verb: persona in people and verb not in ends for verb, people in MAY.items()}
    assert answers(user, promotion) == expected


@pytest.mark.parametrize("persona", PERSONAS)
def test_deactivated_persona_may_do_nothing(promotion: Promotion, persona: str, request: pytest.FixtureRequest):
    user = request.getfixturevalue(persona)
    user.is_active = False
    user.save(update_fields=["is_active"])
    assert not any(answers(User.objects.get(pk=user.pk), promotion).values())
    situation = situation_of(promotion)
    assert selectors.allowed_actions(user, situation, evaluate(situation)) == []


@pytest.mark.parametrize(
    ("persona", "sees"), [("stranger", False), ("superuser", False), ("auditor", True), ("compliance", True)]
)
def test_promotion_of_a_team_is_seen_only_through_a_role(
    promotion: Promotion, persona: str, sees: bool, request: pytest.FixtureRequest
):
    user = request.getfixturevalue(persona)
    assert Promotion.objects.visible_to(user).filter(pk=promotion.pk).exists() == sees
