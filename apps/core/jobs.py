"""Waking the workers: a nudge carries ids only, for every job is a row that a sweeper finds anyway."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)
SILENCE_SECONDS = 5.0
_silent_until = 0.0
_quiet: ContextVar[bool] = ContextVar("portal_jobs_quiet", default=False)


def nudge(task: str, *ids: int | str) -> None:
    """Publish a task after the present transaction commits, or now outside one; a broker that is down is no error."""
    transaction.on_commit(lambda: _publish(task, ids), robust=True)


def _publish(task: str, ids: tuple[int | str, ...]) -> None:
    global _silent_until
    if _quiet.get() or time.monotonic() < _silent_until:
        return
    try:
        current_app.send_task(task, args=ids, ignore_result=True, retry=False)
    except Exception as error:  # noqa: BLE001 - each transport has errors of its own; the sweeper makes up for all
        _silent_until = time.monotonic() + SILENCE_SECONDS
        log.warning("broker_unreachable", task=task, error=repr(error))


@contextmanager
def quiet() -> Iterator[None]:
    """Wake nobody in the block: for loading much at once, of which the sweepers find what is still due."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)
