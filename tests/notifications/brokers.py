"""Real workers on real brokers: processes that can be killed, and a publisher as the web processes have it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from celery import Celery
from django.conf import settings
from django.db import connection

from tests.infrastructure import databases


@dataclass
class Broker:
    """One queue on a broker, and the workers that serve it."""

    url: str
    home: Path
    queue: str = field(default_factory=lambda: f"test-{uuid4()}")
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def notices(self) -> str:
        """The queue of what is sent to people and endpoints."""
        return f"{self.queue}-notices"

    def publisher(self) -> Celery:
        """Return an application that publishes as a web process would."""
        app = Celery("publisher", set_as_current=False)
        app.config_from_object("django.conf:settings", namespace="CELERY")
        options: dict[str, Any] = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
        if self.url.startswith("filesystem:"):
            options |= {f"data_folder_{way}": str(self._folder("queue")) for way in ("in", "out")}
            options["control_folder"] = str(self._folder("control"))
        app.conf.update(
            broker_url=self.url,
            broker_transport_options=options,
            task_default_queue=self.queue,
            task_queues=None,
            task_routes={"apps.notifications.tasks.*": {"queue": self.notices}},
        )
        return app

    def start(self) -> subprocess.Popen[bytes]:
        """Start a worker as the serving role of the test's database."""
        name = connection.settings_dict["NAME"]
        environment = {
            **os.environ,
            "PORTAL_ENV": "test",
            "PORTAL_HOME": str(self.home),
            "PORTAL_DATABASE_ROLE": "app",
            "DJANGO_SETTINGS_MODULE": "registry_portal.settings",
            "DATABASE_URL": databases.url(name),
            "DATABASE_APP_URL": databases.url(name, "app"),
            "SECRET_KEY": settings.SECRET_KEY,
            "CELERY_BROKER_URL": self.url,
            "WEBHOOK_ALLOW_PRIVATE": "1",
            "DELIVERY_LEASE_SECONDS": "3",
            "CELERY_QUEUE": self.queue,
        }
        log = open(self.home / "worker.log", "ab")  # noqa: SIM115 - the worker keeps it
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.notifications.worker"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self.workers.append(worker)
        return worker

    def kill(self) -> None:
        """Kill every worker with all its processes, as a machine that loses its power would."""
        for worker in self.workers:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        self.workers.clear()

    def close(self) -> None:
        """Kill the workers and remove the queues."""
        self.kill()
        with self.publisher().connection() as opened:
            for queue in (self.queue, self.notices):
                opened.default_channel.queue_delete(queue)

    def _folder(self, name: str) -> Path:
        path = self.home / "broker" / name
        path.mkdir(parents=True, exist_ok=True)
        return path
