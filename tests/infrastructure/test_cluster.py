"""The embedded PostgreSQL: shared by whoever starts it, recovered whatever happened to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from registry_portal.embedded.postgres import UNSAFE_BUT_FAST, Cluster

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def cluster(lasting_home: Path) -> Cluster:
    """Return a stopped cluster of this file's own."""
    made = Cluster(lasting_home, UNSAFE_BUT_FAST)
    with made.running():
        pass
    return made


def who(cluster: Cluster, role: str) -> tuple[object, ...] | None:
    """Return what the server says of a role that connects with its password."""
    query = "SELECT current_user::text, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    with psycopg.connect(cluster.url(role)) as connection:
        return connection.execute(query).fetchone()


def test_last_user_stops_the_server(cluster: Cluster) -> None:
    with cluster.running():
        with cluster.running():
            assert cluster.pid() is not None
        assert cluster.pid() is not None
    assert cluster.pid() is None


def test_roles_are_ordinary_and_the_owner_owns_the_database(cluster: Cluster) -> None:
    with cluster.running():
        assert who(cluster, "owner") == ("portal_owner", False, False, False)
        assert who(cluster, "app") == ("portal_app", False, False, False)
        with psycopg.connect(cluster.url("app")) as app:
            query = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
            assert app.execute(query).fetchone() == ("portal_owner",)


def test_password_is_needed(cluster: Cluster) -> None:
    address = cluster.url("owner").rpartition("@")[2]
    with cluster.running(), pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://portal_owner:wrong@{address}")


def test_concurrent_starts_make_one_server(cluster: Cluster) -> None:
    seen: list[int | None] = []
    barrier = threading.Barrier(4)

    def use() -> None:
        with cluster.running():
            seen.append(cluster.pid())
            barrier.wait(60)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(seen) == 4
    assert len(set(seen)) == 1
    assert seen[0] is not None
    assert cluster.pid() is None


def test_killed_server_recovers_what_was_committed(cluster: Cluster) -> None:
    cluster = Cluster(cluster.home)  # with the settings that people run it with
    with cluster.running():
        with psycopg.connect(cluster.url("owner")) as owner:
            owner.execute("CREATE TABLE IF NOT EXISTS kept (id int)")
        first = cluster.pid()
        assert first is not None
        os.kill(first, signal.SIGKILL)
        while cluster.pid() is not None:
            time.sleep(0.01)
        assert cluster.restart_if_dead()
        assert cluster.pid() not in {None, first}
        with psycopg.connect(cluster.url("owner")) as owner:
            assert owner.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        assert not cluster.restart_if_dead()


def test_stale_pid_file_of_another_program_is_no_obstacle(cluster: Cluster) -> None:
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n1\n5432\n\n\n")
    with cluster.running():
        assert cluster.pid() not in {None, os.getpid()}


def test_killed_user_is_not_waited_for(cluster: Cluster) -> None:
    code = (
        "import os, sys, pathlib; from registry_portal.embedded.postgres import Cluster\n"
        "with Cluster(pathlib.Path(sys.argv[1])).running(): os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", code, str(cluster.home)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    assert cluster.pid() is not None
    with cluster.running():
        pass
    assert cluster.pid() is None


def test_interrupted_making_is_begun_again(home: Path) -> None:
    fresh = Cluster(home, UNSAFE_BUT_FAST)
    (fresh.folder / "data.new" / "base").mkdir(parents=True)
    with fresh.running():
        assert who(fresh, "app") is not None
