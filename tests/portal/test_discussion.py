"""The discussion on the page of a promotion: sent without scripts, swapped with them, safe whatever is written."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.approvals import actions, events
from apps.approvals.models import Comment, Promotion, Thread
from apps.audit import outbox
from apps.audit.models import Event
from apps.models.models import ModelVersion
from apps.notifications import letters
from apps.notifications.models import Email
from tests.assertions import assert_audited, assert_unchanged
from tests.factories import PASSWORD, api, browser


@pytest.fixture
def thread(promotion: Promotion, auditor: User) -> Thread:
    """A question of an auditor."""
    return actions.open_thread(promotion, text="Why does recall fall?", actor=auditor).thread


def send(user: User, name: str, *arguments: int, text: str = "", **more: Any) -> Any:
    """Send a form of the discussion."""
    return browser(user).post(reverse(f"approvals:{name}", args=arguments), {"text": text}, **more)


def page(promotion: Promotion, user: User) -> str:
    """Return the page of the promotion."""
    return unescape(browser(user).get(reverse("approvals:promotion", args=[promotion.pk])).content.decode())


def test_thread_is_opened_by_a_plain_form_and_shown_on_the_page(promotion: Promotion, reviewer: User, third: User):
    with assert_audited(events.THREAD_OPENED, promotion, actor=reviewer):
        response = send(reviewer, "discussion", promotion.pk, text="Why, @third? <script>alert(1)</script>")
    thread = Thread.objects.get()
    assert response["Location"] == f"/promotions/{promotion.pk}/#thread-{thread.pk}"
    words = browser(third).get(f"/promotions/{promotion.pk}/").content.decode()
    assert "(1, 1 open)" in words
    assert "1 open thread" in words
    assert f'<span class="mention" title="{third}">@third</span>' in words
    assert "<script>alert(1)" not in words


def test_script_gets_the_discussion_alone_and_the_count_of_the_summary(promotion: Promotion, reviewer: User):
    answer = send(reviewer, "discussion", promotion.pk, text="Why?", headers={"HX-Request": "true"})
    words = answer.content.decode()
    assert (answer.status_code, "<html" in words, 'hx-swap-oob="true"' in words) == (200, False, True)
    assert "Your comment was added." in words


def test_refused_comment_stays_in_its_thread_with_the_reason(promotion: Promotion, thread: Thread, reviewer: User):
    with assert_unchanged(Thread, Comment):
        answers = [send(reviewer, "discussion", promotion.pk), send(reviewer, "reply", promotion.pk, thread.pk)]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert all("Write what you want to say." in answer.content.decode() for answer in answers)
    assert f'id="thread_{thread.pk}_text_error"' in answers[1].content.decode()


def test_resolved_thread_is_folded_and_no_longer_counted(promotion: Promotion, thread: Thread, reviewer: User):
    with assert_audited(events.THREAD_RESOLVED, promotion, actor=reviewer):
        assert send(reviewer, "resolve", promotion.pk, thread.pk).status_code == 302
    words = page(promotion, reviewer)
    assert "open thread" not in words
    assert "Reopen" in words
    again = send(reviewer, "resolve", promotion.pk, thread.pk)
    assert (again.status_code, "resolved already" in again.content.decode()) == (409, True)


def test_reader_without_a_role_reads_why_they_cannot_resolve(promotion: Promotion, reviewer: User, auditor: User):
    thread = actions.open_thread(promotion, text="Why?", actor=reviewer).thread
    reason = "Only who opened this thread, or somebody with a role on the model"
    assert reason in page(promotion, auditor)
    with assert_unchanged(Thread, Comment):
        answer = send(auditor, "resolve", promotion.pk, thread.pk)
    assert (answer.status_code, reason in unescape(answer.content.decode())) == (403, True)


def test_thread_of_another_promotion_is_not_found(promotion: Promotion, thread: Thread, reviewer: User):
    assert send(reviewer, "reply", promotion.pk + 1, thread.pk, text="x").status_code == 404
    assert send(reviewer, "reply", promotion.pk, thread.pk + 1, text="x").status_code == 404


def test_program_reads_and_joins_the_discussion_over_http(promotion: Promotion, thread: Thread, pipeline: User):
    address, client = f"/api/v1/promotions/{promotion.pk}/discussion/", api(pipeline)
    row = client.get(address).json()["results"][0]
    assert {key: row[key] for key in ("id", "resolved", "text", "comments", "round")} == {
        "id": thread.pk,
        "resolved": False,
        "text": "Why does recall fall?",
        "comments": 1,
        "round": 1,
    }
    with assert_audited(events.THREAD_ANSWERED, promotion, actor=pipeline):
        answer = client.post(f"{address}{thread.pk}/", {"text": "Twelve rows."}, content_type="application/json")
    assert (answer.status_code, answer.json()["author"]["username"]) == (201, "pipeline")
    assert [each["text"] for each in client.get(f"{address}{thread.pk}/").json()["results"]] == [
        "Why does recall fall?",
        "Twelve rows.",
    ]
    problem = client.post(f"{address}{thread.pk}/", {"text": ""}, content_type="application/json")
    assert (problem.status_code, problem["Content-Type"]) == (400, "application/problem+json")
    assert client.get(f"{address}{thread.pk + 1}/").status_code == 404


def test_page_says_what_was_decided_and_what_comes_next(promotion: Promotion, reviewer: User, second_reviewer: User):
    actions.decide(promotion, verdict="approve", password=PASSWORD, etag=promotion.etag, actor=reviewer)
    words = " ".join(page(promotion, reviewer).split())
    assert "You approved" in words
    assert "Nothing more is needed from you now" in words
    assert f"{second_reviewer}" in words.partition("What happens next")[2].partition("</section>")[0]


def test_demotion_has_no_rounds_and_is_discussed_all_the_same(live: ModelVersion, owner: User, reviewer: User):
    demotion = actions.demote(live, to_stage="archived", reason="It drifts.", password=PASSWORD, actor=owner)
    assert "Nobody has asked anything yet" in page(demotion, reviewer)
    assert send(reviewer, "discussion", demotion.pk, text="Since when?").status_code == 302
    assert "Since when?" in page(demotion, reviewer)
    row = api(reviewer).get(f"/api/v1/promotions/{demotion.pk}/discussion/").json()["results"][0]
    assert (row["round"], row["text"]) == (None, "Since when?")


def test_notice_and_letter_lead_to_the_comment_even_once_its_thread_is_folded(
    promotion: Promotion, thread: Thread, reviewer: User, auditor: User
):
    answer = actions.reply(thread, text="Twelve rows, @auditor.", actor=reviewer)
    outbox.drain()
    actions.resolve(thread, actor=reviewer)
    place = f"#comment-{answer.pk}"
    inbox = browser(auditor).get(reverse("inbox:messages")).content.decode()
    assert f'href="/objects/promotion/{promotion.pk}/{place}"' in inbox
    letter = letters.letter(Email.objects.get(user=auditor, event__type=str(events.THREAD_ANSWERED)))
    assert f"/objects/promotion/{promotion.pk}/{place}" in letter.body
    # The redirect names no place of its own, so the browser keeps the link's (RFC 9110, section 10.2.2).
    assert browser(auditor).get(f"/objects/promotion/{promotion.pk}/")["Location"] == f"/promotions/{promotion.pk}/"
    assert f'id="{place[1:]}"' in page(promotion, auditor)


def test_notice_of_anything_else_leads_to_the_whole_page(promotion: Promotion, owner: User):
    submitted = Event.objects.get(type=str(events.PROMOTION_SUBMITTED))
    assert submitted.page == f"/objects/promotion/{promotion.pk}/"
