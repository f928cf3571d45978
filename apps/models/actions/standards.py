"""Keeping the metadata standards."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from apps.accounts.models import User
from apps.audit import actions as audit
from apps.core import clock
from apps.core.canonical import digest
from apps.core.errors import FieldError
from apps.models import events, policies, standards
from apps.models.models import MetadataStandard
from apps.models.states import RiskTier, Stage
from apps.models.words import refuse

NUMBERING = 0x5354414E44415244


@transaction.atomic
def set_standard(*, risk_tier: str, stage: str, schema: Any, actor: User) -> MetadataStandard:
    """Set the JSON Schema for a tier, checked at registration (`stage` empty) or for promotions to a stage.

    Earlier ones are kept; the newest holds. Raises Invalid naming what is wrong with the schema, Forbidden.
    """
    policies.can_set_standard(actor).require()
    errors = [] if risk_tier in RiskTier.values else [_choice("risk_tier", RiskTier.values)]
    errors += [] if stage in ("", *Stage.values) else [_choice("stage", Stage.values)]
    refuse(errors + standards.schema_errors(schema))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBERING])
    newest = MetadataStandard.objects.filter(risk_tier=risk_tier, stage=stage).first()
    standard = MetadataStandard.objects.create(
        risk_tier=risk_tier,
        stage=stage,
        number=newest.number + 1 if newest else 1,
        schema=schema,
        set_by=actor,
        set_at=clock.now(),
    )
    data = {
        "risk_tier": risk_tier,
        "stage": stage,
        "number": standard.number,
        "before": digest(newest.schema) if newest else None,
        "after": digest(schema),
    }
    audit.record(events.STANDARD_SET, actor=actor, subject=standard, data=data)
    return standard


def _choice(field: str, choices: list[str]) -> FieldError:
    return FieldError(field, f"Give one of {', '.join(choices)}.", "invalid_choice")
