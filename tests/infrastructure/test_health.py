"""Probes tell the truth about what the portal needs, and only tell about what it can do without."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from pytest_django import Settings

from registry_portal import environment, health, production
from tests.e2e.conftest import free_port

ALL_WELL = {"database": "ok", "migrations": "ok", "storage": "ok", "broker": "ok"}


@pytest.fixture(autouse=True)
def forget_migrations() -> None:
    """Let every test read the state of the migrations anew."""
    health._migrated.clear()


def test_live_needs_nothing(client: Client) -> None:
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "live"})
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_everything_is_there(client: Client) -> None:
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (200, {"status": "ready", "checks": ALL_WELL})


@pytest.mark.django_db
def test_unready_while_migrations_wait(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["checks"] == {**ALL_WELL, "migrations": "failed: migrations are waiting"}


@pytest.mark.django_db
def test_unready_without_a_place_for_artifacts(client: Client, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    artifacts = {**django_settings.STORAGES["artifacts"], "OPTIONS": {"location": str(tmp_path / "file" / "artifacts")}}
    settings.STORAGES = {**django_settings.STORAGES, "artifacts": artifacts}
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["checks"] == {**ALL_WELL, "storage": "failed: Refused"}


@pytest.mark.django_db
def test_ready_without_a_broker_which_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", f"redis://127.0.0.1:{free_port()}/0")
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert response.json()["checks"] == {**ALL_WELL, "broker": "failed: OperationalError"}


@pytest.mark.django_db
def test_production_refuses_demonstration_users(settings: Settings) -> None:
    person = get_user_model().objects.create(username="demo-person", is_demo=True)
    production.refuse_demonstration_users()
    settings.PRODUCTION = True
    with pytest.raises(environment.Refused, match="demonstration users"):
        production.refuse_demonstration_users()
    get_user_model().objects.filter(pk=person.pk).update(is_active=False)
    production.refuse_demonstration_users()
