"""The Celery application: jobs are rows in the database, Celery only carries their ids."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime
from typing import Any

import psutil
import structlog
from celery import Celery
from celery.beat import Scheduler
from celery.signals import setup_logging, worker_init, worker_process_init, worker_ready, worker_shutting_down
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connections

from registry_portal import environment, lifeline

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_portal.settings")

app = Celery("registry_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
if settings.CELERY_BROKER_URL.startswith("filesystem:"):
    for name in ("queue", "control"):
        environment.folder(settings.BROKER_FOLDER / name)

SCHEDULER_SEEN = "portal:scheduler-seen"
WORKER_SEEN = "portal:worker-seen"
REMEMBERED_SECONDS = 24 * 60 * 60
POOL_POLL_SECONDS = 0.5
log = structlog.get_logger(__name__)
shutting_down = threading.Event()
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@setup_logging.connect
def keep_logging(**_: Any) -> None:
    """Leave logging as Django's settings made it."""


@worker_process_init.connect
def die_with_worker(**_: Any) -> None:
    """Let the processes of a killed worker die with it."""
    lifeline.die_with_parent()


@worker_ready.connect
def watch_pool(**_: Any) -> None:
    """Look after the processes that run tasks from now on."""
    threading.Thread(target=end_with_killed_process, args=(psutil.Process().children(),), daemon=True).start()


@worker_shutting_down.connect
def stop_watching(**_: Any) -> None:
    """Let the pool's processes end: the worker does."""
    shutting_down.set()


def end_with_killed_process(pool: list[psutil.Process]) -> None:
    """End the worker when a process of its pool was killed, so that the supervisor starts it anew.

    The killed one may have held the lock of the queue that the pool shares: no other would ever get a task again.
    """
    while not shutting_down.wait(POOL_POLL_SECONDS):
        if not all(lifeline.lives(process) for process in pool):
            log.error("pool_process_killed")
            os._exit(1)


@worker_init.connect
def refuse_demonstration_users(**_: Any) -> None:
    """Let production's worker refuse what its web processes refuse."""
    from registry_portal import production

    production.refuse_demonstration_users()
    # The processes that are forked now must not share a connection.
    connections.close_all()


@app.task(name="registry_portal.answer_health")
def answer_health(token: str) -> None:
    """Note that the task of this token went through a worker, where every process can read it."""
    cache.set(f"{WORKER_SEEN}:{token}", True, timeout=300)
    cache.set(WORKER_SEEN, time.time(), timeout=REMEMBERED_SECONDS)


class AnsweringScheduler(Scheduler):
    """A scheduler without a state file: everything is due at its start, and it notes each of its rounds."""

    def setup_schedule(self) -> None:
        """Make up for what was missed while no scheduler ran: tasks look for what is due themselves."""
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.last_run_at = LONG_AGO

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Send what is due; returns the seconds until the next round."""
        wait: float = super().tick(*arguments, **options)
        try:
            cache.set(SCHEDULER_SEEN, time.time(), timeout=REMEMBERED_SECONDS)
        except DatabaseError:
            self.logger.warning("The scheduler's round could not be noted: the database does not answer.")
        return wait
