"""What a killed process left in the spool is swept; what a living one writes is not."""

from __future__ import annotations

import fcntl
import io
import os
import time
import tracemalloc
from pathlib import Path

import pytest

from apps.core.errors import Unavailable
from apps.models.storage import blobs, receiving, spool


def aged(folder: Path) -> Path:
    """Return a spool file that nobody wrote to for two minutes."""
    path = folder / "incoming-x"
    path.write_bytes(b"half")
    os.utime(path, (time.time() - 120,) * 2)
    return path


def test_a_dead_process_s_file_is_removed_by_the_next_upload(folder: Path) -> None:
    path = aged(spool.spool_folder())
    with receiving(io.BytesIO(b"hello")):
        assert not path.exists()


def test_a_living_process_s_file_stays_however_slow_it_is(folder: Path) -> None:
    path = aged(spool.spool_folder())
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert (spool.sweep(path.parent), path.exists()) == (0, True)


def test_a_file_that_was_just_made_stays(folder: Path) -> None:
    path = spool.spool_folder() / "incoming-new"
    path.touch()
    assert (spool.sweep(path.parent), path.exists()) == (0, True)


class Zeros(io.RawIOBase):
    """A body of many zeros."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1, /) -> bytes:
        """Return the next zeros."""
        size = min(size, self.left)
        self.left -= size
        return bytes(size)


def test_memory_stays_constant_whatever_the_size(folder: Path) -> None:
    tracemalloc.start()
    with receiving(Zeros(100_000_000), size=100_000_000) as incoming:
        _, peak = tracemalloc.get_traced_memory()
        blobs.keep(incoming)
    tracemalloc.stop()
    assert peak < 5_000_000
    assert sum(len(chunk) for chunk in blobs.read(incoming.sha256)) == 100_000_000


@pytest.mark.usefixtures("bucket")
def test_a_storage_that_does_not_answer_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storages.backends.s3.S3Storage.exists", lambda *_: (_ for _ in ()).throw(OSError))
    with receiving(io.BytesIO(b"hello")) as incoming, pytest.raises(Unavailable) as refused:
        blobs.keep(incoming)
    assert (refused.value.code, list(spool.spool_folder().iterdir())) == ("storage_unavailable", [])
