"""Policies and their immutable versions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import Team
from apps.approvals.querysets import PolicyQuerySet, PolicyVersionQuerySet
from apps.models.models import RegisteredModel
from apps.models.states import RiskTier, Stage

USER = settings.AUTH_USER_MODEL


class Policy(models.Model):
    """What promotions to a stage need, at one layer: the organisation, a team or a model; tier empty means all."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="policies")
    registered_model = models.ForeignKey(
        RegisteredModel,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="policies",
    )
    risk_tier = models.CharField(max_length=10, choices=RiskTier.choices, blank=True)
    stage = models.CharField(max_length=20, choices=Stage.choices)

    objects = PolicyQuerySet.as_manager()

    audit_type = "policy"

    class Meta:
        ordering = ("stage", "risk_tier", "pk")
        verbose_name_plural = "policies"
        constraints = (
            models.UniqueConstraint(
                fields=["team", "registered_model", "risk_tier", "stage"],
                nulls_distinct=False,
                name="approvals_policy_once",
            ),
            models.CheckConstraint(
                condition=Q(team__isnull=True) | Q(registered_model__isnull=True),
                name="approvals_policy_one_layer",
            ),
        )

    def __str__(self) -> str:
        return f"{self.layer}: {self.get_risk_tier_display() or 'all tiers'} to {self.stage}"

    @property
    def layer(self) -> str:
        """Where the policy holds, as a reader names it."""
        if self.registered_model is not None:
            return f"model {self.registered_model.name}"
        return f"team {self.team.slug}" if self.team is not None else "organisation"

    @property
    def audit_label(self) -> str:
        """Layer, tier and stage."""
        return str(self)

    @property
    def audit_scopes(self) -> list[str]:
        """Readers of the layer; the organisation's policies are no secret."""
        subject = self.registered_model or self.team
        return subject.audit_scopes if subject is not None else ["organisation"]


class PolicyVersion(models.Model):
    """One immutable wording of a policy; the highest number holds for new promotions."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document: Any = models.JSONField()
    digest = models.CharField(max_length=64)
    note = models.TextField(blank=True)
    created_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        ordering = ("policy", "-number")
        constraints = (models.UniqueConstraint(fields=["policy", "number"], name="approvals_policy_version_once"),)

    def __str__(self) -> str:
        return f"{self.policy} v{self.number}"
