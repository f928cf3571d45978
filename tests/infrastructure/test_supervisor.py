"""`make run`: what it says where it cannot start, that it stops, and that nothing killed stays dead."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from registry_portal.embedded.postgres import Cluster
from tests.e2e.conftest import ROOT, RunningPortal, free_port, launch, started_portal, wait_until

# What is promised is 10 s to stop and 10 s to start again, on a machine that does nothing else meanwhile.
STOP_LIMIT, RESTART_LIMIT, AGAIN_LIMIT = 10, 40, 30


@pytest.fixture(scope="module")
def supervised_portal(lasting_home: Path) -> Iterator[RunningPortal]:
    """Yield one running portal for the tests of this file that leave it running."""
    with started_portal(lasting_home) as running:
        yield running


def refused(tmp_path: Path, **variables: str) -> str:
    """Start a portal that must refuse, and return its one line."""
    portal = launch(tmp_path / "home", **variables)
    portal.process.wait(60)
    wait_until(lambda: bool(portal.lines), 5)
    assert portal.process.returncode != 0
    assert len(portal.lines) == 1, "".join(portal.lines)
    assert portal.lines[0].startswith("Registry Portal cannot start: ")
    return portal.lines[0]


def healthy(portal: RunningPortal) -> bool:
    """Return whether the readiness probe answers 200 and names no failure."""
    try:
        with urllib.request.urlopen(f"{portal.base_url}/health/ready", timeout=5) as answer:
            return set(json.load(answer)["checks"].values()) == {"ok"}
    except OSError:
        return False


def test_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} is in use" in refused(tmp_path, PORT=str(port))


def test_unwritable_home_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = refused(tmp_path, PORTAL_HOME=str(tmp_path / "file" / "home"))
    assert str(tmp_path / "file") in line
    assert "PORTAL_HOME" in line


def test_dead_database_is_one_line(tmp_path: Path) -> None:
    line = refused(tmp_path, DATABASE_URL=f"postgresql://nobody:wrong@127.0.0.1:{free_port()}/nothing")
    assert "DATABASE_URL does not answer" in line
    assert "wrong" not in line


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "eighty"), ("DATABASE_URL", "mysql://x/y"), ("DATABASE_URL", "::"), ("DEBUG", "maybe")]
)
def test_wrong_setting_is_one_line(tmp_path: Path, name: str, value: str) -> None:
    assert name in refused(tmp_path, **{name: value})


def test_probes_answer(supervised_portal: RunningPortal) -> None:
    assert healthy(supervised_portal)
    with urllib.request.urlopen(f"{supervised_portal.base_url}/health/live", timeout=5) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("role", ["web", "worker", "scheduler", "postgres"])
def test_killed_child_is_started_again(supervised_portal: RunningPortal, role: str) -> None:
    victim = supervised_portal.kill(role)

    def replaced() -> bool:
        try:
            return supervised_portal.pid(role) != victim and healthy(supervised_portal)
        except (AssertionError, ValueError):
            return False

    assert wait_until(replaced, RESTART_LIMIT), "".join(supervised_portal.lines)


def test_killed_web_process_is_started_again(supervised_portal: RunningPortal) -> None:
    master = psutil.Process(supervised_portal.pid("web"))
    victim = master.children()[0]
    victim.kill()
    assert wait_until(lambda: len(master.children()) == 2 and victim not in master.children(), RESTART_LIMIT)
    assert wait_until(lambda: healthy(supervised_portal), RESTART_LIMIT)


def test_signals_stop_every_child_and_the_second_start_is_quick(home: Path) -> None:
    with started_portal(home) as portal:
        stop_with(portal, signal.SIGTERM)
    begun = time.monotonic()
    with started_portal(home) as again:
        print(f"second start: {time.monotonic() - begun:.1f} s")
        assert time.monotonic() - begun < AGAIN_LIMIT
        stop_with(again, signal.SIGINT)


def stop_with(portal: RunningPortal, number: int) -> None:
    """Stop a portal with a signal and see that nothing of it is left."""
    family = psutil.Process(portal.process.pid).children(recursive=True)
    assert portal.stop(number) < STOP_LIMIT
    assert portal.process.returncode == 0
    assert not [child for child in family if alive(child)]
    assert Cluster(portal.home).pid() is None


def test_killed_supervisor_and_database_start_again(home: Path) -> None:
    # Longer than a socket's path may be: the socket is elsewhere, everything else is in the home.
    home = home / ("long-" * 12) / ("name-" * 12) / "home"
    with started_portal(home, fresh=True) as portal:
        family = psutil.Process(portal.process.pid).children(recursive=True)
        portal.process.kill()
        portal.process.wait()
        assert wait_until(lambda: not any(alive(child) for child in family), STOP_LIMIT)
        with started_portal(home, PORT=portal.environment["PORT"]) as again:
            assert healthy(again)
            again.process.kill()
            again.kill("postgres")
            again.process.wait()
            with started_portal(home) as third:
                assert healthy(third)


def alive(process: psutil.Process) -> bool:
    """Return whether a process runs and is not just waiting to be noticed as dead."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_second_portal_shares_the_database_and_leaves_it_running(supervised_portal: RunningPortal) -> None:
    with started_portal(supervised_portal.home) as second:
        assert second.pid("postgres") == supervised_portal.pid("postgres")
        second.stop()
    assert wait_until(lambda: healthy(supervised_portal), RESTART_LIMIT)


@pytest.mark.parametrize("table", ["audit_event", "audit_leaf", "audit_head"])
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_serving_role_cannot_change_the_audit_log(supervised_portal: RunningPortal, table: str, act: str) -> None:
    with psycopg.connect(Cluster(supervised_portal.home).url("app")) as app:
        key = "event_id" if table == "audit_leaf" else "id"
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            app.execute(act.replace("id = id", f"{key} = {key}").format(table))


def test_serving_role_owns_nothing_and_cannot_create(supervised_portal: RunningPortal) -> None:
    with psycopg.connect(Cluster(supervised_portal.home).url("app"), autocommit=True) as app:
        owned = "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
        assert app.execute(owned).fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("CREATE TABLE mine (id int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("SET ROLE portal_owner")


def test_web_and_worker_connect_as_the_serving_role(supervised_portal: RunningPortal) -> None:
    assert wait_until(lambda: healthy(supervised_portal), RESTART_LIMIT)
    with psycopg.connect(Cluster(supervised_portal.home).url("superuser")) as superuser:
        query = "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'portal' AND pid <> pg_backend_pid()"
        assert {row[0] for row in superuser.execute(query)} == {"portal_app"}


def test_unknown_process_is_named(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "registry_portal.serve", "cook"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "usage: python -m registry_portal.serve web|worker|scheduler\n"
