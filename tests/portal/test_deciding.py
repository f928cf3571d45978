"""Deciding on the page of a promotion: what the form sends, what a refusal says, what the next reader sees."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.approvals import actions, events
from apps.approvals.models import Decision, Promotion
from tests.assertions import assert_audited, assert_unchanged
from tests.factories import PASSWORD, browser


def send(promotion: Promotion, user: User, **changes: Any) -> Any:
    """Send the form as a browser without scripts does."""
    form = {"verdict": "approve", "comment": "", "password": PASSWORD, "etag": promotion.etag, **changes}
    return browser(user).post(reverse("approvals:promotion", args=[promotion.pk]), form)


def page(promotion: Promotion, user: User) -> str:
    """Return the words of the page as one reader gets it."""
    response = browser(user).get(reverse("approvals:promotion", args=[promotion.pk]))
    return unescape(response.content.decode())


def test_reviewer_approves_and_is_told_what_is_next(promotion: Promotion, reviewer: User):
    with assert_audited(events.PROMOTION_DECIDED, promotion, actor=reviewer):
        response = send(promotion, reviewer)
    address = reverse("approvals:promotion", args=[promotion.pk])
    assert (response.status_code, response["Location"]) == (302, address)
    assert Decision.objects.get().verdict == "approve"


def test_same_form_sent_twice_is_one_decision(promotion: Promotion, reviewer: User):
    send(promotion, reviewer)
    assert send(promotion, reviewer).status_code == 302
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"password": "wrong"}, 403, "The password is wrong; nothing was signed."),
        ({"password": ""}, 400, "Give your password: it is your signature."),
        ({"verdict": ""}, 400, "Choose what you decide."),
        ({"verdict": "dismiss:x"}, 400, "Choose one of the verdicts offered."),
        ({"verdict": "reject"}, 400, "Give a reason"),
        ({"etag": '"promotion-0-round-0"'}, 409, "The evidence has changed since you looked"),
        ({"verdict": "retract", "comment": "x"}, 409, "You have no decision to take back."),
    ],
)
def test_refused_form_says_what_is_wrong(
    promotion: Promotion, reviewer: User, changes: dict[str, str], status: int, words: str
):
    with assert_unchanged(Promotion, Decision):
        response = send(promotion, reviewer, **changes)
    assert response.status_code == status
    assert words in unescape(response.content.decode())


def test_refused_form_keeps_the_comment_but_never_the_password(promotion: Promotion, reviewer: User):
    response = send(promotion, reviewer, comment="Looks right to me.", password="not this one")
    assert b"Looks right to me." in response.content
    assert b"not this one" not in response.content


def test_whoever_owns_the_program_that_registered_it_reads_why_they_cannot_decide(
    promotion: Promotion, contributor: User
):
    words = page(promotion, contributor)
    assert "Your service account pipeline asked for this promotion, so you cannot review it." in words
    assert 'name="password"' not in words


def test_reader_without_a_place_reads_who_decides(promotion: Promotion, auditor: User):
    assert "you are not among them" in page(promotion, auditor)


def test_decision_of_somebody_excluded_is_refused_with_the_reason(promotion: Promotion, contributor: User):
    with assert_unchanged(Promotion, Decision):
        response = send(promotion, contributor)
    assert response.status_code == 403
    assert "so you cannot review it" in unescape(response.content.decode())


def test_page_shows_what_changes_against_production(promotion: Promotion, reviewer: User):
    words = page(promotion, reviewer)
    for expected in ("0.941", "0.952", "better", "worse", "+1.2 %", "2026-10", "Better on October."):
        assert expected in words


def test_page_offers_to_dismiss_what_a_colleague_asked_for(promotion: Promotion, reviewer: User, second_reviewer: User):
    send(promotion, reviewer, verdict="request_changes", comment="Subgroups are missing.")
    asked = Decision.objects.get()
    assert f'value="dismiss:{asked.pk}"' in page(promotion, second_reviewer)
    assert "dismiss:" not in page(promotion, reviewer)
    send(promotion, second_reviewer, verdict=f"dismiss:{asked.pk}", comment="They are in the report.")
    assert Decision.objects.latest("pk").settles == asked


def test_timeline_says_what_began_the_next_round(promotion: Promotion, reviewer: User, owner: User):
    send(promotion, reviewer)
    actions.attach_evidence(promotion.version, kind="evaluation_report", title="October", actor=owner)
    actions.refresh(promotion)
    words = " ".join(page(promotion, reviewer).split())
    assert "Evaluation report “October” was attached." in words
    assert "but that was round 1" in words


def test_closed_promotion_offers_nothing_to_sign(promotion: Promotion, reviewer: User):
    send(promotion, reviewer, verdict="reject", comment="The holdout set leaks.")
    words = page(promotion, reviewer)
    assert "nothing is left to decide" in words
    assert "The holdout set leaks." in words
    assert 'name="password"' not in words
