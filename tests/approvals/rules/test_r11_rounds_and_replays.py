"""R11 over HTTP: a decision names its round and may be sent twice; a replay gets the first answer, the rest 409."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.approvals import actions
from apps.approvals.models import Decision, Promotion
from tests.approvals.acts import fresh
from tests.assertions import assert_unchanged
from tests.factories import PASSWORD, api

SIGNED = {"password": PASSWORD, "meaning": "Reviewed and approved for production"}


def send(client: APIClient, promotion: Promotion, etag: str | None, key: str = "", **body):
    """Post a decision."""
    headers = ({"If-Match": etag} if etag else {}) | ({"Idempotency-Key": key} if key else {})
    body = {"verdict": "approve", "comment": "ok", "signature": SIGNED} | body
    return client.post(f"/api/v1/promotions/{promotion.pk}/decisions/", body, format="json", headers=headers)


def test_decision_with_the_etag_just_read_counts(promotion: Promotion, reviewer: User, second_reviewer: User):
    client = api(reviewer)
    etag = client.get(f"/api/v1/promotions/{promotion.pk}/")["ETag"]
    answer = send(client, promotion, etag)
    assert answer.status_code == 201
    assert answer.json()["rules"][0]["filled_by"] == [{"username": "reviewer", "name": "Reviewer"}]


def test_two_reviewers_with_the_same_etag_both_count(promotion: Promotion, reviewer: User, second_reviewer: User):
    etag = promotion.etag
    assert send(api(reviewer), promotion, etag).status_code == 201
    assert send(api(second_reviewer), promotion, etag).json()["state"] == "approved"


def test_decision_without_if_match_is_asked_for_one(promotion: Promotion, reviewer: User, second_reviewer: User):
    client = api(reviewer)
    with assert_unchanged(promotion, Decision):
        answer = send(client, promotion, None)
    assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")


@pytest.mark.parametrize("etag", ['"promotion-1-round-0"', "*", 'W/"x"', "nonsense"])
def test_decision_with_another_etag_is_stale(promotion: Promotion, reviewer: User, second_reviewer: User, etag: str):
    client = api(reviewer)
    with assert_unchanged(promotion, Decision):
        answer = send(client, promotion, etag)
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_subject")


def test_decision_on_changed_evidence_is_stale_and_the_next_look_shows_the_round(
    promotion: Promotion, contributor: User, reviewer: User, second_reviewer: User
):
    etag, client = promotion.etag, api(reviewer)
    actions.attach_evidence(promotion.version, kind="note", title="News", actor=contributor)
    assert send(client, promotion, etag).json()["code"] == "stale_subject"
    again = client.get(f"/api/v1/promotions/{promotion.pk}/")
    assert again.json()["round"] == 2
    assert send(client, promotion, again["ETag"]).status_code == 201


def test_replay_gets_the_first_answer_and_adds_nothing(promotion: Promotion, reviewer: User, second_reviewer: User):
    client = api(reviewer)
    first = send(client, promotion, promotion.etag, key="once")
    with assert_unchanged(promotion, Decision):
        again = send(client, promotion, promotion.etag, key="once")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotency-Replayed"] == "true"


def test_same_key_with_another_body_is_refused(promotion: Promotion, reviewer: User, second_reviewer: User):
    client = api(reviewer)
    send(client, promotion, promotion.etag, key="once")
    with assert_unchanged(promotion, Decision):
        answer = send(client, promotion, promotion.etag, key="once", verdict="reject")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_decision_on_a_closed_promotion_conflicts(promotion: Promotion, reviewer: User, second_reviewer: User):
    send(api(reviewer), promotion, promotion.etag, verdict="reject")
    client = api(second_reviewer)
    with assert_unchanged(promotion, Decision):
        answer = send(client, promotion, promotion.etag)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_resolved")


def test_refused_decision_may_be_sent_again_with_the_same_key(
    promotion: Promotion, reviewer: User, second_reviewer: User
):
    client = api(reviewer)
    wrong = send(client, promotion, promotion.etag, key="k", signature={"password": "wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "signature_refused")
    assert send(client, promotion, promotion.etag, key="k2").status_code == 201
    assert fresh(promotion).decisions.count() == 1
