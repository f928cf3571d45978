"""The ground of the suite itself: transactional tests leave what migrations made, and nothing else."""

from __future__ import annotations

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction

from tests.infrastructure import databases

PRISTINE = "SELECT tablename FROM pg_tables WHERE schemaname = 'pristine' ORDER BY 1"


def rows(table: str) -> int:
    """Return the number of rows of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}"')
        return int(cursor.fetchone()[0])


def disturb() -> None:
    """Leave rows behind, and take away and change what migrations made."""
    get_user_model().objects.create_user(username="leftover", password="x")
    Group.objects.create(name="leftover")
    ContentType.objects.filter(model="session").update(model="changed")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_each_transactional_test_finds_the_migrated_state(turn: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PRISTINE)
        tables = [row[0] for row in cursor.fetchall()]
        assert "django_content_type" in tables
        for table in tables:
            cursor.execute(
                f'SELECT count(*) FROM (TABLE public."{table}" EXCEPT ALL TABLE pristine."{table}") AS changed'
            )
            assert cursor.fetchone() == (0,), table
    assert rows("accounts_user") == 0
    assert rows("audit_event") == 0
    assert not Group.objects.filter(name="leftover").exists()
    disturb()


@pytest.mark.django_db(transaction=True)
def test_append_only_tables_are_emptied_and_guarded_again() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'")
        assert cursor.fetchone() == (0,)
        for table in ("audit_event", "audit_leaf", "audit_head"):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["audit_event", "audit_leaf", "audit_head"])
@pytest.mark.parametrize("privilege", ["UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"])
def test_serving_role_holds_no_privilege_to_change_the_log(table: str, privilege: str) -> None:
    with psycopg.connect(databases.url(connection.settings_dict["NAME"], "app")) as app:
        held = app.execute("SELECT has_table_privilege(%s, %s)", [table, privilege]).fetchone()
        assert held == (False,)


@pytest.mark.django_db(transaction=True)
def test_serving_role_can_do_all_else() -> None:
    with psycopg.connect(databases.url(connection.settings_dict["NAME"], "app")) as app:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        for (table,) in app.execute(query).fetchall():
            if table.startswith("audit_") or table in databases.KEPT:
                continue
            held = app.execute("SELECT has_table_privilege(%s, 'SELECT, INSERT')", [f'public."{table}"']).fetchone()
            assert held == (True,), table
        owned = app.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole").fetchone()
        assert owned == (0,)
