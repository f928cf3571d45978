"""Registering models, and changing what is said of them."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.models import Team, User
from apps.core.errors import Conflict, Forbidden, Invalid, Stale, TooLarge
from apps.models import actions, events
from apps.models.models import RegisteredModel
from tests import factories
from tests.assertions import assert_audited, assert_unchanged


@pytest.mark.parametrize("who", ["contributor", "owner", "pipeline"])
def test_a_member_registers_a_model(who: str, team: Team, request: pytest.FixtureRequest) -> None:
    actor = request.getfixturevalue(who)
    with assert_audited(events.MODEL_REGISTERED, actor=actor) as recorded:
        model = actions.register_model(
            name="card-fraud", team="cards", risk_tier="high", tags=["fraud", " fraud ", "cards"], actor=actor
        )
    assert (model.team, model.registered_by, model.tags) == (team, actor, ["fraud", "cards"])
    assert recorded.event.scopes == [f"team:{team.pk}", f"model:{model.pk}"]
    assert recorded.data["risk_tier"] == "high"


@pytest.mark.parametrize("who", ["reviewer", "compliance", "auditor"])
def test_somebody_who_only_sees_the_team_may_not_register(who: str, team: Team, request: pytest.FixtureRequest) -> None:
    with assert_unchanged(RegisteredModel), pytest.raises(Forbidden, match="contributors and owners"):
        actions.register_model(name="x", team="cards", risk_tier="low", actor=request.getfixturevalue(who))


@pytest.mark.parametrize("who", ["stranger", "administrator", "superuser"])
def test_a_hidden_team_is_as_unknown_as_none(who: str, team: Team, request: pytest.FixtureRequest) -> None:
    refusals = []
    for slug in ("cards", "nothing", "\x00"):
        with assert_unchanged(RegisteredModel), pytest.raises(Invalid) as refused:
            actions.register_model(name="x", team=slug, risk_tier="low", actor=request.getfixturevalue(who))
        refusals.append([(error.field, error.code, error.message) for error in refused.value.errors])
    assert refusals[0] == refusals[1] == refusals[2]
    assert refusals[0][0][:2] == ("team", "unknown_team")


def test_every_wrong_field_is_named_at_once(contributor: User) -> None:
    wrong: dict[str, Any] = {"name": "Bad Name", "team": "none", "risk_tier": "huge", "visibility": "all"}
    with assert_unchanged(RegisteredModel), pytest.raises(Invalid) as refused:
        actions.register_model(**wrong, description="\x00", tags=["", 5], actor=contributor)
    fields = {error.field for error in refused.value.errors}
    assert fields == {"name", "team", "risk_tier", "visibility", "description", "tags[0]", "tags[1]"}


@pytest.mark.parametrize("name", ["", "-x", ".x", "X", "a b", "a/b", "é", "a\n", "a" * 101, 5, None])
def test_an_illegal_name_is_refused(name: Any, contributor: User) -> None:
    with assert_unchanged(RegisteredModel), pytest.raises(Invalid) as refused:
        actions.register_model(name=name, team="cards", risk_tier="low", actor=contributor)
    assert [error.code for error in refused.value.errors] == ["invalid_name"]


def test_a_taken_name_is_a_conflict_even_where_the_model_is_hidden(model: RegisteredModel) -> None:
    other = factories.member("contributor", factories.team("other"))
    with assert_unchanged(RegisteredModel), pytest.raises(Conflict) as refused:
        actions.register_model(name=model.name, team="other", risk_tier="low", actor=other)
    assert refused.value.code == "model_exists"


def test_an_owner_changes_a_model(model: RegisteredModel, owner: User) -> None:
    before = model.changed_at
    with assert_audited(events.MODEL_CHANGED, model, actor=owner) as recorded:
        changed = actions.change_model(model, description="New.", visibility="organisation", actor=owner)
    assert (changed.description, changed.visibility) == ("New.", "organisation")
    assert changed.changed_at > before
    assert recorded.data["before"] == {"description": "", "visibility": "team"}
    assert recorded.data["after"] == {"description": "New.", "visibility": "organisation"}
    assert recorded.event.sentence == "changed description and visibility of card-fraud"


def test_a_change_to_what_is_there_already_is_no_event(model: RegisteredModel, owner: User) -> None:
    with assert_unchanged(model):
        actions.change_model(model, description=model.description, risk_tier=model.risk_tier, actor=owner)


@pytest.mark.parametrize("who", ["contributor", "reviewer", "compliance", "auditor", "stranger", "superuser"])
def test_nobody_else_changes_a_model(who: str, model: RegisteredModel, request: pytest.FixtureRequest) -> None:
    with assert_unchanged(model), pytest.raises(Forbidden, match="Only owners"):
        actions.change_model(model, description="Mine.", actor=request.getfixturevalue(who))


def test_a_change_of_what_somebody_changed_meanwhile_is_stale(model: RegisteredModel, owner: User) -> None:
    seen = model.etag
    model = actions.change_model(model, description="First.", actor=owner, expected=seen)
    with assert_unchanged(model), pytest.raises(Stale):
        actions.change_model(model, description="Second.", actor=owner, expected=seen)


@pytest.mark.parametrize(
    "fields", [{"name": "other"}, {"team": "x"}, {"description": 5}, {"tags": ["x" * 61]}, {"risk_tier": "none"}]
)
def test_wrong_changes_are_refused(fields: dict[str, Any], model: RegisteredModel, owner: User) -> None:
    with assert_unchanged(model), pytest.raises(Invalid):
        actions.change_model(model, actor=owner, reason="Why not.", **fields)


def test_an_owner_raises_the_tier_with_a_reason_kept_apart(model: RegisteredModel, owner: User) -> None:
    with assert_audited(events.MODEL_CHANGED, model) as recorded:
        actions.change_model(model, risk_tier="high", reason="Used for refunds now.", actor=owner)
    assert (recorded.data["before"], recorded.data["after"]) == ({"risk_tier": "medium"}, {"risk_tier": "high"})
    assert recorded.personal == {"reason": "Used for refunds now."}
    assert "refunds" not in recorded.event.body


def test_a_change_of_tier_needs_a_reason(model: RegisteredModel, owner: User) -> None:
    with assert_unchanged(model), pytest.raises(Invalid) as refused:
        actions.change_model(model, risk_tier="high", reason=" ", actor=owner)
    assert refused.value.code == "reason_required"


def test_an_owner_never_lowers_the_tier(model: RegisteredModel, owner: User) -> None:
    with assert_unchanged(model), pytest.raises(Forbidden) as refused:
        actions.change_model(model, risk_tier="low", reason="Please.", actor=owner)
    assert refused.value.code == "tier_lowered"


def test_a_compliance_officer_lowers_the_tier_and_nothing_else(model: RegisteredModel, compliance: User) -> None:
    with assert_unchanged(model), pytest.raises(Forbidden):
        actions.change_model(model, risk_tier="low", description="x", reason="Reviewed.", actor=compliance)
    with assert_audited(events.MODEL_CHANGED, model, actor=compliance):
        changed = actions.change_model(model, risk_tier="low", reason="Reviewed.", actor=compliance)
    assert changed.risk_tier == "low"


def test_an_owner_writes_the_card_and_the_log_keeps_both(model: RegisteredModel, owner: User) -> None:
    actions.change_model(model, card="## Use\n", actor=owner)
    with assert_audited(events.MODEL_CHANGED, model, actor=owner) as recorded:
        actions.change_model(model, card="## Use\n\nCards only.", actor=owner)
    model.refresh_from_db()
    assert model.card == "## Use\n\nCards only."
    assert (recorded.data["before"], recorded.data["after"]) == ({"card": "## Use\n"}, {"card": model.card})


@pytest.mark.parametrize("card", ["x" * 20_001, "\x00", 5])
def test_a_card_that_cannot_be_shown_is_refused(model: RegisteredModel, owner: User, card: Any) -> None:
    with assert_unchanged(RegisteredModel), pytest.raises(Invalid) as refused:
        actions.change_model(model, card=card, actor=owner)
    assert [error.field for error in refused.value.errors] == ["card"]


def test_a_card_too_large_for_the_log_is_refused(model: RegisteredModel, owner: User) -> None:
    actions.change_model(model, card="界" * 15_000, actor=owner)
    with assert_unchanged(RegisteredModel), pytest.raises(TooLarge):
        actions.change_model(model, card="世" * 15_000, actor=owner)
