"""A whole running portal for end-to-end tests: its own home, port, database, worker and scheduler."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from registry_portal.embedded.postgres import Cluster
from tests.infrastructure.databases import fingerprint

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 600
STOP_SECONDS = 15


@dataclass
class RunningPortal:
    """A portal started as `make run` starts it; what it said is in `lines`."""

    base_url: str
    home: Path
    environment: dict[str, str]
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    @property
    def demo_password(self) -> str:
        """Return the password that the demonstration users share."""
        return self.environment["DEMO_PASSWORD"]

    def pid(self, role: str) -> int:
        """Return the process id of web, worker, scheduler or postgres."""
        if role == "postgres":
            found = Cluster(self.home).pid()
            assert found is not None, "the embedded PostgreSQL does not run"
            return found
        return int((self.home / "run" / self.environment["PORT"] / f"{role}.pid").read_text())

    def kill(self, role: str) -> int:
        """Kill a child without warning; return the process id it had."""
        victim = self.pid(role)
        os.kill(victim, signal.SIGKILL)
        return victim

    def manage(self, *arguments: str) -> str:
        """Run a management command against this portal and return what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Send the supervisor a signal; return the seconds until it was gone."""
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(STOP_SECONDS)
        return time.monotonic() - begun


@pytest.fixture(scope="session")
def running_portal() -> Iterator[RunningPortal]:
    """Yield a portal with the demonstration organisation (without, where DEMO=0) for the whole session."""
    with started_portal(DEMO=os.environ.get("DEMO", "1"), WEBHOOK_ALLOW_PRIVATE="1") as portal:
        yield portal


@pytest.fixture(scope="session")
def places(running_portal: RunningPortal) -> dict[str, Any]:
    """Return where pages are looked at, by the names that tests/e2e/pages.py uses."""
    from tests.e2e.places import prepared

    return prepared(running_portal)


@pytest.fixture(scope="session")
def people(running_portal: RunningPortal) -> dict[str, dict[str, Any]]:
    """Return the session cookie of every persona of tests/e2e/pages.py."""
    from tests.e2e.looking import signed_in_people

    return signed_in_people(running_portal)


@contextmanager
def started_portal(home: Path | None = None, *, fresh: bool = False, **variables: str) -> Iterator[RunningPortal]:
    """Start a portal, wait until it says that it is ready, and stop it after the block.

    A home that does not exist is a copy of a prepared one, unless it must be `fresh` or the database is elsewhere.
    """
    with tempfile.TemporaryDirectory(prefix="portal-e2e-", ignore_cleanup_errors=True) as folder:
        path = home or Path(folder) / "home"
        if not fresh and not path.exists() and "DATABASE_URL" not in variables:
            copy_prepared_home(path)
        portal = launch(path, **variables)
        try:
            wait_until(lambda: ready_line(portal) in portal.lines or portal.process.poll() is not None, READY_SECONDS)
            assert ready_line(portal) in portal.lines, "".join(portal.lines)
            yield portal
        finally:
            end(portal)
            if home is None:
                Cluster(portal.home).stop()


def copy_prepared_home(home: Path) -> None:
    """Copy a home whose database is migrated and empty; made once for the present migrations."""
    template = ROOT / "var" / "e2e-home" / fingerprint()
    template.parent.mkdir(parents=True, exist_ok=True)
    with open(template.parent / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (template / "complete").exists():
            for old in template.parent.glob("*/"):
                shutil.rmtree(old, ignore_errors=True)
            variables = {**suite_free_environment(), "PORTAL_HOME": str(template)}
            subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, env=variables, check=True)
            (template / "complete").touch()
        home.parent.mkdir(parents=True, exist_ok=True)
        # The database belongs to another user where the suite runs as root: cp keeps owners.
        subprocess.run(["cp", "-a", str(template), str(home)], check=True)


def suite_free_environment() -> dict[str, str]:
    """Return the environment without what the suite set for itself."""
    return {name: value for name, value in os.environ.items() if name not in SUITE_VARIABLES}


def launch(home: Path, **variables: str) -> RunningPortal:
    """Start the supervisor on a free port with nothing of the suite's own environment."""
    port = free_port()
    given = {"PORT": str(port), "PORTAL_HOME": str(home), "DEMO": "0", "DEMO_PASSWORD": secrets.token_urlsafe(12)}
    environment = {**suite_free_environment(), **given, "STATIC_ROOT": str(ROOT / "var" / "e2e-static"), **variables}
    process = subprocess.Popen(
        [sys.executable, "-m", "registry_portal.run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    portal = RunningPortal(f"http://127.0.0.1:{environment['PORT']}", home, environment, process)
    threading.Thread(target=collect, args=(portal,), daemon=True).start()
    return portal


def collect(portal: RunningPortal) -> None:
    """Keep what the portal says, so that its pipe never fills."""
    assert portal.process.stdout is not None
    for line in portal.process.stdout:
        portal.lines.append(line)


def ready_line(portal: RunningPortal) -> str:
    """Return the line that `make run` promises."""
    return f"Registry Portal is ready at {portal.base_url}\n"


def end(portal: RunningPortal) -> None:
    """Stop the portal, and kill whatever a failed test left of it."""
    try:
        portal.stop()
    except subprocess.TimeoutExpired:
        for child in psutil.Process(portal.process.pid).children(recursive=True):
            child.kill()
        portal.process.kill()
        portal.process.wait()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition; return whether it came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def free_port() -> int:
    """Return a port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


SUITE_VARIABLES = {
    "PORTAL_ENV", "PORTAL_HOME", "DJANGO_SETTINGS_MODULE", "PORTAL_DATABASE_ROLE", "DATABASE_URL", "DATABASE_APP_URL",
    "CELERY_BROKER_URL", "DEBUG", "SECRET_KEY", "DJANGO_ALLOW_ASYNC_UNSAFE", "PORTAL_TEST_RUN", "CACHE_URL",
    "MAKEFLAGS",
}  # fmt: skip
