"""The discussion of a promotion as one reader sees it: threads with what was said, and what they may do there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.utils.safestring import SafeString

from apps.accounts.models import User
from apps.approvals import eligibility, policies
from apps.approvals.models import Comment, Promotion, Thread
from apps.approvals.portal.forms import CommentForm
from apps.approvals.states import Remark
from apps.core import markdown
from apps.core.portal.forms import ActionForm
from apps.core.verdicts import Verdict


@dataclass(frozen=True)
class Line:
    """One comment with its text as HTML and what its author is to this promotion."""

    comment: Comment
    role: str
    html: SafeString


@dataclass(frozen=True)
class ThreadReading:
    """One thread, what the reader may do in it, and the form to go on."""

    thread: Thread
    lines: Sequence[Line]
    settle: Verdict
    form: ActionForm
    refusals: Sequence[Any] = ()


@dataclass(frozen=True)
class Discussion:
    """All threads, the open ones first, and the form to begin another."""

    promotion: Promotion
    threads: Sequence[ThreadReading]
    form: ActionForm
    open: Sequence[ThreadReading] = field(default=())


def read(
    promotion: Promotion, reader: User, *, form: ActionForm | None = None, thread_id: int | None = None
) -> Discussion:
    """Return the discussion for one reader; `form` is what they just sent, to a thread or to begin one."""
    related = ("author", "thread__opened_by", "thread__round")
    rows = Comment.objects.filter(thread__promotion=promotion).select_related(*related).order_by("thread", "sequence")
    found = [list(comments) for _, comments in groupby(rows, key=attrgetter("thread_id"))]
    part = bool(found) and policies.takes_part(reader, promotion.registered_model)
    roles = roles_of(promotion)
    threads = [
        _thread(comments, roles, reader, part, form if comments[0].thread_id == thread_id else None)
        for comments in found
    ]
    threads.sort(key=lambda each: each.thread.is_resolved)
    beginning = form if form and thread_id is None else CommentForm(auto_id="new_%s")
    return Discussion(promotion, threads, beginning, [each for each in threads if not each.thread.is_resolved])


def _thread(
    comments: Sequence[Comment], roles: dict[int, str], reader: User, part: bool, sent: ActionForm | None
) -> ThreadReading:
    thread = comments[0].thread.settled_by(comments)
    form = sent if isinstance(sent, CommentForm) else CommentForm(auto_id=f"thread_{thread.pk}_%s")
    lines = [_line(comment, roles) for comment in comments]
    settle = policies.can_settle(reader, thread, part=part)
    return ThreadReading(thread, lines, settle, form, list(sent.non_field_errors()) if sent else ())


def roles_of(promotion: Promotion) -> dict[int, str]:
    """Return by user id what people are to a promotion: who asked, and whose places its rules have; no query."""
    roles = {
        person["id"]: eligibility.role_word(rule["group"])
        for rule in promotion.standing.get("rules", ())
        for person in (*rule["could"], *rule["filled_by"])
    }
    return {**roles, promotion.requested_by_id: "asked for this"}


def afterwards(comment: Comment) -> str:
    """Return what a comment did and whom it reached by name."""
    said = {Remark.RESOLVED: "You resolved the thread.", Remark.REOPENED: "You reopened the thread."}
    names = " and ".join(person["name"] for person in comment.mentioned)
    told = f" {names} will be told." if names else ""
    return said.get(Remark(comment.kind), "Your comment was added.") + told


def _line(comment: Comment, roles: dict[int, str]) -> Line:
    people = {person["username"].lower(): person["name"] for person in comment.mentioned}
    role = roles.get(comment.author_id, "program" if comment.author.is_service_account else "")
    return Line(comment, role, markdown.render(comment.text, headings=False, people=people))
