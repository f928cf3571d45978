"""Discussing a promotion: every remark, resolving and reopening is a row and an event; the evidence stays as it is."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Lower

from apps.accounts.models import User
from apps.approvals import events, policies
from apps.approvals.actions.projection import facts, locked
from apps.approvals.models import Comment, Promotion, Thread
from apps.approvals.states import Remark
from apps.audit import actions as audit
from apps.audit.events import EventType
from apps.core import clock, markdown
from apps.core.errors import Conflict, Invalid

LONGEST_TEXT = 4000
MOST_MENTIONS = 20


@transaction.atomic
def open_thread(promotion: Promotion, *, text: str, actor: User) -> Comment:
    """Begin a thread about a promotion; raises Invalid for no text or too much, and Forbidden."""
    text = _worded(text)
    promotion = locked(promotion)
    policies.can_comment(actor, promotion).require()
    present = promotion.rounds.filter(number=promotion.round_number).first()
    thread = Thread.objects.create(promotion=promotion, round=present, opened_by=actor, created_at=clock.now())
    return _append(thread, Remark.SAID, actor, events.THREAD_OPENED, text)


@transaction.atomic
def reply(thread: Thread, *, text: str, actor: User) -> Comment:
    """Go on in an open thread; raises Invalid for no text or too much, Forbidden, and Conflict once it is resolved."""
    text = _worded(text)
    thread = _locked(thread, actor)
    policies.can_reply(thread).require()
    return _append(thread, Remark.SAID, actor, events.THREAD_ANSWERED, text)


@transaction.atomic
def resolve(thread: Thread, *, actor: User) -> Comment:
    """Settle an open thread; raises Forbidden, and Conflict where it is resolved already."""
    thread = _settled(thread, actor)
    if thread.is_resolved:
        raise Conflict("This thread is resolved already.", code="thread_resolved")
    return _append(thread, Remark.RESOLVED, actor, events.THREAD_RESOLVED)


@transaction.atomic
def reopen(thread: Thread, *, actor: User) -> Comment:
    """Take a resolved thread up again; raises Forbidden, and Conflict where it is open."""
    thread = _settled(thread, actor)
    if not thread.is_resolved:
        raise Conflict("This thread is open.", code="thread_open")
    return _append(thread, Remark.REOPENED, actor, events.THREAD_REOPENED)


def _locked(thread: Thread, actor: User) -> Thread:
    """Return the thread as it is now, its promotion locked, for somebody who may comment there."""
    promotion = locked(thread.promotion)
    policies.can_comment(actor, promotion).require()
    thread = Thread.objects.with_state().select_related("opened_by").get(pk=thread.pk)
    thread.promotion = promotion
    return thread


def _settled(thread: Thread, actor: User) -> Thread:
    thread = _locked(thread, actor)
    part = policies.takes_part(actor, thread.promotion.registered_model)
    policies.can_settle(actor, thread, part=part).require()
    return thread


def _worded(text: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid("Write what you want to say", code="required", field="text")
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"Use at most {LONGEST_TEXT} characters", code="too_long", field="text")
    return text


def _append(thread: Thread, kind: str, actor: User, event_type: EventType, text: str = "") -> Comment:
    """Store a comment and record it as one event; the caller holds the lock."""
    promotion = thread.promotion
    mentioned = _mentioned(promotion, text)
    comment = Comment.objects.create(
        thread=thread,
        sequence=thread.comments.count() + 1,
        kind=kind,
        author=actor,
        text=text,
        mentioned=[{"id": user.pk, "username": user.username, "name": str(user)} for user in mentioned],
        created_at=clock.now(),
    )
    data = facts(promotion) | {"thread": thread.pk, "comment": comment.pk}
    if kind == Remark.SAID:
        data |= {"text": text, "mentioned": [user.urn for user in mentioned]}
    audience = _audience(thread, mentioned)
    audit.record(event_type, actor=actor, subject=promotion, data=data, audience=audience)
    return comment


def _mentioned(promotion: Promotion, text: str) -> list[User]:
    """Return the people named after an `@` who may see the model; any other name is just a word."""
    names = markdown.mentions(text)[:MOST_MENTIONS]
    if not names:
        return []
    readers = policies.who_can_comment(promotion.registered_model)
    return list(readers.annotate(lower=Lower("username")).filter(lower__in=names).order_by("username"))


def _audience(thread: Thread, mentioned: list[User]) -> set[int]:
    """Return whom a comment concerns, if they may still see the model: the thread's people, who asked, who is named."""
    promotion = thread.promotion
    authors = [comment.author for comment in thread.comments.select_related("author")]
    told = {user.owner_id or user.pk for user in (promotion.requested_by, *authors, *mentioned)}
    return set(policies.who_can_comment(promotion.registered_model).filter(pk__in=told).values_list("pk", flat=True))
