"""Threads about a promotion: who may speak, who hears of it, and that nothing of it is ever rewritten."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from apps.accounts.models import User
from apps.approvals import actions, events, policies
from apps.approvals.models import Comment, Promotion, Thread
from apps.audit import outbox
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import Visibility
from apps.notifications.models import Email, Notice
from tests.approvals.acts import approve, fresh, standing
from tests.assertions import assert_audited, assert_unchanged
from tests.personas import PERSONAS

SEES = {"owner", "contributor", "reviewer", "second_reviewer", "third", "compliance", "auditor", "pipeline"}
SETTLES = SEES - {"auditor"}


@pytest.fixture
def thread(promotion: Promotion, reviewer: User) -> Thread:
    """A thread that a reviewer opened."""
    return actions.open_thread(promotion, text="Why does recall fall?", actor=reviewer).thread


def now(thread: Thread) -> Thread:
    """Return the thread as it stands."""
    return Thread.objects.with_state().get(pk=thread.pk)


def test_reviewer_opens_a_thread_on_the_present_round(promotion: Promotion, reviewer: User, contributor: User):
    with assert_audited(events.THREAD_OPENED, promotion, actor=reviewer) as recorded:
        comment = actions.open_thread(promotion, text=" Why does recall fall? ", actor=reviewer)
    assert (comment.text, comment.sequence, comment.thread.round.number) == ("Why does recall fall?", 1, 1)
    assert not now(comment.thread).is_resolved
    assert recorded.personal == {"text": "Why does recall fall?"}
    assert "recall" not in recorded.event.body
    assert recorded.audience == sorted([contributor.pk, reviewer.pk])


def test_answer_is_heard_by_everybody_in_the_thread(thread: Thread, reviewer: User, contributor: User, auditor: User):
    actions.reply(thread, text="Only in the smallest class.", actor=auditor)
    with assert_audited(events.THREAD_ANSWERED, thread.promotion, actor=contributor) as recorded:
        comment = actions.reply(thread, text="The class has 12 rows.", actor=contributor)
    assert comment.sequence == 3
    assert recorded.audience == sorted([contributor.pk, reviewer.pk, auditor.pk])


def test_thread_is_resolved_and_reopened_each_as_a_row(thread: Thread, contributor: User, reviewer: User):
    with assert_audited(events.THREAD_RESOLVED, thread.promotion, actor=contributor):
        actions.resolve(thread, actor=contributor)
    assert now(thread).is_resolved
    assert not Thread.objects.open().exists()
    with assert_unchanged(Thread, Comment), pytest.raises(Conflict, match="reopen it"):
        actions.reply(thread, text="One more thing.", actor=reviewer)
    with assert_unchanged(Thread, Comment), pytest.raises(Conflict, match="resolved already"):
        actions.resolve(thread, actor=reviewer)
    with assert_audited(events.THREAD_REOPENED, thread.promotion, actor=reviewer):
        actions.reopen(thread, actor=reviewer)
    assert not now(thread).is_resolved
    with assert_unchanged(Thread, Comment), pytest.raises(Conflict, match="is open"):
        actions.reopen(thread, actor=reviewer)
    assert list(thread.comments.values_list("kind", flat=True)) == ["said", "resolved", "reopened"]


@pytest.mark.parametrize(("text", "code"), [(" \n", "required"), ("x" * 4001, "too_long")])
def test_text_is_needed_and_bounded(thread: Thread, promotion: Promotion, reviewer: User, text: str, code: str):
    for say in (
        lambda: actions.open_thread(promotion, text=text, actor=reviewer),
        lambda: actions.reply(thread, text=text, actor=reviewer),
    ):
        with assert_unchanged(Thread, Comment), pytest.raises(Invalid) as refused:
            say()
        assert (refused.value.code, refused.value.errors[0].field) == (code, "text")


@pytest.mark.parametrize("persona", PERSONAS)
def test_whoever_sees_the_model_speaks_and_whoever_works_on_it_settles(
    thread: Thread, persona: str, request: pytest.FixtureRequest
):
    user = request.getfixturevalue(persona)
    assert bool(policies.can_comment(user, thread.promotion)) == (persona in SEES)
    if persona not in SEES:
        with assert_unchanged(Thread, Comment), pytest.raises(Forbidden):
            actions.reply(thread, text="Hello", actor=user)
    if persona not in SETTLES:
        with assert_unchanged(Thread, Comment), pytest.raises(Forbidden):
            actions.resolve(thread, actor=user)
    else:
        actions.resolve(thread, actor=user)
        assert now(thread).is_resolved


def test_auditor_settles_what_they_asked_themselves(promotion: Promotion, auditor: User):
    thread = actions.open_thread(promotion, text="Which holdout?", actor=auditor).thread
    actions.resolve(thread, actor=auditor)
    assert now(thread).is_resolved


def test_deactivated_person_says_nothing(thread: Thread, reviewer: User):
    reviewer.is_active = False
    reviewer.save(update_fields=["is_active"])
    with assert_unchanged(Thread, Comment), pytest.raises(Forbidden):
        actions.reply(thread, text="Hello", actor=User.objects.get(pk=reviewer.pk))


def test_mention_reaches_the_inbox_and_the_mail_of_who_may_see_the_model(
    promotion: Promotion, reviewer: User, third: User, stranger: User, pipeline: User
):
    text = "@Third and @stranger, @pipeline, @nobody: see `@owner`."
    comment = actions.open_thread(promotion, text=text, actor=reviewer)
    assert comment.mentioned == [{"id": third.pk, "username": "third", "name": str(third)}]
    outbox.drain()
    told = Notice.objects.filter(event__type=str(events.THREAD_OPENED))
    assert {notice.user for notice in told} == {third, promotion.requested_by}
    assert Email.objects.filter(event__type=str(events.THREAD_OPENED), user=third).exists()
    assert stranger not in {notice.user for notice in told}


def test_mention_reaches_everybody_where_everybody_sees_the_model(promotion: Promotion, reviewer: User, stranger: User):
    RegisteredModel.objects.update(visibility=Visibility.ORGANISATION)
    comment = actions.open_thread(fresh(promotion), text="@stranger?", actor=reviewer)
    assert [person["username"] for person in comment.mentioned] == [stranger.username]
    actions.reply(comment.thread, text="Yes.", actor=stranger)


def test_whoever_lost_sight_of_the_model_is_not_told_any_more(thread: Thread, reviewer: User, contributor: User):
    reviewer.is_active = False
    reviewer.save(update_fields=["is_active"])
    with assert_audited(events.THREAD_ANSWERED) as recorded:
        actions.reply(thread, text="The class has 12 rows.", actor=contributor)
    assert recorded.audience == [contributor.pk]


def test_program_speaks_and_its_owner_hears_the_answer(promotion: Promotion, pipeline: User, contributor: User):
    comment = actions.open_thread(promotion, text="Nightly comparison is ready.", actor=pipeline)
    with assert_audited(events.THREAD_ANSWERED) as recorded:
        actions.reply(comment.thread, text="Thanks.", actor=contributor)
    assert recorded.audience == [contributor.pk]


def test_discussion_changes_neither_evidence_nor_state(promotion: Promotion, reviewer: User):
    before = (standing(promotion), fresh(promotion).etag)
    thread = actions.open_thread(promotion, text="Why?", actor=reviewer).thread
    actions.resolve(thread, actor=reviewer)
    assert (standing(promotion), fresh(promotion).etag) == before


def test_closed_promotion_is_still_discussed(promotion: Promotion, reviewer: User, second_reviewer: User):
    approve(promotion, reviewer, second_reviewer)
    actions.execute(promotion)
    thread = actions.open_thread(fresh(promotion), text="Who checked recall?", actor=reviewer).thread
    actions.resolve(thread, actor=reviewer)
    assert now(thread).is_resolved


@pytest.mark.parametrize("table", ["approvals_thread", "approvals_comment"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET created_at = now()", "DELETE FROM {}"])
def test_database_refuses_to_rewrite_what_was_said(thread: Thread, table: str, statement: str):
    refused = pytest.raises(DatabaseError, match="append-only")
    with assert_unchanged(Thread, Comment), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_open_threads_are_counted_for_lists(
    promotion: Promotion, thread: Thread, reviewer: User, version: ModelVersion
):
    other = actions.open_thread(promotion, text="And precision?", actor=reviewer).thread
    assert Promotion.objects.with_open_threads().get().open_threads == 2
    actions.resolve(other, actor=reviewer)
    assert Promotion.objects.with_open_threads().get().open_threads == 1
