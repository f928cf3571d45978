"""A model of the personas' team, and both storages to run the same tests over."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from moto.server import ThreadedMotoServer
from pytest_django import Settings
from storages.backends.s3 import S3Storage

from apps.accounts.models import Team, User
from apps.models.models import RegisteredModel
from tests import registry_factories as registry


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    """An empty folder that keeps artifacts."""
    where = tmp_path / "artifacts"
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = {**settings.STORAGES, "artifacts": {"BACKEND": backend, "OPTIONS": {"location": str(where)}}}
    return where


@pytest.fixture(scope="session")
def s3_storage() -> Iterator[S3Storage]:
    """A storage in an S3 on loopback, made once: its client takes half a second."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    storage = S3Storage(
        bucket_name="artifacts",
        endpoint_url=f"http://127.0.0.1:{port}",
        access_key="test",
        secret_key="test",
        region_name="us-east-1",
        default_acl=None,
        file_overwrite=False,
        location="portal",
    )
    storage.bucket.create()
    yield storage
    server.stop()


@pytest.fixture
def bucket(s3_storage: S3Storage, folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An empty bucket that keeps artifacts instead of the folder."""
    s3_storage.bucket.objects.all().delete()
    settings.PORTAL_HOME = folder.parent
    monkeypatch.setitem(storages._storages, "artifacts", s3_storage)
    return s3_storage.bucket


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest) -> str:
    """Each of the storages in turn."""
    if request.param == "s3":
        request.getfixturevalue("bucket")
    return str(request.param)


@pytest.fixture
def model(team: Team, contributor: User) -> RegisteredModel:
    """A registered model of the personas' team."""
    return registry.registered_model(team, actor=contributor, name="card-fraud", risk_tier="medium")
