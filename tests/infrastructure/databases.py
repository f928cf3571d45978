"""Test databases: one migrated template for all runs, a copy of it for each worker, and a quick way back to it.

Deleting beats truncating for tables of a few rows, and comparing beats restoring for tables that migrations fill.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from registry_portal import databases
from registry_portal.embedded import postgres

TEMPLATE_LOCK = 7_461_201
KEPT = {"django_migrations"}


@contextmanager
def server() -> Iterator[None]:
    """Keep the embedded test server running for the block; nothing to do for a given one."""
    if not databases.is_embedded():
        yield
        return
    cluster = postgres.Cluster(settings.PORTAL_HOME, postgres.UNSAFE_BUT_FAST)
    with cluster.running():
        with psycopg.connect(cluster.url("superuser", "postgres"), autocommit=True) as superuser:
            superuser.execute("ALTER ROLE portal_owner CREATEDB")
        yield


def maintenance() -> psycopg.Connection[Any]:
    """Connect to the database that databases are created from, as the owner."""
    return psycopg.connect(url("postgres"), autocommit=True)


def url(database: str, role: str = "owner") -> str:
    """Return the URL of a database of the test server as one of the two roles."""
    base = databases.owner_url(settings.PORTAL_HOME) if role == "owner" else databases.app_url(settings.PORTAL_HOME)
    address, _, query = base.partition("?")
    return f"{address.rpartition('/')[0]}/{database}" + (f"?{query}" if query else "")


def run_name() -> str:
    """Return the name of this run, the same in all of its workers."""
    return os.environ.setdefault("PORTAL_TEST_RUN", f"run{os.getpid()}")


@contextmanager
def database_of(worker: str) -> Iterator[str]:
    """Make the worker's database from the template and drop it at the end."""
    name = f"test_{run_name()}_{worker}"
    with maintenance() as owner:
        template = _ensure_template(owner)
        _create(owner, name, template)
    try:
        with _connected_to(name):
            yield name
    finally:
        connection.close()
        with maintenance() as owner:
            owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def drop_leftovers() -> None:
    """Drop the databases of runs that were killed."""
    with maintenance() as owner:
        query = "SELECT datname FROM pg_database WHERE datname ~ '^test_run[0-9]+_'"
        for (name,) in owner.execute(query).fetchall():
            if not psutil.pid_exists(int(name.split("_")[1].removeprefix("run"))):
                owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def restore_pristine() -> None:
    """Put every row back as the migrations left it, past the triggers that make tables append-only."""
    connection.close()
    with psycopg.connect(url(connection.settings_dict["NAME"]), options="-c lock_timeout=20s") as owner:
        tables = _tables(owner, "public") - KEPT
        pristine = _tables(owner, "pristine")
        dirty = _non_empty(owner, tables - pristine) | _changed(owner, pristine)
        guarded = dirty & _tables_with_triggers(owner)
        for table in guarded:
            owner.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
        last = _referenced_at_once(owner)
        for table in sorted(dirty, key=lambda table: table in last):
            owner.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for table in dirty & pristine:
            _copy(owner, table)
        # Deferred foreign keys must be checked before the triggers' tables can be altered again.
        owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in guarded:
            owner.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table)))


def _ensure_template(owner: psycopg.Connection[Any]) -> str:
    """Return the migrated template of the present sources, built by the first who needs it."""
    name = f"portal_template_{fingerprint()}"
    owner.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
    try:
        if not owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            _build_template(owner, name)
    finally:
        owner.execute("SELECT pg_advisory_unlock(%s)", [TEMPLATE_LOCK])
    return name


def _build_template(owner: psycopg.Connection[Any], name: str) -> None:
    for (old,) in owner.execute("SELECT datname FROM pg_database WHERE datname LIKE 'portal_template_%'").fetchall():
        _drop_unused(owner, old)
    draft = f"{name}_draft"
    _create(owner, draft, "template1")
    with _connected_to(draft):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        connection.close()
    with psycopg.connect(url(draft), autocommit=True) as fresh:
        app = databases.app_url(settings.PORTAL_HOME)
        if not databases.is_embedded():
            databases.ensure_app_role(fresh, app)
        databases.grant_app_role(fresh, databases.parse(app)["USER"])
        _keep_pristine(fresh)
    words = {"draft": sql.Identifier(draft), "name": sql.Identifier(name)}
    owner.execute(sql.SQL("ALTER DATABASE {draft} RENAME TO {name}").format(**words))


def _drop_unused(owner: psycopg.Connection[Any], name: str) -> None:
    try:
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
    except psycopg.errors.ObjectInUse:
        return


def fingerprint() -> str:
    """Return a digest of all sources that decide what a migrated database holds."""
    apps = Path(settings.BASE_DIR) / "apps"
    sources = {*apps.glob("*/migrations/*.py"), *apps.glob("*/models*.py"), *apps.glob("*/models/*.py")}
    sources |= {*apps.glob("*/apps.py"), *apps.glob("*/roles.py"), Path(settings.BASE_DIR) / "requirements/run.txt"}
    sources |= {Path(databases.__file__), Path(__file__)}
    digest = hashlib.sha256(" ".join(settings.INSTALLED_APPS).encode())
    for path in sorted(sources):
        digest.update(f"{path}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _keep_pristine(owner: psycopg.Connection[Any]) -> None:
    """Copy every table that migrations filled into the schema `pristine`."""
    owner.execute("CREATE SCHEMA pristine")
    for table in _non_empty(owner, _tables(owner, "public") - KEPT):
        statement = sql.SQL("CREATE TABLE pristine.{table} AS TABLE public.{table}")
        owner.execute(statement.format(table=sql.Identifier(table)))


def _create(owner: psycopg.Connection[Any], name: str, template: str) -> None:
    words = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    owner.execute(sql.SQL("DROP DATABASE IF EXISTS {name} WITH (FORCE)").format(**words))
    owner.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**words))


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    """Point Django's connection at another database for the block."""
    connection.close()
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = before


def _tables(owner: psycopg.Connection[Any], schema: str) -> set[str]:
    return {row[0] for row in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])}


def _tables_with_triggers(owner: psycopg.Connection[Any]) -> set[str]:
    query = "SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal"
    return {row[0] for row in owner.execute(query)}


def _referenced_at_once(owner: psycopg.Connection[Any]) -> set[str]:
    """Return the tables whose rows can only go after those that refer to them."""
    query = "SELECT confrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND NOT condeferrable"
    return {row[0] for row in owner.execute(query)}


def _non_empty(owner: psycopg.Connection[Any], tables: set[str]) -> set[str]:
    each = sql.SQL("SELECT {name} WHERE EXISTS (SELECT FROM public.{table})")
    return _answered(owner, each, tables)


def _changed(owner: psycopg.Connection[Any], tables: set[str]) -> set[str]:
    each = sql.SQL(
        "SELECT {name} WHERE EXISTS (TABLE public.{table} EXCEPT ALL TABLE pristine.{table})"
        " OR EXISTS (TABLE pristine.{table} EXCEPT ALL TABLE public.{table})"
    )
    return _answered(owner, each, tables)


def _answered(owner: psycopg.Connection[Any], each: sql.SQL, tables: set[str]) -> set[str]:
    if not tables:
        return set()
    parts = [each.format(name=sql.Literal(table), table=sql.Identifier(table)) for table in sorted(tables)]
    return {row[0] for row in owner.execute(sql.SQL(" UNION ALL ").join(parts))}


def _copy(owner: psycopg.Connection[Any], table: str) -> None:
    query = (
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'"
    )
    columns = sql.SQL(", ").join(sql.Identifier(row[0]) for row in owner.execute(query, [table]).fetchall())
    statement = sql.SQL(
        "INSERT INTO public.{table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM pristine.{table}"
    )
    owner.execute(statement.format(table=sql.Identifier(table), columns=columns))
