"""Celery doors of approvals: load by id, call an action."""

from __future__ import annotations

import structlog
from celery import shared_task

from apps.approvals import actions
from apps.approvals.models import Promotion
from apps.core.errors import Conflict, Forbidden

log = structlog.get_logger(__name__)


@shared_task(name="apps.approvals.tasks.execute_promotion")
def execute_promotion(promotion_id: int) -> None:
    """Carry out an approved promotion whose policy wants no further hand."""
    try:
        actions.execute(Promotion.objects.get(pk=promotion_id))
    except (Conflict, Forbidden) as refusal:
        log.info(
            "promotion_not_executed",
            promotion=promotion_id,
            code=refusal.code,
            reason=refusal.detail,
        )


@shared_task(name="apps.approvals.tasks.verify_artifacts")
def verify_artifacts(promotion_id: int) -> None:
    """Hash the stored artifacts of a promotion's version again, if that is due."""
    actions.verify_due_artifacts(promotion_id)


@shared_task(name="apps.approvals.tasks.sweep_due")
def sweep_due() -> None:
    """Send on what is due; scheduled by beat every few seconds."""
    actions.sweep_due()


@shared_task(name="apps.approvals.tasks.refresh_pending")
def refresh_pending() -> int:
    """Bring every pending promotion up to date; after changes of people, and by beat every minute."""
    return actions.refresh_pending()
