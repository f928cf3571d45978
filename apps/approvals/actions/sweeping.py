"""What time does to promotions; run by beat, safe to run twice at once."""

from __future__ import annotations

from apps.approvals.actions.projection import refresh
from apps.approvals.models import Promotion
from apps.approvals.states import State
from apps.core import clock, jobs


def sweep_due() -> None:
    """Expire what is overdue, and send on approved promotions and verifications that are due."""
    moment = clock.now()
    for promotion in Promotion.objects.overdue(moment).order_by("pk"):
        refresh(promotion)
    ready = Promotion.objects.filter(state=State.APPROVED, standing__automatic=True)
    for pk in ready.order_by("pk").values_list("pk", flat=True):
        jobs.nudge("apps.approvals.tasks.execute_promotion", pk)
    for pk in Promotion.objects.verification_due(moment).order_by("pk").values_list("pk", flat=True):
        jobs.nudge("apps.approvals.tasks.verify_artifacts", pk)


def refresh_pending() -> int:
    """Bring every pending promotion up to date with people, policies and clock (R7, R10); return how many."""
    pending = list(Promotion.objects.pending().order_by("registered_model", "pk"))
    for promotion in pending:
        refresh(promotion)
    return len(pending)
