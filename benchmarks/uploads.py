"""Upload speed, beside writing and hashing the same bytes to the same disk without a portal."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.concurrency import registry
from tests.concurrency.clients import Client
from tests.e2e.conftest import RunningPortal

SIZE, CHUNK, TRIES = 256 * 1024 * 1024, 1024 * 1024, 3


@dataclass(frozen=True)
class Transfer:
    """Bytes a second of an upload and of the bare work, the best of several tries each."""

    size: int
    uploaded_per_second: float
    written_per_second: float

    @property
    def ratio(self) -> float:
        """How fast the upload is, the bare work being 1."""
        return self.uploaded_per_second / self.written_per_second

    def text(self) -> str:
        """Return the line aligned."""
        speed = f"{self.uploaded_per_second / 1e6:,.0f} MB/s"
        return f"{'upload of 256 MiB':<34}{1:>8}{speed:>12}{'':>12}   {self.ratio:.4f} of writing and hashing"


def measure(portal: RunningPortal, token: str, model: str) -> Transfer:
    """Upload and write in turns, so that both see the same disk."""
    client = Client(portal.base_url, token)
    version = registry.register_version(client, model).expect(201).body["version"]
    path, uploaded, written = f"/models/{model}/versions/{version}/artifacts", 0.0, 0.0
    for attempt in range(TRIES):
        # Other bytes each time, else the portal would keep the first.
        seed = os.urandom(CHUNK - 16)
        begun = time.perf_counter()
        client.put(f"{path}/{attempt}.bin", chunks(seed), Content_Length=str(SIZE)).expect(201)
        uploaded = max(uploaded, SIZE / (time.perf_counter() - begun))
        begun = time.perf_counter()
        write_and_hash(portal.home / "bench.bin", chunks(seed))
        written = max(written, SIZE / (time.perf_counter() - begun))
    return Transfer(SIZE, uploaded, written)


def chunks(seed: bytes) -> Iterator[bytes]:
    """Yield the bytes in chunks of 1 MiB, no two alike."""
    for number in range(SIZE // CHUNK):
        yield number.to_bytes(16, "big") + seed


def write_and_hash(path: Path, content: Iterator[bytes]) -> str:
    """Write to a file, sync it and return the SHA-256."""
    hashing = hashlib.sha256()
    with open(path, "wb") as file:
        for chunk in content:
            hashing.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    return hashing.hexdigest()
