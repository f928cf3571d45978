"""The portal on servers instead of embedded services: PostgreSQL, Redis, RabbitMQ."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from celery import Celery
from django.conf import settings
from kombu import Connection
from kombu.exceptions import OperationalError
from psycopg import sql

from tests.e2e.conftest import free_port, started_portal, wait_until
from tests.infrastructure.test_supervisor import RESTART_LIMIT, healthy

OUTAGE_LIMIT = 5


@pytest.fixture
def server_database(postgres_server_url: str) -> Iterator[str]:
    """Yield the URL of an empty database whose owner may create roles but is no superuser."""
    name = f"portal_{secrets.token_hex(4)}"
    parts = urlsplit(postgres_server_url)
    with psycopg.connect(postgres_server_url, autocommit=True) as server:
        words = {"name": sql.Identifier(name), "app": sql.Identifier(f"{name}_app")}
        server.execute(sql.SQL("CREATE ROLE {name} LOGIN CREATEROLE PASSWORD 'owner'").format(**words))
        server.execute(sql.SQL("CREATE DATABASE {name} OWNER {name}").format(**words))
        yield urlunsplit((parts.scheme, f"{name}:owner@{parts.hostname}:{parts.port or 5432}", f"/{name}", "", ""))
        server.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**words))
        server.execute(sql.SQL("DROP ROLE IF EXISTS {app}").format(**words))
        server.execute(sql.SQL("DROP ROLE {name}").format(**words))


@pytest.mark.redis
@pytest.mark.postgres_server
def test_portal_runs_on_a_postgresql_server_and_redis(home: Path, server_database: str, redis_url: str) -> None:
    variables = {"DATABASE_URL": server_database, "CELERY_BROKER_URL": redis_url, "CACHE_URL": redis_url}
    with started_portal(home, **variables) as portal:
        assert healthy(portal)
        assert not (portal.home / "postgres").exists()
        with psycopg.connect(server_database) as owner:
            query = "SELECT DISTINCT usename::text FROM pg_stat_activity WHERE datname = current_database()"
            roles = {row[0] for row in owner.execute(query)} - {owner.info.user}
            assert roles == {f"{owner.info.dbname}_app"}
            held = owner.execute("SELECT has_table_privilege(%s, 'audit_event', 'UPDATE, DELETE, TRUNCATE')", [*roles])
            assert held.fetchone() == (False,)
        victim = portal.kill("worker")
        assert wait_until(lambda: portal.pid("worker") != victim and healthy(portal), RESTART_LIMIT)
    with Connection(redis_url) as broker:
        broker.default_channel.client.flushdb()


@pytest.mark.rabbitmq
def test_portal_runs_on_rabbitmq(home: Path, rabbitmq_url: str) -> None:
    with started_portal(home, CELERY_BROKER_URL=rabbitmq_url) as portal:
        assert healthy(portal)
        assert not list((portal.home / "broker" / "queue").glob("*"))


@pytest.mark.parametrize("url", ["redis://127.0.0.1:{port}/0", "amqp://guest:guest@127.0.0.1:{port}//"])
def test_broker_that_is_down_is_noticed_quickly(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CELERY_BROKER_URL")
    broken = Celery("broken", broker=url.format(port=free_port()), set_as_current=False)
    broken.conf.update(
        broker_transport_options={"max_retries": 1, "interval_start": 0, "interval_max": 0.2},
        broker_connection_timeout=settings.CELERY_BROKER_CONNECTION_TIMEOUT,
    )
    begun = time.monotonic()
    with pytest.raises(OperationalError):
        broken.send_task("anything", retry=False)
    assert time.monotonic() - begun < OUTAGE_LIMIT
