"""What a deployment system asks all day: the version in production, in one prepared SQL statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import psycopg
from django.db import connection

from apps.accounts.grants import READS_EVERYTHING
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.core.errors import NotFound

# One row per visible model of that name; the version's columns are null where nothing was in production.
STATEMENT = """
SELECT m.name, v.version, v.number, lower(s.period), upper(s.period), v.manifest_digest, (
    SELECT json_agg(json_build_array(a.path, b.size, b.sha256) ORDER BY a.path COLLATE "C")::text
    FROM models_artifact a JOIN models_blob b ON b.sha256 = a.blob_id WHERE a.version_id = v.id
)
FROM models_registeredmodel m
LEFT JOIN models_stageassignment s ON s.registered_model_id = m.id AND s.stage = 'production' AND {when}
LEFT JOIN models_modelversion v ON v.id = s.version_id
WHERE m.name = %(name)s AND (
    m.visibility = 'organisation'
    OR EXISTS (
        SELECT FROM accounts_teamuserobjectpermission g JOIN auth_permission p ON p.id = g.permission_id
        WHERE g.content_object_id = m.team_id AND g.user_id = %(user)s AND p.codename = %(view)s
    )
    OR EXISTS (
        SELECT FROM models_registeredmodeluserobjectpermission g JOIN auth_permission p ON p.id = g.permission_id
        WHERE g.content_object_id = m.id AND g.user_id = %(user)s AND p.codename = %(view)s
    )
    OR EXISTS (
        SELECT FROM accounts_user_groups u JOIN auth_group r ON r.id = u.group_id
        WHERE u.user_id = %(user)s AND r.name = ANY(%(readers)s)
    )
)
"""
NOW = STATEMENT.format(when="upper_inf(s.period)")
THEN = STATEMENT.format(when="s.period @> %(at)s::timestamptz")
READERS = sorted(str(role) for role in READS_EVERYTHING)


@dataclass(frozen=True)
class Production:
    """The version in production at an instant; `until` is None while it still is."""

    model: str
    version: str
    number: int
    since: datetime
    until: datetime | None
    manifest_digest: str
    artifacts: list[dict[str, Any]]


def production_of(model_name: str, user: User, at: datetime | None = None) -> Production:
    """Return what is, or at an instant was, in production; one SQL statement.

    Raises NotFound: `not_found` for a model the user may not know of, `nothing_in_production` otherwise.
    """
    row = _row(model_name, user, at) if user.is_active and "\x00" not in model_name else None
    if row is None:
        raise NotFound(f"There is no model {model_name[:100]!r} that you may see.")
    name, version, number, since, until, digest, artifacts = row
    if version is None:
        when = f"at {at.isoformat()}" if at else "now"
        raise NotFound(f"No version of {name} is in production {when}.", code="nothing_in_production")
    files = [{"path": path, "size": size, "sha256": sha256} for path, size, sha256 in orjson.loads(artifacts)]
    return Production(name, version, number, since, until, digest, files)


def _row(model_name: str, user: User, at: datetime | None) -> tuple[Any, ...] | None:
    values: dict[str, Any] = {
        "name": model_name,
        "user": user.pk,
        "view": str(Permission.VIEW),
        "readers": READERS,
        "at": at,
    }
    connection.ensure_connection()
    # Django's own cursor binds on the client side, which rules out prepared statements.
    raw: Any = psycopg.Cursor(connection.connection)
    with connection.make_debug_cursor(raw) if connection.queries_logged else connection.make_cursor(raw) as cursor:
        cursor.execute(NOW if at is None else THEN, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row
