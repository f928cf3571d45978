"""Provenance: which nodes and edges a registration makes, which it shares, and what it never tells."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction

from apps.audit.models import Event
from apps.lineage import actions, inputs
from apps.lineage.models import Edge, Node
from apps.models.models import ModelVersion, RegisteredModel
from tests.lineage.conftest import Register, dataset, parent, pending_version

CODE = {"repository": "git.example/fraud", "commit": "d58eac05fb4fc774a26b5776773f08f8dee53411", "path": "train.py"}
RUN = {"system": "airflow", "id": "run-7", "uri": "https://airflow.example/run-7"}
SHA256 = "9c121222d0cc960d23238234334bcce88ea1253aab6caba8dd2fcd111792e711"


def edges_into(version: ModelVersion) -> set[tuple[str, str]]:
    rows = Edge.objects.filter(target__version=version)
    return set(rows.values_list("kind", "source__label"))


def test_registration_draws_every_named_input(fraud: RegisteredModel, drawn: Register) -> None:
    first = drawn(fraud)
    version = drawn(fraud, datasets=[dataset(), dataset("merchants")], code=CODE, run=RUN, parents=[parent(first)])
    assert edges_into(version) == {
        ("trained_on", "warehouse/cards 2026-10"),
        ("trained_on", "warehouse/merchants 2026-10"),
        ("built_from", "git.example/fraud@d58eac05fb4f train.py"),
        ("produced_by", "airflow run-7"),
        ("derived_from", "card-fraud 1.1.0"),
    }


def test_version_without_lineage_gets_its_node_alone(fraud: RegisteredModel, drawn: Register) -> None:
    version = drawn(fraud)
    assert Node.objects.get().version == version
    assert not Edge.objects.exists()


def test_two_versions_share_the_nodes_they_both_name(fraud: RegisteredModel, drawn: Register) -> None:
    drawn(fraud, datasets=[dataset()], code=CODE, run=RUN)
    drawn(fraud, datasets=[dataset()], code=CODE, run=RUN)
    assert Node.objects.filter(version=None).count() == 3
    assert Edge.objects.count() == 6


@pytest.mark.parametrize(
    "other",
    [dataset("accounts"), dataset(version="2026-11"), dataset(digest="md5:1"), {**dataset(), "namespace": "lake"}],
)
def test_dataset_that_differs_in_identity_is_another_node(
    fraud: RegisteredModel, drawn: Register, other: dict[str, str]
) -> None:
    drawn(fraud, datasets=[dataset(), other])
    assert Node.objects.filter(kind="dataset").count() == 2


def test_same_sha256_written_differently_is_one_node(fraud: RegisteredModel, drawn: Register) -> None:
    drawn(fraud, datasets=[dataset(digest=f"sha256:{SHA256}"), dataset(digest=SHA256.upper())])
    assert Node.objects.get(kind="dataset").facts["digest"] == f"sha256:{SHA256}"


def test_address_of_a_dataset_stands_on_the_edge_of_who_named_it(fraud: RegisteredModel, drawn: Register) -> None:
    version = drawn(fraud, datasets=[dataset(uri="s3://secret-bucket/cards")])
    assert "uri" not in Node.objects.get(kind="dataset").facts
    assert Edge.objects.get(target__version=version).facts == {"uri": "s3://secret-bucket/cards"}


def test_parent_the_registrant_may_not_see_is_left_out_like_one_that_does_not_exist(
    fraud: RegisteredModel, secret: RegisteredModel, drawn: Register
) -> None:
    hidden = drawn(secret)
    drawn(fraud, parents=[parent(hidden), {"model": "nowhere", "version": "1.0.0"}])
    assert not Edge.objects.exists()


def test_parent_without_node_gets_one(fraud: RegisteredModel, drawn: Register) -> None:
    first = pending_version(fraud)
    version = drawn(fraud, parents=[parent(first)])
    assert edges_into(version) == {("derived_from", "card-fraud 1.1.0")}


def test_drawing_twice_changes_nothing(fraud: RegisteredModel, drawn: Register) -> None:
    version = drawn(fraud, datasets=[dataset()], code=CODE)
    before = [*Node.objects.order_by("pk").values(), *Edge.objects.order_by("pk").values()]
    actions.record_provenance(version)
    assert [*Node.objects.order_by("pk").values(), *Edge.objects.order_by("pk").values()] == before


def test_drawing_records_no_event_of_its_own(fraud: RegisteredModel, drawn: Register) -> None:
    drawn(fraud, datasets=[dataset()])
    assert not Event.objects.exists()


@pytest.mark.parametrize("statement", ["UPDATE {} SET created_at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("table", ["lineage_node", "lineage_edge"])
def test_database_refuses_to_rewrite_provenance(
    fraud: RegisteredModel, drawn: Register, statement: str, table: str
) -> None:
    drawn(fraud, datasets=[dataset()])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="append-only"):
            cursor.execute(statement.format(table))


@pytest.mark.parametrize(
    "document", [None, [], "cards", {"datasets": {}, "parents": 3}, {"datasets": [7, {}], "code": "x", "run": []}]
)
def test_unreadable_document_names_nothing(document: object) -> None:
    assert inputs.read(document) == inputs.Inputs()


@pytest.mark.django_db(transaction=True)
def test_versions_registered_at_once_share_nodes_and_never_deadlock(fraud: RegisteredModel) -> None:
    names = [dataset(f"table-{number}") for number in range(5)]
    versions = [pending_version(fraud, datasets=names[::step], run=RUN) for step in (1, -1, 1, -1)]

    def register(version: ModelVersion) -> int:
        try:
            return actions.record_provenance(version).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(len(versions)) as pool:
        with transaction.atomic():
            # Everybody waits for the table in the middle, which is not there in the end.
            actions.record_provenance(pending_version(fraud, datasets=[names[2]]))
            drawn = [pool.submit(register, version) for version in versions]
            wait_until_blocked(len(versions))
            transaction.set_rollback(True)
        assert len({each.result(20) for each in drawn}) == len(versions)
    assert Node.objects.filter(kind="dataset").count() == 5
    assert Edge.objects.count() == 4 * 6


def wait_until_blocked(number: int) -> None:
    """Return once so many other connections wait for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone()[0] == number:
                return
        time.sleep(0.05)
    raise AssertionError(f"not all of {number} came to wait")
