"""The asker's own inbox over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.roles import Scope
from apps.audit import selectors as audit
from apps.notifications import actions, selectors
from apps.notifications.api import serializers
from apps.notifications.api.views import NotificationsView
from apps.notifications.filters import NoticeFilter
from apps.notifications.models import Notice


class Inbox(NotificationsView):
    """What the asker has been told."""

    required_scopes = {"GET": Scope.MODELS_READ}
    queryset = Notice.objects.none()
    serializer_class = serializers.NoticeSerializer
    filterset_class = NoticeFilter
    cursor_ordering = ("-created_at", "-id")

    @extend_schema(operation_id="inbox_list", summary="Read your inbox")
    def get(self, request: Request) -> Response:
        """List your notices, newest first."""
        notices = self.filter_queryset(Notice.objects.visible_to(self.user).told())
        page = self.paginate_queryset(notices) or []
        people = audit.people_behind(notice.event.actor for notice in page)
        written = serializers.NoticeSerializer(page, many=True, context={"people": people})
        return self.get_paginated_response(written.data)


class InboxRead(NotificationsView):
    """Notices that have been read."""

    required_scopes = {"POST": Scope.MODELS_READ}
    serializer_class = serializers.ReadSerializer

    @extend_schema(operation_id="inbox_read", summary="Mark notices as read", request=serializers.ReadInput)
    def post(self, request: Request) -> Response:
        """Mark some of your notices, or all of them, as read."""
        given = self.given(serializers.ReadInput)
        marked = actions.mark_all_read(self.user) if given["all"] else actions.mark_read(self.user, given["ids"])
        return self.answer({"marked": marked})


class InboxPreferences(NotificationsView):
    """In which ways the asker is told."""

    required_scopes = {"GET": Scope.MODELS_READ, "PATCH": Scope.ACCOUNTS_MANAGE}
    serializer_class = serializers.PreferenceSerializer

    @extend_schema(operation_id="inbox_preferences_retrieve", summary="Read how you are told")
    def get(self, request: Request) -> Response:
        """Return in which ways you are told."""
        return self.answer(selectors.preference_of(self.user))

    @extend_schema(
        operation_id="inbox_preferences_change", summary="Choose how you are told", request=serializers.PreferenceInput
    )
    def patch(self, request: Request) -> Response:
        """Choose in which ways you are told."""
        return self.answer(actions.set_preference(self.user, **self.given(serializers.PreferenceInput)))
