"""Uploads of any size: memory stays where it was, and an upload that does not succeed leaves nothing behind.

UPLOAD_TEST_BYTES is the size of the large one: 2 GB unless given.
"""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import psutil
import pytest

from registry_portal.embedded.postgres import Cluster
from tests.concurrency.clients import API, Client
from tests.concurrency.invariants import Ledger
from tests.concurrency.organisation import filled
from tests.concurrency.registry import register_model, register_version
from tests.e2e.conftest import RunningPortal, started_portal, wait_until

LARGE = int(os.environ.get("UPLOAD_TEST_BYTES", 2_000_000_000))
ALLOWED_GROWTH = 200_000_000
CHUNK = 1024 * 1024
SAMPLE_SECONDS = 0.05
CUT_SIZE = 8 * CHUNK
UPLOADED = "SELECT count(*) AS n FROM audit_event WHERE type LIKE 'models.artifact.%'"


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    """Yield a running portal."""
    with started_portal(API_WRITES_PER_MINUTE="0") as running:
        yield running


@pytest.fixture(scope="module")
def client(portal: RunningPortal) -> Client:
    """Return a pipeline with a model."""
    caller = Client(portal.base_url, filled(portal.environment, 1, 1).pipelines[0])
    register_model(caller, "large", "low")
    return caller


@pytest.fixture
def version(client: Client) -> str:
    """Return the path of a pending version."""
    number = register_version(client, "large").expect(201).body["number"]
    return f"/models/large/versions/{number}"


@dataclass
class Stream:
    """So many bytes, made while they are sent; no two chunks are alike."""

    size: int
    hashing: hashlib._Hash = field(default_factory=hashlib.sha256)

    def __iter__(self) -> Iterator[bytes]:
        block = os.urandom(CHUNK)
        for start in range(0, self.size, CHUNK):
            chunk = (start.to_bytes(16, "big") + block)[: min(CHUNK, self.size - start)]
            self.hashing.update(chunk)
            yield chunk


@dataclass
class Memory:
    """Resident bytes of the processes that serve: at first, and the most that was seen."""

    processes: list[psutil.Process]
    before: int = 0
    most: int = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Sample until the block ends."""
        self.before = self.most = self.resident()
        over = threading.Event()

        def sample() -> None:
            while not over.wait(SAMPLE_SECONDS):
                self.most = max(self.most, self.resident())

        sampler = threading.Thread(target=sample)
        sampler.start()
        try:
            yield
        finally:
            over.set()
            sampler.join()

    def resident(self) -> int:
        """Return the sum over the processes, in bytes."""
        return sum(process.memory_info().rss for process in self.processes)


def kept(portal: RunningPortal) -> tuple[list[str], list[dict[str, object]]]:
    """Return every artifact file there is, with what is on its way, and every row that tells of one."""
    files = [str(path) for path in (portal.home / "artifacts").rglob("*") if path.is_file()]
    with closing(Ledger(Cluster(portal.home).url("app"))) as ledger:
        rows = ledger.rows("SELECT sha256 FROM models_blob") + ledger.rows("SELECT path FROM models_artifact")
        return sorted(files), rows + ledger.rows(UPLOADED)


def test_two_gigabytes_fit_into_the_memory_there_was(portal: RunningPortal, client: Client, version: str) -> None:
    master = psutil.Process(portal.pid("web"))
    memory, stream = Memory([master, *master.children()]), Stream(LARGE)
    client.put(f"{version}/artifacts/warm.bin", b"warm").expect(201)
    with memory.watched():
        answer = client.put(f"{version}/artifacts/large.bin", stream, Content_Length=str(LARGE)).expect(201)
    digest = stream.hashing.hexdigest()
    print(f"{LARGE:,} bytes: {memory.before:,} bytes resident before, at most {memory.most:,} while uploading")
    assert (answer.body["size"], answer.body["sha256"]) == (LARGE, digest)
    assert memory.most - memory.before < ALLOWED_GROWTH
    assert [path for path in kept(portal)[0] if os.path.getsize(path) == LARGE and path.endswith(digest)]


def test_wrong_digest_leaves_nothing_behind(portal: RunningPortal, client: Client, version: str) -> None:
    before = kept(portal)
    wrong = base64.b64encode(hashlib.sha256(b"something else").digest()).decode()
    content = os.urandom(CUT_SIZE)
    answer = client.put(f"{version}/artifacts/model.bin", content, Repr_Digest=f"sha-256=:{wrong}:").expect(400)
    assert answer.code == "digest_mismatch"
    assert kept(portal) == before


@pytest.mark.parametrize("sent", [1, CHUNK + 1, CUT_SIZE - 1])
def test_cut_upload_leaves_nothing_behind(portal: RunningPortal, client: Client, version: str, sent: int) -> None:
    before = kept(portal)
    cut(client, f"{version}/artifacts/model.bin", sent)
    assert wait_until(lambda: kept(portal) == before, 20), kept(portal)
    assert client.get(f"{version}/").body["artifacts"] == []


def test_cut_upload_in_chunks_leaves_nothing_behind(portal: RunningPortal, client: Client, version: str) -> None:
    before = kept(portal)
    head = {"Transfer-Encoding": "chunked"}
    cut(client, f"{version}/artifacts/model.bin", CUT_SIZE // 2, head, chunked=True)
    assert wait_until(lambda: kept(portal) == before, 20), kept(portal)


def test_upload_after_a_cut_one_succeeds(portal: RunningPortal, client: Client, version: str) -> None:
    path, content = f"{version}/artifacts/model.bin", os.urandom(CUT_SIZE)
    cut(client, path, CHUNK)
    answer = client.put(path, content).expect(201)
    assert answer.body["sha256"] == hashlib.sha256(content).hexdigest()


def cut(client: Client, path: str, sent: int, head: dict[str, str] | None = None, *, chunked: bool = False) -> None:
    """Announce an upload, send a part of it and hang up."""
    host, _, port = client.address.partition(":")
    headers = {"Host": client.address, **client.headers, **(head or {"Content-Length": str(CUT_SIZE)})}
    lines = [f"PUT {API}{path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    part = os.urandom(sent)
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode())
        connection.sendall(f"{sent:x}\r\n".encode() + part + b"\r\n" if chunked else part)
        # The portal is reading by now: what it has is a part, and no more comes.
        time.sleep(0.3)
