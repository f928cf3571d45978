"""Which PostgreSQL, and as which of the two roles: the owner migrates, the app role serves and owns nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dj_database_url
import django.db
import psycopg
from psycopg import sql

from registry_portal import environment
from registry_portal.embedded import postgres

CONNECT_SECONDS = 5


def is_embedded() -> bool:
    """Return whether the portal runs its own PostgreSQL, that is, DATABASE_URL is not set."""
    return not environment.text("DATABASE_URL")


def connection(home: Path, role: str) -> dict[str, Any]:
    """Return Django's settings of one connection as `role`: owner or app."""
    if role not in {"owner", "app"}:
        raise environment.Refused(f"PORTAL_DATABASE_ROLE={role!r} is neither owner nor app.")
    parsed = parse(owner_url(home) if role == "owner" else app_url(home))
    options = {"connect_timeout": CONNECT_SECONDS, "prepare_threshold": 5} | dict(parsed.get("OPTIONS") or {})
    return parsed | {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


def parse(url: str) -> dict[str, Any]:
    """Return the parts of a PostgreSQL URL as Django names them; raises Refused for any other text."""
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, dj_database_url.ParseError, dj_database_url.UnknownSchemeError):
        raise environment.Refused("DATABASE_URL is not of the form postgresql://user:password@host/database.") from None
    if parsed["ENGINE"] != "django.db.backends.postgresql" or not parsed["NAME"]:
        raise environment.Refused("DATABASE_URL does not name a PostgreSQL database.")
    return parsed


def owner_url(home: Path) -> str:
    """Return the URL of the role that owns the tables and migrates."""
    return environment.text("DATABASE_URL") or postgres.Cluster(home).url("owner")


def app_url(home: Path) -> str:
    """Return the URL of the role that web, worker and scheduler use."""
    if given := environment.text("DATABASE_APP_URL"):
        return given
    if is_embedded():
        return postgres.Cluster(home).url("app")
    owner = parse(owner_url(home))
    user, password = f"{owner['NAME']}_app", environment.stored_secret(home, "database_app_password")
    address = quote(str(owner.get("HOST") or ""), safe="") + (f":{owner['PORT']}" if owner.get("PORT") else "")
    query = owner_url(home).partition("?")[2]
    url = f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@{address}/{quote(owner['NAME'], safe='')}"
    return f"{url}?{query}" if query else url


@contextmanager
def as_owner(home: Path) -> Iterator[None]:
    """Let Django's connection be the owner's for the block, whatever role this process has."""
    served = django.db.connection
    served.close()
    before = dict(served.settings_dict)
    served.settings_dict.update(connection(home, "owner"))
    try:
        yield
    finally:
        served.close()
        served.settings_dict.update(before)


def require_answer(url: str) -> None:
    """End the process with one line where the database does not answer."""
    try:
        psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise environment.Refused(f"the database of DATABASE_URL does not answer: {reason}") from None


def ensure_app_role(owner: psycopg.Connection[Any], url: str) -> None:
    """Create the app role of `url` or give it the password; raises Refused where the owner may not."""
    parts = parse(url)
    name, password = parts["USER"], parts["PASSWORD"]
    known = owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    verb = sql.SQL("ALTER" if known else "CREATE")
    try:
        with owner.transaction():
            statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}")
            owner.execute(statement.format(verb, sql.Identifier(name), sql.Literal(password)))
    except psycopg.errors.InsufficientPrivilege:
        raise environment.Refused(
            f"the owner of the database may not create the role {name}; create it with a password "
            "and set DATABASE_APP_URL."
        ) from None


def grant_app_role(owner: psycopg.Connection[Any], name: str) -> None:
    """Give the app role what it needs in the tables there are: all rows, but audit tables only to read and append."""
    role = sql.Identifier(name)
    with owner.transaction():
        for statement in GRANTS:
            owner.execute(sql.SQL(statement).format(role=role))
        for table, allowed in _audit_tables(owner):
            words = {"role": role, "table": sql.Identifier(table), "allowed": sql.SQL(allowed)}
            owner.execute(sql.SQL("REVOKE ALL ON {table} FROM {role}, PUBLIC").format(**words))
            owner.execute(sql.SQL("GRANT {allowed} ON {table} TO {role}").format(**words))


def _audit_tables(owner: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    """Return the append-only tables with what the app role may do there."""
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename = ANY(%s)"
    found = {row[0] for row in owner.execute(query, [list(APPEND_ONLY)])}
    return [(table, allowed) for table, allowed in APPEND_ONLY.items() if table in found]


# Where only SELECT is granted, a trigger that runs with its owner's rights does the writing.
APPEND_ONLY = {
    "audit_event": "SELECT, INSERT",
    "audit_leaf": "SELECT",
    "audit_head": "SELECT",
    "audit_pending": "SELECT",
    "notifications_attempt": "SELECT, INSERT",
}
GRANTS = (
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
)
