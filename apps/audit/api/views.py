"""The log over HTTP: read, filter, export; nothing writes here."""

from __future__ import annotations

import json
from typing import Any, cast
from uuid import UUID

from django.http import StreamingHttpResponse
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.audit import actions, events, selectors
from apps.audit.api.serializers import EventSerializer, EventTypeSerializer
from apps.audit.filters import EventFilter
from apps.audit.models import Event
from apps.audit.querysets import EventQuerySet

READ = {"GET": "audit:read"}


class EventView(GenericAPIView[Event]):
    """Events of the log that the asker may read."""

    required_scopes = READ
    queryset = Event.objects.none()
    serializer_class = EventSerializer
    filter_backends: tuple[Any, ...] = (DjangoFilterBackend,)
    filterset_class = EventFilter

    def get_queryset(self) -> EventQuerySet:
        """Return committed events within the asker's scopes, in the order of the log."""
        return Event.objects.visible_to(self.request.user).committed()  # type: ignore[arg-type]

    def written(self, found: list[Event], **options: Any) -> Any:
        """Return events as JSON data with who acted; one look-up for all of them."""
        people = selectors.people_behind(event.actor for event in found)
        return EventSerializer(found, many=True, context={"people": people}, **options).data


class EventList(EventView):
    """The log."""

    @property
    def cursor_ordering(self) -> str:
        """Oldest first, as the log is; `order=newest` reads it backwards."""
        return "-leaf_index" if self.request.query_params.get("order") == "newest" else "leaf_index"

    @extend_schema(
        operation_id="audit_events_list",
        summary="Read the log",
        parameters=[OpenApiParameter("order", enum=["oldest", "newest"], description="Order of the log, or backwards")],
        responses=EventSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List events in the order in which they were committed."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.written(list(page or [])))


class EventDetail(EventView):
    """One line of the log, by id."""

    filter_backends: tuple[Any, ...] = ()

    @extend_schema(operation_id="audit_events_retrieve", summary="Read one event", responses=EventSerializer)
    def get(self, request: Request, event_id: UUID) -> Response:
        """Return the event of this id."""
        return Response(self.written([get_object_or_404(self.get_queryset(), pk=event_id)])[0])


class EventByIndex(EventDetail):
    """One line of the log, by its place."""

    @extend_schema(operation_id="audit_events_retrieve_by_index", summary="Read the event at an index")
    def get(self, request: Request, index: int) -> Response:  # type: ignore[override]
        """Return the event at this place in the log."""
        return Response(self.written([get_object_or_404(self.get_queryset(), leaf__leaf_index=index)])[0])


class JSONLines(BaseRenderer):
    """Named for content negotiation only; the export streams past it."""

    media_type = "application/jsonl"
    format = "jsonl"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """Write a problem, the only thing that is not streamed."""
        return json.dumps(data).encode()


class EventExport(EventView):
    """The log as JSON Lines."""

    def get_renderers(self) -> list[BaseRenderer]:
        """Return what may be asked for: problems as everywhere, lines as they are."""
        return [*super().get_renderers(), JSONLines()]

    @extend_schema(
        operation_id="audit_events_export",
        summary="Export the log as JSON Lines",
        description=(
            "Each line has `index`, `leaf_hash`, `body` (the exact text that is hashed) and `personal`. The header "
            "`Export-Lines` tells how many lines will follow. The export itself is recorded as an event."
        ),
        responses={(200, "application/jsonl"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Stream the events that match, oldest first."""
        found = selectors.extract(cast(EventQuerySet, self.filter_queryset(self.get_queryset())))
        asked = {name: str(value) for name, value in request.query_params.items()}
        actions.record_export(
            report="the log",
            form="jsonl",
            count=found.count,
            conditions=asked,
            actor=cast(actions.Reader, request.user),
        )
        headers = {"Content-Disposition": 'attachment; filename="audit-events.jsonl"', "Export-Lines": str(found.count)}
        content_type, lines = selectors.FORMATS["jsonl"]
        return StreamingHttpResponse(lines(found), content_type=content_type, headers=headers)


class EventTypeList(APIView):
    """Every kind of event that the portal records."""

    required_scopes = READ

    @extend_schema(
        operation_id="audit_event_types_list", summary="List event types", responses=EventTypeSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """List event types by name."""
        known = sorted(events.registered().values(), key=lambda kind: kind.name)
        written = EventTypeSerializer(cast(Any, known), many=True)
        return Response(written.data)
