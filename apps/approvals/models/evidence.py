"""Later facts about sealed versions."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.models.models import ModelVersion

USER = settings.AUTH_USER_MODEL


class AttachedEvidence(models.Model):
    """A later fact about a sealed version: an evaluation report, a note, a monitoring report; append-only."""

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="attached_evidence")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    valid_until = models.DateTimeField(null=True)
    author = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    audit_type = "evidence"

    class Meta:
        ordering = ("version", "pk")
        verbose_name_plural = "attached evidence"

    def __str__(self) -> str:
        return f"{self.title} on {self.version}"

    @property
    def audit_label(self) -> str:
        """The version it speaks of."""
        return str(self.version)

    @property
    def audit_scopes(self) -> list[str]:
        """Readers of the model."""
        return self.version.audit_scopes
