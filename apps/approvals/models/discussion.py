"""What people say about a promotion, in threads; append-only, and no part of the evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.approvals.models.promotions import Promotion, Round
from apps.approvals.querysets import ThreadQuerySet
from apps.approvals.states import Remark

USER = settings.AUTH_USER_MODEL


class Thread(models.Model):
    """One question or remark about a promotion and what followed; its last resolving or reopening comment rules."""

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="threads")
    # The round that stood when it was opened: what it speaks of; demotions have none.
    round = models.ForeignKey(Round, on_delete=models.PROTECT, null=True, related_name="threads")
    opened_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = ThreadQuerySet.as_manager()

    class Meta:
        ordering = ("promotion", "pk")

    def __str__(self) -> str:
        return f"thread {self.pk} on {self.promotion}"

    @property
    def is_resolved(self) -> bool:
        """Settled for now, where it was read `with_state()` or told `settled_by` its comments."""
        return getattr(self, "last_turn", None) == Remark.RESOLVED

    def settled_by(self, comments: Iterable[Comment]) -> Self:
        """Return the thread with its state from all of its comments, oldest first."""
        turns = [comment.kind for comment in comments if comment.kind != Remark.SAID]
        self.last_turn = turns[-1] if turns else None
        return self


class Comment(models.Model):
    """One remark in a thread, or the act of resolving or reopening it."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="comments")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Remark.choices, default=Remark.SAID)
    author = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    # Whom an `@name` reached: id, user name and name as they were then.
    mentioned: Any = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("thread", "sequence")
        constraints = (
            models.UniqueConstraint(fields=["thread", "sequence"], name="approvals_comment_once"),
            models.CheckConstraint(
                condition=Q(kind=Remark.SAID) & ~Q(text="") | ~Q(kind=Remark.SAID) & Q(text=""),
                name="approvals_comment_says_something",
            ),
        )

    def __str__(self) -> str:
        return f"{self.author}: {self.kind} in {self.thread}"
