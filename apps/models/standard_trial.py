"""Trying a metadata standard before it is set: on given metadata, and on what is in production now; writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.core.errors import FieldError
from apps.models import standards
from apps.models.models import ModelVersion, StageAssignment

# Of more versions in production than this the most recent are tried.
MOST = 1_000
EXAMPLES = 20


@dataclass(frozen=True)
class Shortfall:
    """How many versions in production of a tier would not meet a standard, with examples and what they lack."""

    tried: int
    short: int
    examples: tuple[tuple[ModelVersion, tuple[FieldError, ...]], ...]
    more: bool


def trial(schema: Any, metadata: Mapping[str, Any]) -> list[FieldError]:
    """Return what is wrong with the schema, or every field in which the metadata fall short of it."""
    return standards.schema_errors(schema) or standards.value_errors(schema, metadata)


def shortfall(schema: Any, risk_tier: str) -> Shortfall:
    """Return which versions in production of models of a tier a sound schema would find wanting; one query."""
    rows = StageAssignment.objects.current().in_production().filter(registered_model__risk_tier=risk_tier)
    rows = rows.select_related("version__registered_model").order_by("-pk")
    versions = [row.version for row in rows[: MOST + 1]]
    found = [(version, tuple(standards.value_errors(schema, version.metadata))) for version in versions[:MOST]]
    short = [each for each in found if each[1]]
    return Shortfall(len(found), len(short), tuple(short[:EXAMPLES]), len(versions) > MOST)
