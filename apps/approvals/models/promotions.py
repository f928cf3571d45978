"""Promotions: rounds, decisions, signatures, check runs and evaluations."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q

from apps.approvals.models.policies import PolicyVersion
from apps.approvals.querysets import PromotionQuerySet
from apps.approvals.states import PENDING, CheckStatus, Kind, State, Verdict
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import Stage

USER = settings.AUTH_USER_MODEL


class Signature(models.Model):
    """A person's signature after fresh re-authentication: printed name, time, meaning, and the digest signed."""

    signer = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="signatures")
    printed_name = models.CharField(max_length=150)
    meaning = models.CharField(max_length=300)
    method = models.CharField(max_length=30)
    subject_digest = models.CharField(max_length=64)
    authenticated_at = models.DateTimeField()
    signed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.printed_name}: {self.meaning}"


class Promotion(models.Model):
    """A request to move a version to a stage, with its rounds, decisions and checks.

    `state` is a projection of decisions, checks and clock, recomputed whenever it matters.
    """

    registered_model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="promotions")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="promotions")
    source_stage = models.CharField(max_length=20, choices=Stage.choices)
    target_stage = models.CharField(max_length=20, choices=Stage.choices)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.PROMOTION)
    requested_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="promotions_requested")
    reason = models.TextField(blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    state_reason = models.TextField(blank=True)
    # How every rule and check stood at the last projection; lists read it, decisions never do.
    standing = models.JSONField(default=dict)
    round_number = models.PositiveIntegerField(default=1)
    pinned = models.ManyToManyField(PolicyVersion, related_name="promotions")
    replaces = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="+")
    signature = models.ForeignKey(Signature, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    execute_by = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # The job of hashing the stored bytes: when it is due (again); empty when done.
    verify_at = models.DateTimeField(null=True)

    objects = PromotionQuerySet.as_manager()

    audit_type = "promotion"

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["version", "target_stage"],
                condition=Q(state__in=PENDING),
                name="approvals_promotion_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PENDING, closed_at__isnull=True)
                | ~Q(state__in=PENDING) & Q(closed_at__isnull=False),
                name="approvals_promotion_closed_is_terminal",
            ),
        )
        indexes = (
            models.Index(fields=["registered_model", "-id"], name="approvals_promotion_model"),
            # The order of the list: pending ones first, those due first, then those that ended last.
            models.Index(fields=["-closed_at", "expires_at", "-id"], name="approvals_promotion_ended"),
            models.Index(
                fields=["expires_at"],
                name="approvals_promotion_due",
                condition=Q(state__in=PENDING),
            ),
            GinIndex(
                OpClass("standing", name="jsonb_path_ops"),
                name="approvals_promotion_standing",
                condition=Q(state__in=PENDING),
            ),
        )

    def __str__(self) -> str:
        return f"{self.version} to {self.target_stage}"

    @property
    def is_pending(self) -> bool:
        """Neither executed nor ended otherwise."""
        return self.state in PENDING

    @property
    def etag(self) -> str:
        """What `If-Match` must carry: it names the round, so two reviewers of one round never collide."""
        return f'"promotion-{self.pk}-round-{self.round_number}"'

    @property
    def audit_label(self) -> str:
        """Version and target."""
        return str(self)

    @property
    def audit_scopes(self) -> list[str]:
        """Readers of the model."""
        return self.registered_model.audit_scopes


class Round(models.Model):
    """The evidence as it stood while decisions were made on it; any change of the digest opens the next round."""

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveIntegerField()
    evidence = models.TextField()
    evidence_digest = models.CharField(max_length=64)
    changed = models.JSONField(default=list)
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ("promotion", "number")
        constraints = (models.UniqueConstraint(fields=["promotion", "number"], name="approvals_round_once"),)

    def __str__(self) -> str:
        return f"round {self.number} of {self.promotion}"


class Decision(models.Model):
    """One row of what one person said on one round; append-only."""

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="decisions")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="decisions")
    actor = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="decisions")
    on_behalf_of = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    sequence = models.PositiveIntegerField()
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    comment = models.TextField(blank=True)
    # The groups whose places the person could fill when deciding.
    groups = models.JSONField(default=list)
    conditions = models.JSONField(default=list)
    evidence_digest = models.CharField(max_length=64)
    # The decision that a retraction or dismissal takes out of force.
    settles = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="settled_by")
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, related_name="decision")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("promotion", "pk")
        constraints = (models.UniqueConstraint(fields=["round", "actor", "sequence"], name="approvals_decision_once"),)

    def __str__(self) -> str:
        return f"{self.actor}: {self.verdict} on {self.round}"


class CheckRun(models.Model):
    """One result of one check, for one evidence digest; the newest of a name counts; append-only."""

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="check_runs")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    status = models.CharField(max_length=10, choices=CheckStatus.choices)
    summary = models.TextField(blank=True)
    url = models.URLField(max_length=500, blank=True)
    details = models.JSONField(default=dict)
    evidence_digest = models.CharField(max_length=64)
    reported_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("promotion", "pk")
        indexes = (models.Index(fields=["promotion", "name", "-id"], name="approvals_check_newest"),)

    def __str__(self) -> str:
        return f"{self.name}: {self.status}"


class Evaluation(models.Model):
    """How every rule and check stood when the state of a promotion changed; append-only."""

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="evaluations")
    state = models.CharField(max_length=20, choices=State.choices)
    standing = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("promotion", "pk")

    def __str__(self) -> str:
        return f"{self.promotion} {self.state}"
