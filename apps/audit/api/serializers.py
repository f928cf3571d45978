"""The log as the API writes it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.audit.events import EventType
from apps.audit.models import Event


class EventActor(serializers.Serializer[Any]):
    """Who acted: a pseudonym, and the person or program behind it."""

    urn = serializers.CharField()
    username = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_null=True)


class EventSubject(serializers.Serializer[Any]):
    """What the event is about."""

    type = serializers.CharField()
    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class EventSerializer(serializers.ModelSerializer[Event]):
    """One line of the log; `leaf_hash` is SHA-256(0x00 || body), the body being the exact text."""

    index = serializers.IntegerField(source="leaf.leaf_index")
    leaf_hash = serializers.SerializerMethodField()
    actor = serializers.SerializerMethodField()
    subject = serializers.SerializerMethodField()
    sentence = serializers.CharField(help_text="The act in words.")
    data = serializers.DictField()  # type: ignore[assignment]
    personal = serializers.DictField(source="kept_personal", allow_null=True, help_text="Kept outside the leaf.")

    class Meta:
        model = Event
        fields = (
            *("index", "id", "type", "at", "actor", "subject", "sentence"),
            *("data", "personal", "scopes", "leaf_hash", "body"),
        )
        read_only_fields = fields

    def get_leaf_hash(self, event: Event) -> str:
        """Return the leaf hash, 64 hex digits."""
        return bytes(event.leaf.leaf_hash).hex()

    @extend_schema_field(EventActor)
    def get_actor(self, event: Event) -> dict[str, Any]:
        """Return the pseudonym and who is behind it."""
        person = self.context.get("people", {}).get(event.actor)
        return {
            "urn": event.actor,
            "username": person.username if person else None,
            "name": str(person) if person else None,
        }

    @extend_schema_field(EventSubject)
    def get_subject(self, event: Event) -> dict[str, str]:
        """Return the subject as it was named when recorded."""
        subject: dict[str, str] = event.content["subject"]
        return subject


class EventTypeSerializer(serializers.Serializer[EventType]):
    """A kind of event."""

    name = serializers.CharField()
    wording = serializers.CharField(help_text="The act in words; braces name data of the event.")
