"""Webhooks and inboxes as the API reads and writes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.api.serializers import StrictSerializer
from apps.notifications import envelope
from apps.notifications.models import Attempt, Delivery, Endpoint, Notice, Preference
from apps.notifications.states import Kind


class EndpointInput(StrictSerializer):
    """A webhook to be added; without a team it is the organisation's."""

    name = serializers.CharField(max_length=100)
    url = serializers.CharField(max_length=500, help_text="Where events are posted to; https.")
    team = serializers.SlugField(required=False, allow_null=True, help_text="Slug of the team whose events are sent.")
    event_types = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        max_length=50,
        help_text="Types or their beginnings, such as `approvals.promotion`; empty: all but those of accounts.",
    )


class EndpointChange(StrictSerializer):
    """What can be changed of a webhook."""

    name = serializers.CharField(max_length=100, required=False)
    url = serializers.CharField(max_length=500, required=False)
    event_types = serializers.ListField(child=serializers.CharField(max_length=80), required=False, max_length=50)


class EndpointSerializer(serializers.ModelSerializer[Endpoint]):
    """A webhook."""

    team = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = Endpoint
        fields: tuple[str, ...] = (
            "id",
            "name",
            "url",
            "team",
            "event_types",
            "enabled",
            "disabled_reason",
            "created_at",
        )
        read_only_fields = fields


class NewEndpointSerializer(EndpointSerializer):
    """A webhook that has just been added, with its secret: shown once, null when the answer is replayed."""

    secret = serializers.CharField(allow_null=True)

    class Meta(EndpointSerializer.Meta):
        fields = (*EndpointSerializer.Meta.fields, "secret")
        read_only_fields = fields


class SecretSerializer(serializers.Serializer[Any]):
    """A new secret: shown once, null when the answer is replayed."""

    secret = serializers.CharField(allow_null=True)


class DisableInput(StrictSerializer):
    """Why."""

    reason = serializers.CharField(max_length=200)


class EmptyInput(StrictSerializer):
    """Nothing."""


class PingSerializer(serializers.Serializer[Any]):
    """How a test event went: the status and nothing else, as a webhook may not be used to look around."""

    delivered = serializers.BooleanField()
    status_code = serializers.IntegerField(source="status", allow_null=True)


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    """One try to deliver."""

    class Meta:
        model = Attempt
        fields = ("number", "at", "milliseconds", "status_code", "error")
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """An event on its way to a webhook."""

    event_type = serializers.CharField(source="event.type")
    event_index = serializers.IntegerField(source="event.leaf.leaf_index")

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = (
            *("id", "message_id", "event", "event_type", "event_index", "state", "attempts"),
            *("next_at", "created_at", "sent_at", "last_error"),
        )
        read_only_fields = fields


class DeliveryDetailSerializer(DeliverySerializer):
    """A delivery with its attempts and the body that is posted."""

    tries = AttemptSerializer(many=True)
    body = serializers.SerializerMethodField(help_text="The exact text that is signed and posted.")

    class Meta(DeliverySerializer.Meta):
        fields = (*DeliverySerializer.Meta.fields, "tries", "body")
        read_only_fields = fields

    def get_body(self, delivery: Delivery) -> str:
        """Return the message."""
        return envelope.body(delivery.event).decode()


class RangeInput(StrictSerializer):
    """Which deliveries to send again: made between two instants, without them all."""

    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    failed_only = serializers.BooleanField(default=True, help_text="False: those that were delivered as well.")
    dry_run = serializers.BooleanField(default=False, help_text="True: count them, and send nothing.")


class RangeSerializer(serializers.Serializer[Any]):
    """How many deliveries are sent again, or would be."""

    count = serializers.IntegerField()
    dry_run = serializers.BooleanField()


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """An event in an inbox."""

    type = serializers.CharField(source="event.type")
    sentence = serializers.CharField()
    actor = serializers.SerializerMethodField(help_text="Name of who acted; null for the portal itself.")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields = ("id", "event", "type", "kind", "actor", "sentence", "url", "created_at", "read_at")
        read_only_fields = fields

    def get_actor(self, notice: Notice) -> str | None:
        """Return who acted."""
        person = self.context.get("people", {}).get(notice.event.actor)
        return str(person) if person else None

    def get_url(self, notice: Notice) -> str:
        """Return where the subject is to be seen."""
        return envelope.link(notice.event)


class ReadInput(StrictSerializer):
    """Which notices have been read: some, or all."""

    ids = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), required=False)
    all = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for one of the two."""
        if bool(attrs.get("ids")) == attrs["all"]:
            raise serializers.ValidationError({"ids": "Give `ids`, or `all`: true."})
        return attrs


class ReadSerializer(serializers.Serializer[Any]):
    """How many notices were marked."""

    marked = serializers.IntegerField()


class PreferenceInput(StrictSerializer):
    """In which ways to be told; what is not given stays."""

    in_app = serializers.BooleanField(required=False)
    email = serializers.BooleanField(required=False)
    not_in_app = serializers.ListField(child=serializers.ChoiceField(choices=Kind.choices), required=False)
    not_by_email = serializers.ListField(child=serializers.ChoiceField(choices=Kind.choices), required=False)
    digest = serializers.BooleanField(required=False, help_text="One e-mail a day instead of one for each event.")
    digest_hour = serializers.IntegerField(required=False, min_value=0, max_value=23, help_text="In UTC.")


class PreferenceSerializer(serializers.ModelSerializer[Preference]):
    """In which ways a person is told, and of which kinds not."""

    not_in_app = serializers.ListField(child=serializers.ChoiceField(choices=Kind.choices))
    not_by_email = serializers.ListField(child=serializers.ChoiceField(choices=Kind.choices))

    class Meta:
        model = Preference
        fields = ("in_app", "email", "not_in_app", "not_by_email", "digest", "digest_hour")
        read_only_fields = fields
