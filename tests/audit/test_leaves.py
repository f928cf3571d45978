"""The database gives each event its place: dense, in commit order, whoever writes and whoever dies."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from apps.audit.models import Event, Head, Leaf
from tests.audit.conftest import Thing, moved, noted
from tests.infrastructure import databases

pytestmark = pytest.mark.django_db(transaction=True)

INSERT = (
    "INSERT INTO audit_event (id, body, type, at, actor, subject_type, subject_id, scopes)"
    " VALUES (%s, %s, 'tests.thing.moved', now(), 'urn:test', 'thing', '1', '{}')"
)


def opened(role: str = "app", **options: Any) -> psycopg.Connection[Any]:
    """Connect as a role of the database beside Django's connection."""
    return psycopg.connect(databases.url(connection.settings_dict["NAME"], role), **options)


def in_threads(work: Callable[[int], None], count: int = 8) -> list[Exception]:
    """Run `work(number)` in threads at once; return what they raised."""
    raised: list[Exception] = []

    def run(number: int) -> None:
        try:
            work(number)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to see it
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def assert_dense(size: int) -> None:
    """Prove that the log has exactly this many leaves, numbered from zero, one for each event."""
    assert list(Leaf.objects.order_by("leaf_index").values_list("leaf_index", flat=True)) == list(range(size))
    assert Event.objects.count() == Head.objects.get().size == size


def test_eight_writers_with_rollbacks_leave_no_gap() -> None:
    def write(number: int) -> None:
        for turn in range(12):
            try:
                with transaction.atomic():
                    moved(number=number, turn=turn)
                    if turn % 3 == 0:
                        raise RuntimeError("rolled back")
            except RuntimeError:
                pass

    assert in_threads(write) == []
    assert_dense(8 * 8)


def test_a_savepoint_that_rolls_back_takes_its_event_with_it() -> None:
    with transaction.atomic():
        moved(kept=True)
        try:
            with transaction.atomic():
                moved(kept=False)
                raise RuntimeError("rolled back")
        except RuntimeError:
            pass
        moved(kept=True)
    assert_dense(2)


def test_an_event_that_commits_later_gets_the_later_place() -> None:
    with opened() as slow:
        early = uuid.uuid4()
        slow.execute(INSERT, [early, "{}"])
        late = moved().pk
    assert [leaf.event_id for leaf in Leaf.objects.order_by("leaf_index")] == [late, early]


def test_a_killed_connection_leaves_no_gap() -> None:
    moved()
    dying = opened("owner")
    dying.execute(INSERT, [uuid.uuid4(), "{}"])
    with opened("owner", autocommit=True) as killer:
        killer.execute("SELECT pg_terminate_backend(%s)", [dying.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        dying.commit()
    moved()
    assert_dense(2)


def test_a_raw_sql_insert_gets_its_leaf() -> None:
    with opened() as raw:
        raw.execute(INSERT, [uuid.uuid4(), '{"é":1}'])
    assert_dense(1)
    assert bytes(Leaf.objects.get().leaf_hash) == hashlib.sha256(b"\x00" + '{"é":1}'.encode()).digest()


def test_leaf_hashes_are_those_of_rfc_6962() -> None:
    events = [moved(words="é \u2028 😀"), noted(), moved(numbers=[1, 2.5, 1e21, -0.0])]
    for event in events:
        leaf = Leaf.objects.get(event=event)
        assert bytes(leaf.leaf_hash) == hashlib.sha256(b"\x00" + event.body.encode()).digest()


def test_many_events_of_one_transaction_keep_their_order() -> None:
    with transaction.atomic():
        events = [moved(Thing(pk=number)).pk for number in range(5)]
    assert [event.pk for event in Event.objects.committed()] == events


def test_writers_that_lock_rows_in_opposite_orders_do_not_deadlock_at_commit() -> None:
    # One transaction must check a foreign key to a row that the other holds while both commit events.
    with opened("owner", autocommit=True) as owner:
        owner.execute("CREATE TABLE probe_parent (id int PRIMARY KEY)")
        owner.execute("CREATE TABLE probe_child (parent int REFERENCES probe_parent DEFERRABLE INITIALLY DEFERRED)")
        owner.execute("INSERT INTO probe_parent VALUES (1)")
    try:
        with opened("owner") as holder, opened("owner") as checker:
            holder.execute("SELECT * FROM probe_parent FOR UPDATE")
            holder.execute(INSERT, [uuid.uuid4(), "{}"])
            checker.execute(INSERT, [uuid.uuid4(), "{}"])
            checker.execute("INSERT INTO probe_child VALUES (1)")
            waiting = threading.Thread(target=checker.commit)
            waiting.start()
            waiting.join(0.5)
            assert waiting.is_alive()
            holder.commit()
            waiting.join(5)
            assert not waiting.is_alive()
        assert_dense(2)
    finally:
        with opened("owner", autocommit=True) as owner:
            owner.execute("DROP TABLE probe_child, probe_parent")
