"""Artifact bytes over HTTP: digests checked, ranges answered, nothing shown to strangers."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.models.models import Artifact, Blob, ModelVersion, RegisteredModel
from apps.models.storage import blobs
from tests import factories
from tests import registry_factories as registry
from tests.assertions import assert_unchanged

CONTENT = bytes(range(256)) * 40
SHA256 = hashlib.sha256(CONTENT).digest()
DIGEST = base64.b64encode(SHA256).decode()
OTHER = base64.b64encode(bytes(32)).decode()
ETAG = f'"{SHA256.hex()}"'


@pytest.fixture
def version(model: RegisteredModel, storage: str) -> ModelVersion:
    """A pending version, its artifacts going into each storage."""
    return registry.pending_version(model)


@pytest.fixture
def api(contributor: User) -> APIClient:
    """The contributor's client."""
    return factories.api(contributor)


def url(version: ModelVersion, path: str = "a/model.bin") -> str:
    """Return an artifact's address."""
    return reverse("api-artifact", args=[version.registered_model.name, version.version, path])


def put(api: APIClient, where: str, content: bytes = CONTENT, **headers: str) -> Any:
    """Upload bytes."""
    return api.put(where, data=content, content_type="application/octet-stream", headers=headers)


def body(answer: Any) -> bytes:
    """Return the streamed body."""
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Repr-Digest": f"sha-256=:{DIGEST}:"},
        {"Repr-Digest": f"sha-512=:AAAA:, sha-256=:{DIGEST}:"},
        {"Content-Digest": f"SHA-256=:{DIGEST}:"},
        {"Digest": f"SHA-256={DIGEST}"},
        {"Digest": f"sha-256={DIGEST}", "Repr-Digest": f"sha-256=:{DIGEST}:"},
    ],
)
def test_bytes_are_uploaded_with_any_kind_of_digest(
    headers: dict[str, str], api: APIClient, version: ModelVersion
) -> None:
    answer = put(api, url(version), **headers)
    assert answer.status_code == 201
    expected = {"path": "a/model.bin", "size": len(CONTENT), "sha256": SHA256.hex(), "outcome": "created"}
    assert expected.items() <= answer.json().items()
    assert put(api, url(version), **headers).json()["outcome"] == "unchanged"
    assert put(api, url(version), b"other").json()["outcome"] == "replaced"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Repr-Digest": f"sha-256=:{OTHER}:"}, "digest_mismatch"),
        ({"Digest": f"SHA-256={OTHER}"}, "digest_mismatch"),
        ({"Repr-Digest": f"sha-256=:{DIGEST}:", "Digest": f"SHA-256={OTHER}"}, "digest_mismatch"),
        ({"Repr-Digest": "sha-512=:AAAA:"}, "invalid_digest"),
        ({"Repr-Digest": "sha-256=:AAAA:"}, "invalid_digest"),
        ({"Repr-Digest": "nonsense"}, "invalid_digest"),
        ({"Repr-Digest": ""}, "invalid_digest"),
        ({"Content-Range": "bytes 0-9/20"}, "unsupported_header"),
        ({"Content-Encoding": "gzip"}, "unsupported_header"),
    ],
)
def test_a_wrong_header_leaves_nothing(
    headers: dict[str, str], code: str, api: APIClient, version: ModelVersion
) -> None:
    with assert_unchanged(Artifact, Blob):
        answer = put(api, url(version), **headers)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_chunks_without_a_digest_cannot_be_told_from_a_cut(api: APIClient, version: ModelVersion) -> None:
    with assert_unchanged(Artifact, Blob):
        answer = api.generic("PUT", url(version), b"", HTTP_TRANSFER_ENCODING="chunked")
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


def test_too_many_bytes_are_refused(api: APIClient, version: ModelVersion, settings: Settings) -> None:
    settings.MAX_ARTIFACT_BYTES = 1000
    with assert_unchanged(Artifact, Blob):
        answer = put(api, url(version))
    assert (answer.status_code, answer.json()["code"]) == (413, "artifact_too_large")


@pytest.mark.parametrize("path", ["../x", "%2e%2e/x", "/etc/passwd", "a/../x", "a\\x", "nul", "a%2Fb", "x%00"])
def test_hostile_paths_are_refused_in_both_directions(path: str, api: APIClient, version: ModelVersion) -> None:
    where = url(version, "x").removesuffix("x") + path.replace("%", "%25").replace("\\", "%5C")
    with assert_unchanged(Artifact, Blob):
        answers = [put(api, where), api.get(where), api.post(where, {"sha256": SHA256.hex()})]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, "invalid_path")] * 3


def test_a_sealed_version_answers_conflict(api: APIClient, model: RegisteredModel) -> None:
    version = registry.sealed_version(model)
    with assert_unchanged(Artifact, Blob):
        answer = put(api, url(version))
    assert (answer.status_code, answer.json()["code"]) == (409, "version_sealed")


def test_a_reviewer_reads_but_does_not_upload(version: ModelVersion, api: APIClient, reviewer: User) -> None:
    put(api, url(version))
    reading = factories.api(reviewer)
    with assert_unchanged(Artifact, Blob):
        assert put(reading, url(version, "new")).status_code == 403
    assert body(reading.get(url(version))) == CONTENT


def test_known_bytes_are_linked_by_digest(version: ModelVersion, api: APIClient) -> None:
    put(api, url(version))
    answer = api.post(url(version, "again.bin"), {"sha256": SHA256.hex(), "size": len(CONTENT)})
    assert (answer.status_code, answer.json()["outcome"]) == (201, "created")
    unknown = api.post(url(version, "other.bin"), {"sha256": "0" * 64})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_blob")
    assert api.post(url(version, "other.bin"), {"sha256": "XYZ"}).status_code == 400


def test_a_download_tells_what_it_is(version: ModelVersion, api: APIClient) -> None:
    put(api, url(version, "a/wéights.html"))
    answer = api.get(url(version, "a/wéights.html"), headers={"Accept": "application/octet-stream"})
    assert body(answer) == CONTENT
    expected = {
        "Content-Type": "application/octet-stream",
        "Content-Length": str(len(CONTENT)),
        "ETag": ETAG,
        "Repr-Digest": f"sha-256=:{DIGEST}:",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "attachment; filename*=utf-8''w%C3%A9ights.html",
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
    }
    assert expected.items() <= dict(answer.items()).items()


SIZE = len(CONTENT)


@pytest.mark.parametrize(
    ("headers", "status", "start", "stop"),
    [
        ({}, 200, 0, SIZE),
        ({"Range": "bytes=0-0"}, 206, 0, 1),
        ({"Range": "bytes=100-199"}, 206, 100, 200),
        ({"Range": "bytes=100-"}, 206, 100, SIZE),
        ({"Range": "bytes=-100"}, 206, SIZE - 100, SIZE),
        ({"Range": "bytes=-999999"}, 206, 0, SIZE),
        ({"Range": "bytes=0-999999"}, 206, 0, SIZE),
        ({"Range": f"bytes=0-{2**64}"}, 206, 0, SIZE),
        ({"Range": "bytes=5-2"}, 200, 0, SIZE),
        ({"Range": "bytes=-"}, 200, 0, SIZE),
        ({"Range": "lines=1-2"}, 200, 0, SIZE),
        ({"Range": "bytes=0-1,5-9"}, 200, 0, SIZE),
        ({"Range": "bytes=0-9", "If-Range": ETAG}, 206, 0, 10),
        ({"Range": "bytes=0-9", "If-Range": '"other"'}, 200, 0, SIZE),
        ({"Range": "bytes=0-9", "If-Range": f"W/{ETAG}"}, 200, 0, SIZE),
    ],
)
def test_a_range_is_answered(
    headers: dict[str, str], status: int, start: int, stop: int, version: ModelVersion, api: APIClient
) -> None:
    put(api, url(version))
    answer = api.get(url(version), headers=headers)
    assert (answer.status_code, answer["Content-Length"], answer["ETag"]) == (status, str(stop - start), ETAG)
    assert answer.get("Content-Range") == (f"bytes {start}-{stop - 1}/{SIZE}" if status == 206 else None)
    assert body(answer) == CONTENT[start:stop]
    head = api.head(url(version), headers=headers)
    assert (head.status_code, head["Content-Length"], body(head)) == (status, str(stop - start), b"")


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"])
def test_a_range_outside_is_refused(asked: str, version: ModelVersion, api: APIClient) -> None:
    put(api, url(version))
    answer = api.get(url(version), headers={"Range": asked})
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{SIZE}")
    assert answer.json()["code"] == "range_not_satisfiable"


def test_what_the_reader_has_is_not_sent_again(version: ModelVersion, api: APIClient) -> None:
    put(api, url(version))
    answer = api.get(url(version), headers={"If-None-Match": ETAG})
    assert (answer.status_code, answer.content) == (304, b"")


def test_an_empty_file_is_downloaded(version: ModelVersion, api: APIClient) -> None:
    put(api, url(version), b"")
    answer = api.get(url(version))
    assert (answer.status_code, answer["Content-Length"], body(answer)) == (200, "0", b"")
    assert api.get(url(version), headers={"Range": "bytes=0-"}).status_code == 416


def test_bytes_that_the_storage_lost_are_told_before_anything_is_sent(version: ModelVersion, api: APIClient) -> None:
    put(api, url(version))
    blobs.discard(SHA256.hex())
    answer = api.get(url(version))
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")


def test_an_unknown_artifact_has_its_own_code(version: ModelVersion, api: APIClient) -> None:
    answer = api.get(url(version))
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_artifact")


def test_a_token_to_read_uploads_nothing(version: ModelVersion, contributor: User) -> None:
    reading = factories.api(contributor, "models:read")
    with assert_unchanged(Artifact, Blob):
        assert put(reading, url(version)).json()["code"] == "missing_scope"


class Interrupted(io.BytesIO):
    """A body in whose midst something happens."""

    def __init__(self, content: bytes, happens: Callable[[], Any]) -> None:
        super().__init__(content)
        self.happens: Callable[[], Any] | None = happens

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and let it happen at the first time."""
        if self.happens is not None:
            happens, self.happens = self.happens, None
            happens()
        return super().read(size)


@pytest.mark.parametrize("loss", ["revoked", "expired", "deactivated"])
def test_upload_whose_token_is_lost_meanwhile_leaves_nothing(
    version: ModelVersion, api: APIClient, contributor: User, loss: str
) -> None:
    past = timezone.now() - timedelta(seconds=1)
    happens = {
        "revoked": lambda: contributor.tokens.update(revoked_at=past),
        "expired": lambda: contributor.tokens.update(expires_at=past),
        "deactivated": lambda: User.objects.filter(pk=contributor.pk).update(is_active=False),
    }[loss]
    sent = {"wsgi.input": Interrupted(CONTENT, happens), "CONTENT_LENGTH": str(len(CONTENT))}
    with assert_unchanged(Artifact, Blob):
        answer = api.generic("PUT", url(version), content_type="application/octet-stream", **sent)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert not blobs.exists(SHA256.hex())
