"""What the views of every app share: the asker as a user, a body that is parsed strictly, and answers."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from apps.accounts.api.idempotency import IdempotentMixin
from apps.accounts.api.serializers import StrictSerializer
from apps.accounts.models import User


class PortalView(IdempotentMixin):
    """Knows the asker and parses strictly."""

    @property
    def user(self) -> User:
        """Who asks; authentication has seen to it that there is somebody."""
        return cast(User, self.request.user)

    def given(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        """Return the validated body; raises ValidationError naming every wrong field."""
        parsed = serializer(data=self.request.data)
        parsed.is_valid(raise_exception=True)
        return cast(dict[str, Any], parsed.validated_data)


class ObjectView(PortalView, GenericAPIView[Any]):
    """Answers with one object, or with a page of them."""

    serializer_class: type[BaseSerializer[Any]]

    def answer(self, instance: object, status: int = 200) -> Response:
        """Return one object."""
        return Response(self.get_serializer(instance).data, status=status)

    def listing(self, queryset: QuerySet[Any]) -> Response:
        """Return one page of objects."""
        page = self.paginate_queryset(self.filter_queryset(queryset))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
