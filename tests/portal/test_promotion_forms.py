"""Asking for a promotion, withdrawing, executing, demoting: forms without scripts, refusals as messages."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.approvals import actions, events
from apps.approvals.models import Promotion
from apps.models.models import ModelVersion, StageAssignment
from tests.assertions import assert_audited, assert_unchanged
from tests.factories import PASSWORD, browser

SUBMIT = reverse("approvals:submit", args=["card-fraud", "1.4.0"])
DEMOTE = reverse("approvals:demote", args=["card-fraud", "1.3.2"])
FALL = {"to_stage": "archived", "reason": "Drifts.", "password": PASSWORD}


def post(user: User, address: str, **form: Any) -> Any:
    """Send a form as a browser without scripts does."""
    return browser(user).post(address, form)


def address(name: str, promotion: Promotion) -> str:
    """Return where a verb on the promotion is."""
    return reverse(f"approvals:{name}", args=[promotion.pk])


def test_contributor_asks_and_lands_on_the_new_promotion(version: ModelVersion, contributor: User):
    with assert_audited(events.PROMOTION_SUBMITTED, actor=contributor):
        response = post(contributor, SUBMIT, target_stage="production", reason="Better.")
    promotion = Promotion.objects.get()
    assert response["Location"] == address("promotion", promotion)
    assert (promotion.version, promotion.reason) == (version, "Better.")


def test_form_to_ask_offers_only_stages_the_version_can_go_to(version: ModelVersion, contributor: User):
    words = browser(contributor).get(SUBMIT).content.decode()
    assert [
        stage for stage in ("experimental", "staging", "production", "archived") if f'value="{stage}"' in words
    ] == [
        "staging",
        "production",
        "archived",
    ]


def test_whoever_asks_reads_first_what_each_stage_asks_for(version: ModelVersion, contributor: User):
    words = " ".join(unescape(browser(contributor).get(SUBMIT).content.decode()).split())
    production = words[words.index("Ready for production?") : words.index("Ready to be archived?")]
    assert "approvals from reviewers" in production
    assert "The metadata" in production
    assert "No review and no check is asked for" in words[words.index("Ready to be archived?") :]


def test_second_request_for_the_same_move_is_refused_beside_the_field(promotion: Promotion, contributor: User):
    with assert_unchanged(Promotion):
        response = post(contributor, SUBMIT, target_stage="production", reason="Again.")
    assert response.status_code == 409
    assert "already asks for" in unescape(response.content.decode())


def test_reviewer_who_asks_reads_which_role_is_missing(version: ModelVersion, reviewer: User):
    with assert_unchanged(Promotion):
        response = post(reviewer, SUBMIT, target_stage="production", reason="Please.")
    assert response.status_code == 403
    assert "You need the contributor or owner role" in unescape(response.content.decode())


def test_unknown_stage_is_refused(version: ModelVersion, contributor: User):
    with assert_unchanged(Promotion):
        assert post(contributor, SUBMIT, target_stage="moon").status_code == 400


def test_owner_of_the_program_that_asked_withdraws(promotion: Promotion, contributor: User):
    with assert_audited(events.PROMOTION_WITHDRAWN, promotion, actor=contributor):
        response = post(contributor, address("withdraw", promotion), reason="A better one comes.")
    assert response["Location"] == address("promotion", promotion)


def test_reviewer_cannot_withdraw_and_reads_why(promotion: Promotion, reviewer: User):
    with assert_unchanged(Promotion):
        response = post(reviewer, address("withdraw", promotion), reason="No.")
    assert response.status_code == 403
    assert "Only who asked for this promotion" in unescape(response.content.decode())


def test_promotion_without_its_approvals_is_not_executed(promotion: Promotion, owner: User):
    with assert_unchanged(StageAssignment):
        response = post(owner, address("execute", promotion))
    assert response.status_code == 409


def test_owner_executes_an_approved_promotion(
    promotion: Promotion, owner: User, reviewer: User, second_reviewer: User, compliance: User
):
    for person in (reviewer, second_reviewer, compliance):
        actions.decide(promotion, verdict="approve", password=PASSWORD, etag=promotion.etag, actor=person)
    response = post(owner, address("execute", promotion))
    assert response["Location"] == address("promotion", promotion)
    assert StageAssignment.objects.current().in_production().get().version == promotion.version


def test_owner_demotes_with_a_signature(live: ModelVersion, owner: User):
    with assert_audited(events.PROMOTION_DEMOTED, actor=owner):
        response = post(owner, DEMOTE, **FALL)
    assert response["Location"] == reverse("portal:version", args=["card-fraud", "1.3.2"])
    assert not StageAssignment.objects.current().in_production().exists()


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"password": "wrong"}, 403, "The password is wrong; nothing was signed."),
        ({"reason": " "}, 400, "Give a reason: it becomes part of the record."),
        ({"to_stage": ""}, 400, "Choose where the version goes."),
        ({"to_stage": "production"}, 400, "Use experimental, staging or archived"),
    ],
)
def test_incomplete_demotion_is_refused(
    live: ModelVersion, owner: User, changes: dict[str, str], status: int, words: str
):
    with assert_unchanged(StageAssignment, Promotion):
        response = post(owner, DEMOTE, **FALL | changes)
    assert response.status_code == status
    assert words in unescape(response.content.decode())


def test_contributor_cannot_demote_and_the_button_says_why(live: ModelVersion, contributor: User):
    words = browser(contributor).get(reverse("portal:version", args=["card-fraud", "1.3.2"])).content.decode()
    assert "Only an owner of the model can demote a version." in words
    assert DEMOTE not in words
    with assert_unchanged(StageAssignment):
        assert post(contributor, DEMOTE, **FALL).status_code == 403


def test_list_filters_by_state_model_and_person(promotion: Promotion, reviewer: User, contributor: User):
    def found(user: User, query: str) -> bool:
        response = browser(user).get(reverse("approvals:promotions") + query)
        return f"/promotions/{promotion.pk}/" in response.content.decode()

    assert found(reviewer, "")
    assert found(reviewer, "?state=pending")
    assert found(reviewer, "?mine=waiting")
    assert found(contributor, "?mine=requested")
    assert not found(contributor, "?mine=waiting")
    assert not found(reviewer, "?state=closed")
    assert not found(reviewer, "?model=other")
    assert found(reviewer, "?state=nonsense&page=99")
