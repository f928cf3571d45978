"""The supervisor behind `make run`: sets up, starts web, worker and scheduler, and keeps them running.

`kill -9` of any of them is survived: dead children are started again, and children die with a killed supervisor.
"""

from __future__ import annotations

import errno
import importlib
import multiprocessing
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from multiprocessing.context import DefaultContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import cast

from registry_portal import databases, environment, lifeline, serve
from registry_portal.embedded import postgres

# A copy of the loaded supervisor starts in no time; elsewhere than on Linux copies of a process are not safe.
HOW = "fork" if sys.platform == "linux" else "spawn"
READY_SECONDS = 120
STOP_SECONDS = 6
FIRST_DELAY, LONGEST_DELAY, STEADY_SECONDS = 0.5, 30.0, 60.0
POLL_SECONDS = 0.2
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass
class Child:
    """One supervised process, when it may be started again, and the folder where its process id is noted."""

    folder: Path
    role: str
    process: BaseProcess | None = None
    started: float = 0.0
    delay: float = FIRST_DELAY
    due: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        """Start the process; it shares neither database connections nor signals with the supervisor."""
        from django.db import connections

        connections.close_all()
        lifeline.announce_parent()
        context = cast(DefaultContext, multiprocessing.get_context(HOW))
        self.process = context.Process(target=become, args=(self.role,), name=self.role)
        self.process.start()
        (environment.folder(self.folder) / f"{self.role}.pid").write_text(f"{self.process.pid}\n")
        self.started = time.monotonic()

    def watch(self) -> None:
        """Start the process where it is due, and note its death where it has died."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
        elif not self.process.is_alive():
            steady = time.monotonic() - self.started > STEADY_SECONDS
            self.delay = FIRST_DELAY if steady else min(self.delay * 2, LONGEST_DELAY)
            say(f"{self.role} ended with status {self.process.exitcode}; starting it again in {self.delay:.0f} s.")
            self.kill()
            self.process, self.due = None, time.monotonic() + self.delay

    @property
    def alive(self) -> bool:
        """Return whether the process runs."""
        return self.process is not None and self.process.is_alive()

    def terminate(self) -> None:
        """Ask the process to finish what it does and end."""
        if self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        """Kill whatever is left of the process and those it started."""
        if self.process is None or self.process.pid is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.join()


def become(role: str) -> None:
    """Turn this copy of the supervisor into a child, in a session that the terminal's Ctrl-C does not reach."""
    os.setsid()
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    # `prepare` has just checked the same code.
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
    serve.run(role)


class Stopped(Exception):
    """A signal asked the supervisor to stop."""


class Supervisor:
    """The children and the embedded database, from the first start to the last stop."""

    def __init__(self, home: Path, port: int) -> None:
        self.port = port
        self.cluster = postgres.Cluster(home) if databases.is_embedded() else None
        self.children = [Child(home / "run" / str(port), role) for role in serve.ROLES]
        self.stopping = False

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Note that a signal asked to stop; the first one is enough."""
        self.stopping = True

    def run(self) -> None:
        """Start everything, say when all of it answers, and watch over it until a signal comes."""
        try:
            self._wait_until_ready()
            print(f"Registry Portal is ready at http://127.0.0.1:{self.port}", flush=True)
            while True:
                self._watch()
        except Stopped:
            say("stopping.")
        finally:
            self._end()

    def _watch(self) -> None:
        """Look after everything once and rest a little; raises Stopped when asked to."""
        if self.stopping:
            raise Stopped
        if self.cluster is not None and self.cluster.restart_if_dead():
            say("the embedded PostgreSQL had died and was started again.")
        for child in self.children:
            child.watch()
        time.sleep(POLL_SECONDS)

    def _wait_until_ready(self) -> None:
        """Watch until web, worker and scheduler have all answered; a broker that is late is asked again."""
        from django.db import connection

        begun, token, deadline = time.time(), secrets.token_hex(8), time.monotonic() + READY_SECONDS
        asked, waiting = False, list(serve.ROLES)
        while waiting:
            self._watch()
            asked = asked or ask_worker(token)
            waiting = [role for role in waiting if not answers(role, self.port, token, begun)]
            if waiting and time.monotonic() > deadline:
                raise environment.Refused(f"{' and '.join(waiting)} did not answer within {READY_SECONDS} s.")
        connection.close()

    def _end(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            child.terminate()
        while time.monotonic() < deadline and any(child.alive for child in self.children):
            time.sleep(0.05)
        for child in self.children:
            child.kill()


def ask_worker(token: str) -> bool:
    """Send the health task; return whether the broker took it."""
    from kombu.exceptions import OperationalError

    from registry_portal import celery

    try:
        celery.answer_health.delay(token)
    except (OperationalError, OSError):
        return False
    return True


def answers(role: str, port: int, token: str, begun: float) -> bool:
    """Return whether a child answers: web by its probe, worker by the task's trace, scheduler by its rounds."""
    from django.core.cache import cache

    from registry_portal import celery

    if role == "web":
        return probe(f"http://127.0.0.1:{port}/health/ready")
    if role == "worker":
        return bool(cache.get(f"{celery.WORKER_SEEN}:{token}"))
    return float(cache.get(celery.SCHEDULER_SEEN) or 0) >= begun


def probe(url: str) -> bool:
    """Return whether a GET on loopback answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - a fixed http address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def require_free_port(host: str, port: int) -> None:
    """End the process with one line where something else listens on the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe_socket:
        probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe_socket.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise environment.Refused(f"port {port} is in use; set PORT to another one.") from None
            raise environment.Refused(f"{host}:{port} cannot be listened on ({error.strerror}).") from None


def require_writable(home: Path) -> None:
    """End the process with one line where the portal's home cannot be written."""
    mark = environment.folder(home) / f".written-by-{os.getpid()}"
    try:
        mark.touch()
        mark.unlink()
    except OSError as error:
        reason = f"PORTAL_HOME {home} cannot be written ({error.strerror})."
        raise environment.Refused(reason) from None


def say(text: str) -> None:
    """Tell the operator something on standard error."""
    print(f"Registry Portal: {text}", file=sys.stderr, flush=True)


@contextmanager
def database(home: Path) -> Iterator[None]:
    """Keep the embedded database running for the block, or make sure that the given one answers."""
    if not databases.is_embedded():
        databases.require_answer(databases.owner_url(home))
    with postgres.Cluster(home).running() if databases.is_embedded() else nullcontext():
        yield


def prepare() -> None:
    """Migrate, collect static files, and fill an empty portal with the demonstration organisation."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from registry_portal import assets, production

    call_command("prepare", verbosity=0)
    assets.collect()
    wanted = environment.flag("DEMO", default=not settings.PRODUCTION)
    if wanted and not get_user_model()._default_manager.exists():
        fill_with_demonstration()
    production.refuse_demonstration_users()


def fill_with_demonstration() -> None:
    """Run `manage.py demo --if-empty`, as a person would."""
    say("filling the empty portal with the demonstration organisation.")
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "manage.py", "demo", "--if-empty"]
    # Its failed deliveries are part of the story, and no news to whoever starts the portal.
    variables = {**os.environ, "LOG_LEVEL": "ERROR"}
    if subprocess.run(command, cwd=root, env=variables, check=False).returncode != 0:  # noqa: S603 - our own program
        raise environment.Refused("the demonstration organisation could not be made; DEMO=0 starts without it.")


def announce_demonstration(home: Path) -> None:
    """Print how to sign in where the portal holds demonstration users."""
    from django.contrib.auth import get_user_model

    if get_user_model()._default_manager.filter(is_demo=True, is_active=True).exists():
        say(f"demonstration users (python manage.py demo --list) share the password {demo_password(home)}")


def demo_password(home: Path) -> str:
    """Return the password of the demonstration users: the given one, or the one made up for this home."""
    return environment.text("DEMO_PASSWORD") or environment.stored_secret(home, "demo_password", length=12)


def main() -> None:
    """Run the portal until SIGTERM or Ctrl-C."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_portal.settings")
    from registry_portal import settings

    host = environment.text("HOST", "127.0.0.1")
    require_free_port(host, settings.PORT)
    require_writable(settings.PORTAL_HOME)
    os.environ.setdefault("DEMO_PASSWORD", demo_password(settings.PORTAL_HOME))
    supervisor = Supervisor(settings.PORTAL_HOME, settings.PORT)
    for number in STOP_SIGNALS:
        signal.signal(number, supervisor.stop)
    with database(settings.PORTAL_HOME):
        import django

        django.setup()
        importlib.import_module("registry_portal.urls")
        prepare()
        announce_demonstration(settings.PORTAL_HOME)
        supervisor.run()


if __name__ == "__main__":
    main()
