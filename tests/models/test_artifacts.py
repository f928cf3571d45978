"""Artifacts arrive whole or not at all, and the same bytes are kept once; over the folder and over S3."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import DatabaseError
from pytest_django import Settings

from apps.accounts.models import User
from apps.core.errors import Conflict, Forbidden, Invalid, NotFound, PortalError, TooLarge, Unavailable
from apps.models import actions, events
from apps.models.models import Artifact, Blob, ModelVersion, RegisteredModel
from apps.models.storage import blobs, spool
from tests import registry_factories as registry
from tests.assertions import assert_audited, assert_unchanged

HELLO = hashlib.sha256(b"hello").hexdigest()
TABLES = (Artifact, Blob)


@pytest.fixture
def version(model: RegisteredModel, storage: str) -> ModelVersion:
    """A pending version, its artifacts going into each storage."""
    return registry.pending_version(model)


def upload(
    version: ModelVersion, content: bytes = b"hello", path: str = "a/model.bin", **options: Any
) -> actions.Placed:
    """Upload bytes as whoever registered the version."""
    options = {"actor": version.registered_by, "stream": io.BytesIO(content), **options}
    return actions.upload_artifact(version, path=path, **options)


def kept() -> set[str]:
    """Return the names of all files in the storage, those arriving included."""
    storage: Any = storages["artifacts"]
    if hasattr(storage, "bucket"):
        remote = {item.key.removeprefix("portal/") for item in storage.bucket.objects.all()}
        return remote | {path.name for path in spool.spool_folder().iterdir()}
    root = Path(storage.location)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


class Breaking(io.BytesIO):
    """A body that breaks off."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the bytes once, then fail as servers do."""
        if content := super().read(size):
            return content
        raise ConnectionResetError


def test_an_upload_is_kept_under_its_digest(version: ModelVersion, contributor: User) -> None:
    with assert_audited(events.ARTIFACT_UPLOADED, version, actor=contributor) as recorded:
        placed = upload(version, size=5, sha256=HELLO)
    artifact = placed.artifact
    assert (placed.outcome, artifact.path, artifact.blob_id, artifact.blob.size) == ("created", "a/model.bin", HELLO, 5)
    assert (recorded.data["sha256"], recorded.data["size"], recorded.data["path"]) == (HELLO, 5, "a/model.bin")
    assert kept() == {artifact.blob.storage_name}
    assert b"".join(blobs.read(HELLO)) == b"hello"
    assert blobs.verify(artifact.blob)


def test_an_empty_file_is_a_file(version: ModelVersion) -> None:
    blob = upload(version, b"").artifact.blob
    assert (blob.size, b"".join(blobs.read(blob.sha256)), blobs.verify(blob)) == (0, b"", True)


def test_the_format_comes_from_the_bytes_not_from_the_name(version: ModelVersion) -> None:
    assert upload(version, b"\x80\x04K\x01.", "model.safetensors").artifact.blob.format == "pickle"


@pytest.mark.parametrize(
    ("options", "error", "code"),
    [
        ({"size": 9}, Invalid, "incomplete_upload"),
        ({"size": 3}, Invalid, "incomplete_upload"),
        ({"sha256": "0" * 64}, Invalid, "digest_mismatch"),
        ({"stream": Breaking(b"hello")}, Invalid, "incomplete_upload"),
        ({"path": "../x"}, Invalid, "invalid_path"),
        ({"content": b"x" * 101}, TooLarge, "artifact_too_large"),
        ({"content": b"x", "size": 10**12}, TooLarge, "artifact_too_large"),
    ],
)
def test_a_wrong_upload_leaves_nothing(
    options: dict[str, Any], error: type[PortalError], code: str, version: ModelVersion, settings: Settings
) -> None:
    settings.MAX_ARTIFACT_BYTES = 100
    with assert_unchanged(*TABLES), pytest.raises(error) as refused:
        upload(version, **options)
    assert (refused.value.code, kept()) == (code, set())


def test_a_full_disk_leaves_nothing(version: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "RESERVE", 2**62)
    with assert_unchanged(*TABLES), pytest.raises(Unavailable) as refused:
        upload(version)
    assert (refused.value.code, kept()) == ("storage_full", set())


def test_a_failing_database_leaves_nothing(version: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(Artifact.objects, "create", fail)
    with assert_unchanged(*TABLES), pytest.raises(DatabaseError):
        upload(version)
    assert kept() == set()


def test_a_stranger_s_bytes_are_not_even_read(version: ModelVersion, stranger: User) -> None:
    with assert_unchanged(*TABLES), pytest.raises(Forbidden):
        upload(version, actor=stranger, stream=Breaking())
    assert kept() == set()


def test_the_same_bytes_are_stored_once(version: ModelVersion) -> None:
    first, second = upload(version, path="one"), upload(version, path="two")
    assert first.artifact.blob == second.artifact.blob
    assert kept() == {first.artifact.blob.storage_name}


def test_the_same_upload_again_changes_nothing(version: ModelVersion, owner: User) -> None:
    upload(version)
    with assert_unchanged(*TABLES):
        placed = upload(version, actor=owner)
    assert placed.outcome == "unchanged"


def test_other_bytes_replace_an_artifact_before_sealing(version: ModelVersion, owner: User) -> None:
    before = upload(version).artifact
    with assert_audited(events.ARTIFACT_REPLACED, version, actor=owner) as recorded:
        placed = upload(version, b"world!", actor=owner)
    assert (placed.outcome, placed.artifact.pk, placed.artifact.uploaded_by) == ("replaced", before.pk, owner)
    assert (recorded.data["before"]["sha256"], recorded.data["after"]["size"]) == (HELLO, 6)


def test_a_sealed_version_takes_nothing(version: ModelVersion, contributor: User) -> None:
    upload(version)
    actions.seal_version(version, actor=contributor)
    for path in ("a/model.bin", "new"):
        with assert_unchanged(*TABLES), pytest.raises(Conflict) as refused:
            upload(version, b"other", path)
        assert refused.value.code == "version_sealed"
    assert len(kept()) == 1


@pytest.mark.parametrize("path", ["A/model.bin", "a", "a/model.bin/x"])
def test_a_colliding_path_is_refused(path: str, version: ModelVersion) -> None:
    upload(version)
    with assert_unchanged(*TABLES), pytest.raises(Invalid) as refused:
        upload(version, b"other", path)
    assert (refused.value.code, len(kept())) == ("path_collision", 1)


def test_known_bytes_are_linked_without_being_sent(version: ModelVersion, contributor: User) -> None:
    registry.sealed_version(version.registered_model, files={"model.bin": b"hello"})
    with assert_audited(events.ARTIFACT_LINKED, version, actor=contributor):
        placed = actions.link_artifact(version, path="again.bin", sha256=HELLO, size=5, actor=contributor)
    assert (placed.outcome, placed.artifact.blob_id) == ("created", HELLO)


@pytest.mark.parametrize(("sha256", "size"), [(HELLO, None), ("0" * 64, None), ("not a digest", 5)])
def test_bytes_that_the_actor_cannot_read_are_unknown(sha256: str, size: int | None, version: ModelVersion) -> None:
    registry.sealed_version(files={"model.bin": b"hello"})
    with assert_unchanged(*TABLES), pytest.raises(NotFound) as refused:
        actions.link_artifact(version, path="x", sha256=sha256, size=size, actor=version.registered_by)
    assert refused.value.code == "unknown_blob"


def test_a_range_is_read_alone(version: ModelVersion) -> None:
    content = os.urandom(3_000_000)
    digest = upload(version, content).artifact.blob_id
    assert b"".join(blobs.read(digest, 1_000_000, 2_500_001)) == content[1_000_000:2_500_001]
    assert b"".join(blobs.read(digest, 2_999_999)) == content[-1:]
    assert b"".join(blobs.read(digest, 5, 5)) == b""


def test_an_opened_blob_can_be_read_anywhere(version: ModelVersion) -> None:
    blob = upload(version, b"0123456789").artifact.blob
    with blobs.open(blob) as file:
        file.seek(7)
        assert file.read() == b"789"


def test_lost_bytes_are_told_and_come_back_with_the_next_upload(version: ModelVersion) -> None:
    blob = upload(version).artifact.blob
    blobs.discard(blob.sha256)
    assert not blobs.verify(blob)
    with pytest.raises(Unavailable):
        list(blobs.read(blob.sha256))
    upload(version, path="again")
    assert blobs.verify(blob)


def test_changed_bytes_are_told(version: ModelVersion) -> None:
    blob = upload(version).artifact.blob
    storage: Any = storages["artifacts"]
    storage.delete(blob.storage_name)
    storage.save(blob.storage_name, io.BytesIO(b"hellO"))
    assert not blobs.verify(blob)
