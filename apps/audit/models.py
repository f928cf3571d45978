"""Tables of the log: events, their leaves, personal data apart, and the outbox."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from apps.audit.events import place_of, wording_of
from apps.audit.querysets import BodyWords, EventQuerySet, Moments, OutboxQuerySet

MAX_BODY_BYTES = 65_535


class Event(models.Model):
    """One line of the append-only log; `body` is the canonical JSON that is hashed, kept as text.

    The other columns repeat parts of the body so that lists can filter; the body alone is evidence.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    body = models.TextField()
    type = models.CharField(max_length=80, db_index=True)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=80, db_index=True)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=40)
    scopes = ArrayField(models.CharField(max_length=60), default=list)

    objects = EventQuerySet.as_manager()

    audit_type = "event"

    class Meta:
        ordering = ("at", "id")
        indexes = (
            models.Index(fields=["subject_type", "subject_id"], name="audit_event_subject"),
            models.Index(fields=["type", "-at", "-id"], name="audit_event_newest"),
            GinIndex(fields=["scopes"], name="audit_event_scopes"),
            GinIndex(BodyWords("body"), Moments("at"), name="audit_event_found"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.subject_label}"

    @property
    def audit_label(self) -> str:
        """What kind of event."""
        return self.type

    @property
    def audit_scopes(self) -> list[str]:
        """Readers of the event."""
        return list(self.scopes)

    @property
    def content(self) -> dict[str, Any]:
        """The parsed body."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    @property
    def data(self) -> dict[str, Any]:
        """What the event says beyond who, when and about what."""
        data: dict[str, Any] = self.content["data"]
        return data

    @property
    def subject_label(self) -> str:
        """The subject's name when the event was recorded."""
        return str(self.content["subject"]["label"])

    @property
    def sentence(self) -> str:
        """The act in words, without its actor; names what was given in personal data while that is kept."""
        return self._worded(self.kept_personal)

    @property
    def page(self) -> str:
        """The path that leads to the event's subject, and to the event's own place on that page."""
        place = place_of(self.type, self.data)
        return f"/objects/{self.subject_type}/{self.subject_id}/{'#' if place else ''}{place}"

    @property
    def public_sentence(self) -> str:
        """The act in words for readers outside the portal: without personal data."""
        return self._worded(None)

    @property
    def kept_personal(self) -> dict[str, Any] | None:
        """The personal part; None where there was none or it has been erased."""
        kept = getattr(self, "personal", None)
        return kept.data if kept else None

    def _worded(self, personal: dict[str, Any] | None) -> str:
        content = self.content
        absent = "(withheld)" if content["personal"] and personal is None else ""
        known = {"subject": content["subject"]["label"], **content["data"], **(personal or {})}
        return wording_of(self.type).format_map(_Words(absent, known)).rstrip(": ")


# Data that names one of several choices: written with underscores, said without.
CHOICES = frozenset({"kind", "state"})


class _Words(dict[str, str]):
    """What a wording may name, as a reader writes it."""

    def __init__(self, absent: str, known: dict[str, Any]) -> None:
        said = {key: _written(value) for key, value in known.items()}
        super().__init__(said | {key: said[key].replace("_", " ") for key in CHOICES & said.keys()})
        self.absent = absent

    def __missing__(self, key: str) -> str:
        return self.absent


def _written(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)


class Leaf(models.Model):
    """An event's place in the log, given by the database at COMMIT (RFC 6962, section 2.1)."""

    leaf_index = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="leaf")
    leaf_hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.leaf_index} {bytes(self.leaf_hash).hex()}"


class Head(models.Model):
    """The number of leaves; one row, moved only by the trigger that assigns leaves."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField(default=0)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="audit_head_one_row"),)

    def __str__(self) -> str:
        return f"{self.size} leaves"


class PersonalData(models.Model):
    """Personal part of an event, erasable: the leaf holds SHA-256(salt || canonical data) only."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="personal", primary_key=True)
    salt = models.BinaryField(max_length=32)
    data = models.JSONField()

    def __str__(self) -> str:
        return f"personal data of {self.event_id}"


class OutboxEntry(models.Model):
    """An event still to be handed to its subscribers; written in the event's transaction."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="outbox", primary_key=True)
    audience = models.JSONField(default=list)
    next_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["next_at"], name="audit_outbox_due", condition=models.Q(dispatched_at__isnull=True)),
        )
        verbose_name_plural = "outbox entries"

    def __str__(self) -> str:
        return f"outbox of {self.event_id}"
