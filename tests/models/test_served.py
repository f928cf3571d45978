"""Uploads to the real web server, as the role that serves: constant memory, and clear answers to broken clients."""

from __future__ import annotations

import base64
import hashlib
import http.client
import io
import json
import os
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings
from django.db import connection

from apps.accounts.models import User
from apps.models.models import Artifact, Blob, ModelVersion, RegisteredModel
from tests import factories
from tests import registry_factories as registry
from tests.infrastructure import databases

pytestmark = pytest.mark.django_db(transaction=True)
MEBIBYTE = 1024 * 1024


@dataclass
class Served:
    """A running web server, and a token for it."""

    port: int
    home: Path
    token: str
    process: psutil.Process

    def left(self) -> list[str]:
        """Return the names of all files that artifacts left in the home."""
        return [path.name for path in (self.home / "artifacts").rglob("*") if path.is_file()]

    def memory(self) -> int:
        """Return the resident memory of the process that answers, in bytes."""
        return max(child.memory_info().rss for child in self.process.children(recursive=True))

    def put(self, path: str, body: Any, token: str | None = None, **headers: str) -> tuple[int, Any]:
        """PUT as the standard library does; return status and JSON."""
        all_headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/octet-stream"}
        where = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(where, data=body, method="PUT", headers={**all_headers, **headers})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def send(self, path: str, head: str, *parts: bytes, abort: bool = False) -> bytes:
        """Send a request by hand and stop in its middle; return what is answered."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as client:
            lines = f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n{head}\r\n\r\n"
            client.sendall(lines.encode())
            for part in parts:
                client.sendall(part)
            if abort:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return b""
            client.shutdown(socket.SHUT_WR)
            return client.makefile("rb").read()


@pytest.fixture
def served(contributor: User, tmp_path: Path) -> Iterator[Served]:
    """The web server over this test's database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    name = connection.settings_dict["NAME"]
    environment = {
        **{key: value for key, value in os.environ.items() if key not in {"PORTAL_ENV", "DJANGO_SETTINGS_MODULE"}},
        "DATABASE_URL": databases.url(name),
        "DATABASE_APP_URL": databases.url(name, "app"),
        "PORTAL_HOME": str(tmp_path),
        "PORT": str(port),
        "WEB_WORKERS": "1",
        "MAX_ARTIFACT_BYTES": str(400 * MEBIBYTE),
    }
    command = [sys.executable, "-m", "registry_portal.serve", "web"]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield Served(port, tmp_path, factories.token(contributor), psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def version(model: RegisteredModel) -> ModelVersion:
    """A pending version."""
    return registry.pending_version(model)


def wait_for(port: int) -> None:
    """Wait until the server answers."""
    for _ in range(600):
        try:
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            client.request("GET", "/health/live")
            client.getresponse()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the web server does not answer")


class Zeros(io.RawIOBase):
    """A body of zeros."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1, /) -> bytes:
        """Return the next zeros."""
        size = min(MEBIBYTE if size < 0 else size, self.left)
        self.left -= size
        return bytes(size)


def where(version: ModelVersion, path: str = "w.bin") -> str:
    """Return an artifact's address."""
    return f"/api/v1/models/{version.registered_model.name}/versions/{version.version}/artifacts/{path}"


def repr_digest(content: bytes) -> str:
    """Return a digest header's value."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def test_memory_stays_where_it_was_whatever_comes(served: Served, version: ModelVersion) -> None:
    assert served.put(where(version, "warm"), b"x")[0] == 201
    before = served.memory()
    size = 300 * MEBIBYTE
    status, body = served.put(where(version), Zeros(size), **{"Content-Length": str(size)})
    assert (status, body["size"]) == (201, size)
    assert served.memory() - before < 50 * MEBIBYTE


def test_a_cut_upload_leaves_nothing(served: Served, version: ModelVersion) -> None:
    part, whole = b"x" * MEBIBYTE, f"Content-Length: {9 * MEBIBYTE}"
    assert b"incomplete_upload" in served.send(where(version), whole, part)
    served.send(where(version), whole, part, abort=True)
    chunk = f"{MEBIBYTE:x}\r\n".encode() + part + b"\r\n"
    digest = f"Repr-Digest: {repr_digest(part * 2)}\r\nTransfer-Encoding: chunked"
    assert b"digest_mismatch" in served.send(where(version), digest, chunk)
    assert b"length_required" in served.send(where(version), "Transfer-Encoding: chunked", chunk)
    # The server notices the aborted connection in its own time.
    deadline = time.monotonic() + 20
    while served.left() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (served.left(), Artifact.objects.count(), Blob.objects.count()) == ([], 0, 0)


def test_a_whole_upload_in_chunks_is_kept(served: Served, version: ModelVersion) -> None:
    content = os.urandom(3 * MEBIBYTE)
    status, body = served.put(where(version), io.BytesIO(content), **{"Repr-Digest": repr_digest(content)})
    assert (status, body["sha256"]) == (201, hashlib.sha256(content).hexdigest())
    assert served.left() == [body["sha256"]]


def test_a_refusal_of_many_bytes_can_be_read(served: Served, version: ModelVersion) -> None:
    sealed = registry.sealed_version(version.registered_model)
    body = bytes(100 * MEBIBYTE)
    answers = [
        served.put(where(version, "a/%2e%2e/b"), body),
        served.put(where(version), body, token="rp_wrong"),
        served.put(where(sealed), body),
        served.put(where(version), Zeros(401 * MEBIBYTE), **{"Content-Length": str(401 * MEBIBYTE)}),
    ]
    assert [(status, problem["code"]) for status, problem in answers] == [
        (400, "invalid_path"), (401, "invalid_token"), (409, "version_sealed"), (413, "artifact_too_large"),
    ]  # fmt: skip
    assert served.left() == [artifact.blob_id for artifact in sealed.artifacts.all()]
