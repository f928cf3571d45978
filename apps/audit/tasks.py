"""Celery doors of the log."""

from celery import shared_task

from apps.audit import outbox
from apps.core import jobs


@shared_task(name="apps.audit.tasks.dispatch_outbox")
def dispatch_outbox() -> int:
    """Hand on every due event; nudged at commit and swept by beat."""
    tried = outbox.drain()
    if tried >= outbox.BATCH:
        jobs.nudge("apps.audit.tasks.dispatch_outbox")
    return tried
