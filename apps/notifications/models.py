"""Tables of notifications: inboxes, preferences, e-mails, webhook endpoints and what is delivered to them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Team
from apps.audit.models import Event
from apps.notifications.querysets import (
    FAILED,
    GATHERING,
    AttemptQuerySet,
    DeliveryQuerySet,
    DigestQuerySet,
    EmailQuerySet,
    EndpointQuerySet,
    NoticeQuerySet,
    SecretQuerySet,
)
from apps.notifications.states import OPEN, Kind, Sending, in_words


class Preference(models.Model):
    """In which ways a person is told of which kinds; everybody starts with all, and e-mails at once."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notification_preference", primary_key=True
    )
    in_app = models.BooleanField("in the portal", default=True)
    email = models.BooleanField("by e-mail", default=True)
    not_in_app = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    not_by_email = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    digest = models.BooleanField("as one e-mail a day", default=False)
    digest_hour = models.PositiveSmallIntegerField("hour of that e-mail, in UTC", default=6)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(digest_hour__lte=23), name="notifications_digest_hour_of_day"),
        )

    def __str__(self) -> str:
        return f"preference of {self.user_id}"

    def tells_in_app(self, kind: str) -> bool:
        """Tell whether events of a kind come into the inbox."""
        return self.in_app and kind not in self.not_in_app

    def tells_by_email(self, kind: str) -> bool:
        """Tell whether events of a kind are e-mailed."""
        return self.email and kind not in self.not_by_email


class Notice(models.Model):
    """An event in a person's inbox."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.OTHER)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (models.UniqueConstraint(fields=["event", "user"], name="notifications_notice_once"),)
        indexes = (
            models.Index(fields=["user", "-created_at"], name="notifications_inbox"),
            models.Index(fields=["user", "kind", "-created_at"], name="notifications_inbox_by_kind"),
            models.Index(fields=["user"], name="notifications_unread", condition=Q(read_at__isnull=True)),
        )

    def __str__(self) -> str:
        return f"notice {self.pk}"

    @property
    def sentence(self) -> str:
        """What happened, without its actor."""
        return self.event.sentence


class Job(models.Model):
    """A row that workers send: its state and its times are here, the broker carries its id."""

    state = models.CharField(max_length=10, choices=Sending.choices, default=Sending.DUE)
    attempts = models.PositiveIntegerField(default=0)
    # When to send next; while a worker is sending, when its claim on the row ends.
    next_at = models.DateTimeField()
    nudged_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def problem(self) -> str:
        """What went wrong the last time, in words."""
        return in_words(self.last_error)


class Email(Job):
    """An event told to a person by e-mail."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notification_emails")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="emails")

    objects = EmailQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (models.UniqueConstraint(fields=["event", "user"], name="notifications_email_once"),)
        indexes = (models.Index(fields=["next_at"], name="notifications_email_due", condition=Q(state__in=OPEN)),)

    def __str__(self) -> str:
        return f"e-mail {self.pk}"

    @property
    def message_id(self) -> str:
        """The same for every attempt, so that a mail sent twice is recognised as one."""
        return f"<{self.event_id}.{self.pk}@{_mail_host()}>"


class Digest(Job):
    """One e-mail of a day's events: it gathers lines until its time has come, and none once it has been tried."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notification_digests")

    objects = DigestQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (models.UniqueConstraint(fields=["user"], condition=GATHERING, name="notifications_one_digest"),)
        indexes = (models.Index(fields=["next_at"], name="notifications_digest_due", condition=Q(state__in=OPEN)),)

    def __str__(self) -> str:
        return f"digest {self.pk}"

    @property
    def message_id(self) -> str:
        """The same for every attempt, so that a mail sent twice is recognised as one."""
        return f"<digest.{self.pk}@{_mail_host()}>"


class DigestLine(models.Model):
    """An event that a digest tells of."""

    digest = models.ForeignKey(Digest, on_delete=models.PROTECT, related_name="lines")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["digest", "event"], name="notifications_digest_line_once"),)

    def __str__(self) -> str:
        return f"line {self.pk} of digest {self.digest_id}"


class Endpoint(models.Model):
    """A receiver of webhooks: of one team's events, or of the organisation's."""

    name = models.CharField(max_length=100)
    url = models.CharField(max_length=500)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="webhooks")
    event_types = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = EndpointQuerySet.as_manager()

    audit_type = "endpoint"

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(enabled=True, disabled_reason="") | Q(enabled=False) & ~Q(disabled_reason=""),
                name="notifications_disabled_has_reason",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        """The receiver's host; the rest of the URL may be a secret."""
        return urlsplit(self.url).hostname or ""

    @property
    def audit_label(self) -> str:
        """The endpoint's name."""
        return self.name

    @property
    def audit_scopes(self) -> list[str]:
        """Readers of the team; of the organisation's endpoints whoever made them and readers of everything."""
        return [f"team:{self.team_id}"] if self.team_id else [f"user:{self.created_by_id}"]

    def wants(self, event: Event) -> bool:
        """Tell whether the endpoint is sent an event.

        Accounts are told of only where asked for, and notifications never: two dead endpoints would
        report each other's failures for ever.
        """
        if event.type.startswith("notifications."):
            return False
        if self.team_id and f"team:{self.team_id}" not in event.scopes:
            return False
        if not self.event_types:
            return not event.type.startswith("accounts.")
        return any(f"{event.type}.".startswith(f"{prefix}.") for prefix in self.event_types)


class EndpointSecret(models.Model):
    """A signing secret, encrypted at rest; for a day after a rotation two of them sign."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="secrets")
    sealed = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = SecretQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["endpoint"], condition=Q(expires_at__isnull=True), name="notifications_one_lasting_secret"
            ),
        )

    def __str__(self) -> str:
        return f"secret {self.pk}"


class Delivery(Job):
    """An event on its way to one endpoint."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deliveries")
    message_id = models.CharField(max_length=40, unique=True)

    objects = DeliveryQuerySet.as_manager()

    audit_type = "delivery"

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name_plural = "deliveries"
        constraints = (models.UniqueConstraint(fields=["event", "endpoint"], name="notifications_delivery_once"),)
        indexes = (
            models.Index(fields=["next_at"], name="notifications_delivery_due", condition=Q(state__in=OPEN)),
            models.Index(F("endpoint"), F("created_at").desc(), name="notifications_of_endpoint"),
            models.Index(fields=["endpoint", "state", "-created_at"], name="notifications_by_state"),
            models.Index(
                fields=["endpoint", "-sent_at"], name="notifications_last_success", condition=Q(sent_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.message_id} to {self.endpoint_id}"

    @property
    def audit_label(self) -> str:
        """The endpoint's name."""
        return self.endpoint.name

    @property
    def audit_scopes(self) -> list[str]:
        """Readers of the endpoint."""
        return self.endpoint.audit_scopes


def message_id(event: Event, endpoint: Endpoint) -> str:
    """Return the webhook-id of an event for an endpoint: the same for every attempt, and after a repetition."""
    return f"msg_{uuid5(NAMESPACE_URL, f'urn:portal:event:{event.pk}:endpoint:{endpoint.pk}')}"


def _mail_host() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"


class Attempt(models.Model):
    """One try to deliver; append-only. What the receiver answered is kept to 200 bytes, for administrators."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="tries")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    status_code: Any = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=100, blank=True)
    excerpt = models.CharField(max_length=200, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ("at", "id")
        indexes = (models.Index(fields=["at"], name="notifications_failures", condition=FAILED),)

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.delivery_id}"

    @property
    def answer(self) -> str:
        """The status that was answered, or what prevented an answer."""
        return f"HTTP {self.status_code}" if self.status_code else in_words(self.error)

    @property
    def delivered(self) -> bool:
        """Only 2xx is success."""
        return self.status_code is not None and 200 <= self.status_code < 300
