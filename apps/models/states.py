"""Stages, version states and risk tiers, as data."""

from __future__ import annotations

from django.db import models


class Stage(models.TextChoices):
    """Where in its life a sealed version is; exactly one at any instant."""

    EXPERIMENTAL = "experimental", "Experimental"
    STAGING = "staging", "Staging"
    PRODUCTION = "production", "Production"
    ARCHIVED = "archived", "Archived"


class VersionState(models.TextChoices):
    """How far registration has come."""

    PENDING = "pending", "Pending"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class RiskTier(models.TextChoices):
    """How much harm a wrong decision of the model can do."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


class Visibility(models.TextChoices):
    """Who may see a model without a grant."""

    TEAM = "team", "Only people with a grant"
    ORGANISATION = "organisation", "Everybody signed in"


class ScanVerdict(models.TextChoices):
    """What a scanner said of an artifact; anything but `clean` is not clean."""

    NOT_SCANNED = "not_scanned", "Not scanned"
    CLEAN = "clean", "Clean"
    SUSPICIOUS = "suspicious", "Suspicious"
    MALICIOUS = "malicious", "Malicious"
    ERROR = "error", "Scan failed"


# Where a promotion may lead from each stage. Leaving production for a lower stage is a demotion.
MOVES: dict[str, frozenset[str]] = {
    Stage.EXPERIMENTAL: frozenset({Stage.STAGING, Stage.PRODUCTION, Stage.ARCHIVED}),
    Stage.STAGING: frozenset({Stage.PRODUCTION, Stage.ARCHIVED}),
    Stage.PRODUCTION: frozenset(),
    Stage.ARCHIVED: frozenset({Stage.STAGING, Stage.PRODUCTION}),
}
DEMOTIONS: dict[str, frozenset[str]] = {
    Stage.EXPERIMENTAL: frozenset(),
    Stage.STAGING: frozenset({Stage.EXPERIMENTAL}),
    Stage.PRODUCTION: frozenset({Stage.STAGING, Stage.ARCHIVED}),
    Stage.ARCHIVED: frozenset(),
}
