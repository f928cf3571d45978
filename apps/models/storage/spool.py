"""Receiving bytes: constant memory, hashed while streaming, gone without trace unless they are kept."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, storages

from apps.core.errors import Invalid, TooLarge, Unavailable

CHUNK = 1024 * 1024
# Room that stays free on the spool's disk whatever is uploaded, in bytes.
RESERVE = 256 * 1024 * 1024
GRACE_SECONDS = 60


class Readable(Protocol):
    """Anything bytes can be read from, such as a request body."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, nothing at the end."""


@dataclass
class Incoming:
    """Bytes that have arrived completely and are known by size and digest."""

    file: BinaryIO
    path: Path
    size: int
    sha256: str
    placed: bool = False


@contextmanager
def receiving(stream: Readable, *, size: int | None = None, sha256: str | None = None) -> Iterator[Incoming]:
    """Read `stream` to its end into a spool file that is removed when the block ends.

    Raises TooLarge above MAX_ARTIFACT_BYTES, Invalid (`incomplete_upload`, `digest_mismatch`) where fewer bytes
    came than announced or others, Unavailable (`storage_full`) where the disk has no room.
    """
    _require_room(size)
    folder = spool_folder()
    sweep(folder)
    descriptor, name = tempfile.mkstemp(prefix="incoming-", dir=folder)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w+b", buffering=0) as file:
            # Whoever finds the file unlocked knows that its process is gone.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            incoming = _receive(stream, file, path, size)
            _require_digest(incoming, sha256)
            yield incoming
    finally:
        path.unlink(missing_ok=True)


def spool_folder() -> Path:
    """Return where bytes arrive: beside the blobs on a file system, so that keeping one is a rename."""
    storage: Storage = storages["artifacts"]
    root = Path(storage.location if isinstance(storage, FileSystemStorage) else settings.PORTAL_HOME)
    folder = root / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sweep(folder: Path) -> int:
    """Remove spool files whose process was killed; return how many."""
    removed = 0
    for path in folder.glob("incoming-*"):
        try:
            with path.open("rb") as file:
                if time.time() - os.fstat(file.fileno()).st_mtime < GRACE_SECONDS:
                    continue
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
                removed += 1
        except (BlockingIOError, FileNotFoundError):
            continue
    return removed


def _require_room(size: int | None) -> None:
    if size is not None and size > settings.MAX_ARTIFACT_BYTES:
        raise _too_large()
    if (size or 0) + RESERVE > shutil.disk_usage(spool_folder()).free:
        raise _full()


def _receive(stream: Readable, file: BinaryIO, path: Path, size: int | None) -> Incoming:
    hashing, received = hashlib.sha256(), 0
    while chunk := _next(stream):
        received += len(chunk)
        if received > settings.MAX_ARTIFACT_BYTES:
            raise _too_large()
        hashing.update(chunk)
        _write(file, chunk)
    if size is not None and received != size:
        raise Invalid(
            f"{received:,} bytes came, {size:,} were announced; nothing was kept. Send the file again.",
            code="incomplete_upload",
        )
    os.fsync(file.fileno())
    file.seek(0)
    return Incoming(file, path, received, hashing.hexdigest())


def _next(stream: Readable) -> bytes:
    try:
        return stream.read(CHUNK)
    except Exception as error:
        # Each server has its own exception for a client that went away.
        message = "The upload broke off; nothing was kept. Send the file again."
        raise Invalid(message, code="incomplete_upload") from error


def _write(file: BinaryIO, chunk: bytes) -> None:
    rest = memoryview(chunk)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise _full() from error
        raise


def _require_digest(incoming: Incoming, sha256: str | None) -> None:
    if sha256 is not None and incoming.sha256 != sha256:
        raise Invalid(
            f"The bytes have the SHA-256 {incoming.sha256}, {sha256} was announced; nothing was kept.",
            code="digest_mismatch",
            field="sha256",
        )


def _too_large() -> TooLarge:
    return TooLarge(f"An artifact has at most {settings.MAX_ARTIFACT_BYTES:,} bytes.", code="artifact_too_large")


def _full() -> Unavailable:
    return Unavailable("The artifact storage has no room left; nothing was kept.", code="storage_full")
