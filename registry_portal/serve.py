"""The portal's processes, one at a time: `python -m registry_portal.serve web|worker|scheduler`."""

from __future__ import annotations

import multiprocessing
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

from registry_portal import environment, lifeline

WORKER_KILL_SECONDS = 4


def web() -> None:
    """Serve the WSGI application with granian: several processes, each with several threads."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    if sys.platform == "linux":
        # The application is loaded once and its processes are copies: quick to start, and memory is shared.
        multiprocessing.set_start_method("fork", force=True)
    Granian(
        "registry_portal.wsgi:application",
        address=environment.text("HOST", "127.0.0.1"),
        port=environment.number("PORT", 8000, minimum=1),
        interface=Interfaces.WSGI,
        workers=environment.number("WEB_WORKERS", 2, minimum=1),
        blocking_threads=environment.number("WEB_THREADS", 8, minimum=1),
        # A thread that ends takes its database connection with it.
        blocking_threads_idle_timeout=600,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=WORKER_KILL_SECONDS,
        log_level=LogLevels.error,
        websockets=False,
        working_dir=Path(__file__).resolve().parent.parent,
    ).serve()


def worker() -> None:
    """Run tasks."""
    from registry_portal.celery import app

    # In a container the portal is root of a machine of its own, and JSON messages cannot carry code.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
    concurrency = environment.number("WORKER_PROCESSES", 2, minimum=1)
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    app.worker_main(["--quiet", "worker", f"--concurrency={concurrency}", "--loglevel=WARNING", *quiet])


def scheduler() -> None:
    """Send the tasks that are due."""
    from registry_portal.celery import app

    app.start(["--quiet", "beat", "--loglevel=WARNING", "--pidfile="])


ROLES: dict[str, Callable[[], None]] = {"web": web, "worker": worker, "scheduler": scheduler}


def main(arguments: list[str]) -> None:
    """Run the process that the argument names."""
    role = arguments[1] if len(arguments) == 2 else ""
    if role not in ROLES:
        raise SystemExit(f"usage: python -m registry_portal.serve {'|'.join(ROLES)}")
    run(role)


def run(role: str) -> None:
    """Be the process of this role from here on."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_portal.settings")
    lifeline.die_with_parent()
    lifeline.announce_parent()
    ROLES[role]()


if __name__ == "__main__":
    main(sys.argv)
