"""Attaching later facts to a sealed version; open promotions get a new round in the same transaction (R6)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.approvals import events, policies
from apps.approvals.actions.projection import refresh
from apps.approvals.models import AttachedEvidence, Promotion
from apps.audit import actions as audit
from apps.core import clock
from apps.core.canonical import canonical, digest
from apps.core.errors import Invalid
from apps.models.models import ModelVersion, RegisteredModel

KIND = re.compile(r"^[a-z][a-z0-9_]{0,39}\Z")
LARGEST = 256 * 1024


def attach_evidence(
    version: ModelVersion,
    *,
    kind: str,
    title: str,
    body: str = "",
    data: dict[str, Any] | None = None,
    valid_until: datetime | None = None,
    actor: User,
) -> AttachedEvidence:
    """Attach a report, note or monitoring result to a sealed version; it is never edited afterwards.

    Raises Invalid (kind, title, size), Forbidden and Conflict (not sealed yet).
    """
    _require_sound(kind, title, body, data or {})
    with transaction.atomic():
        RegisteredModel.objects.select_for_update(no_key=True).get(pk=version.registered_model_id)
        policies.can_attach_evidence(actor, version).require()
        until = valid_until.isoformat() if valid_until else None
        content = {
            "kind": kind,
            "title": title,
            "body": body,
            "data": data or {},
            "valid_until": until,
        }
        row = AttachedEvidence.objects.create(
            version=version,
            kind=kind,
            title=title,
            body=body,
            data=data or {},
            digest=digest(content),
            valid_until=valid_until,
            author=actor,
            created_at=clock.now(),
        )
        said = {"kind": kind, "title": title, "digest": row.digest}
        audit.record(events.EVIDENCE_ATTACHED, actor=actor, subject=row, data=said)
        for promotion in Promotion.objects.pending().filter(version=version).order_by("pk"):
            refresh(promotion)
    return row


def _require_sound(kind: str, title: str, body: str, data: dict[str, Any]) -> None:
    if not KIND.match(kind):
        raise Invalid("Use a word such as evaluation_report", code="invalid_kind", field="kind")
    if not title.strip() or len(title) > 200:
        raise Invalid("Give a title of at most 200 characters", code="required", field="title")
    if len(body.encode()) + len(canonical(data)) > LARGEST:
        raise Invalid(
            f"Use at most {LARGEST} bytes of text and data",
            code="too_large",
            field="body",
        )
