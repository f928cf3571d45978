"""The discussion of a promotion over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.roles import Scope
from apps.approvals import actions
from apps.approvals.api import serializers
from apps.approvals.api.views.base import PromotionView
from apps.approvals.models import Comment, Promotion, Thread
from apps.core.errors import NotFound

# Whoever acts on promotions may speak about them.
SPEAKING = (Scope.PROMOTIONS_REQUEST, Scope.PROMOTIONS_DECIDE, Scope.CHECKS_REPORT)


class DiscussionView(PromotionView):
    """Base of the views of one thread."""

    required_scopes = {"GET": Scope.MODELS_READ, "POST": SPEAKING}

    def thread(self, promotion: Promotion, thread_id: int) -> Thread:
        """Return a thread of the promotion; raises NotFound."""
        thread = promotion.threads.with_state().select_related("opened_by", "round").filter(pk=thread_id).first()
        if thread is None:
            raise NotFound(f"There is no thread {thread_id} about promotion {promotion.pk}.")
        thread.promotion = promotion
        return thread

    def said(self, comment: Comment) -> Response:
        """Return the comment that was added."""
        return Response(serializers.CommentOutput(comment).data, status=201)


class ThreadList(GenericAPIView[Thread], DiscussionView):
    """Threads about a promotion."""

    queryset = Thread.objects.none()
    serializer_class = serializers.ThreadOutput
    cursor_ordering = "-pk"

    @extend_schema(operation_id="discussion_list", summary="List the threads about a promotion")
    def get(self, request: Request, promotion_id: int) -> Response:
        """List threads, the newest first, with what each began with and whether it is resolved."""
        rows = self.found(promotion_id).threads.with_state().with_opening().select_related("opened_by", "round")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(serializers.ThreadOutput(page, many=True).data)  # type: ignore[arg-type]

    @extend_schema(
        operation_id="discussion_open",
        summary="Open a thread about a promotion",
        request=serializers.CommentInput,
        responses={201: serializers.CommentOutput},
    )
    def post(self, request: Request, promotion_id: int) -> Response:
        """Open a thread, also about a promotion that has ended; `@username` tells whoever may see the model."""
        promotion, body = self.found(promotion_id), self.given(serializers.CommentInput)
        return self.said(actions.open_thread(promotion, **body, actor=self.user))


class ThreadDetail(GenericAPIView[Comment], DiscussionView):
    """One thread."""

    queryset = Comment.objects.none()
    serializer_class = serializers.CommentOutput
    cursor_ordering = "sequence"

    @extend_schema(operation_id="discussion_retrieve", summary="Read a thread")
    def get(self, request: Request, promotion_id: int, thread_id: int) -> Response:
        """List the comments of a thread, the oldest first; resolving and reopening are comments without text."""
        thread = self.thread(self.found(promotion_id), thread_id)
        page = self.paginate_queryset(thread.comments.select_related("author"))
        return self.get_paginated_response(serializers.CommentOutput(page, many=True).data)  # type: ignore[arg-type]

    @extend_schema(
        operation_id="discussion_reply",
        summary="Reply in a thread",
        request=serializers.CommentInput,
        responses={201: serializers.CommentOutput},
    )
    def post(self, request: Request, promotion_id: int, thread_id: int) -> Response:
        """Go on in an open thread."""
        thread = self.thread(self.found(promotion_id), thread_id)
        return self.said(actions.reply(thread, **self.given(serializers.CommentInput), actor=self.user))


class ThreadResolve(DiscussionView):
    """Resolving a thread."""

    @extend_schema(
        operation_id="discussion_resolve",
        summary="Resolve a thread",
        request=None,
        responses={201: serializers.CommentOutput},
    )
    def post(self, request: Request, promotion_id: int, thread_id: int) -> Response:
        """Settle an open thread."""
        return self.said(actions.resolve(self.thread(self.found(promotion_id), thread_id), actor=self.user))


class ThreadReopen(DiscussionView):
    """Reopening a thread."""

    @extend_schema(
        operation_id="discussion_reopen",
        summary="Reopen a thread",
        request=None,
        responses={201: serializers.CommentOutput},
    )
    def post(self, request: Request, promotion_id: int, thread_id: int) -> Response:
        """Take a resolved thread up again."""
        return self.said(actions.reopen(self.thread(self.found(promotion_id), thread_id), actor=self.user))
