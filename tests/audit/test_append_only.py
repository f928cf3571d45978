"""Nobody changes the log: triggers refuse the owner, privileges refuse the role that serves."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from apps.audit.models import Event, Head
from tests.audit.conftest import moved
from tests.infrastructure import databases

pytestmark = pytest.mark.django_db(transaction=True)
Refused = psycopg.errors.InsufficientPrivilege

CHANGES = [
    "UPDATE audit_event SET body = '{}'",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event CASCADE",
    "UPDATE audit_leaf SET leaf_hash = '\\x00'",
    "DELETE FROM audit_leaf",
    "TRUNCATE audit_leaf",
    "INSERT INTO audit_leaf (leaf_index, event_id, leaf_hash) SELECT 99, id, '\\x00' FROM audit_event",
    "INSERT INTO audit_pending (event_id, leaf_hash) SELECT id, '\\x00' FROM audit_event",
    "UPDATE audit_head SET size = size + 1",
    "UPDATE audit_head SET size = 0",
    "DELETE FROM audit_head",
    "TRUNCATE audit_head",
    "INSERT INTO audit_event SELECT * FROM audit_event ON CONFLICT (id) DO UPDATE SET body = ''",
]


def connected(role: str) -> psycopg.Connection[Any]:
    """Connect as the owner of the tables, or as the role of web and worker."""
    return psycopg.connect(databases.url(connection.settings_dict["NAME"], role))


@pytest.mark.parametrize("statement", CHANGES)
@pytest.mark.parametrize("role", ["owner", "app"])
def test_a_change_of_the_log_is_refused(role: str, statement: str) -> None:
    event = moved()
    with connected(role) as session, pytest.raises(Refused):
        session.execute(statement)  # type: ignore[call-overload]
    assert Event.objects.get().body == event.body
    assert Head.objects.get().size == 1


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_event_leaf ON audit_event",
        "CREATE OR REPLACE FUNCTION audit_assign_leaf() RETURNS trigger LANGUAGE sql AS ''",
        "SET session_replication_role = replica",
        "CREATE TEMP TABLE fake (event_id uuid, leaf_hash bytea);"
        "CREATE TRIGGER fake AFTER INSERT ON fake FOR EACH ROW EXECUTE FUNCTION audit_assign_leaf()",
    ],
)
def test_the_serving_role_cannot_take_the_guards_away(statement: str) -> None:
    with connected("app") as session, pytest.raises(Refused):
        session.execute(statement)  # type: ignore[call-overload]


def test_the_serving_role_can_append_and_read() -> None:
    columns = "(id, body, type, at, actor, subject_type, subject_id, scopes)"
    with connected("app") as session:
        session.execute(
            f"INSERT INTO audit_event {columns} VALUES (%s, '{{}}', 't', now(), 'urn:test', 'thing', '1', '{{}}')",
            [uuid.uuid4()],
        )
    with connected("app") as session:
        assert session.execute("SELECT leaf_index FROM audit_leaf").fetchall() == [(0,)]


def test_the_object_layer_is_refused_too() -> None:
    event = moved()
    event.body = "{}"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        event.save()
    assert Event.objects.get().body != "{}"
