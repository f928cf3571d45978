"""Celery doors of accounts."""

from celery import shared_task

from apps.accounts import actions


@shared_task(name="apps.accounts.tasks.forget_answers")
def forget_answers() -> int:
    """Forget answers whose Idempotency-Key nobody repeats any more; swept by beat."""
    return actions.forget_answers()


@shared_task(name="apps.accounts.tasks.forget_expired_sessions")
def forget_expired_sessions() -> int:
    """Forget sessions that nobody can use any more; swept by beat."""
    return actions.forget_expired_sessions()
