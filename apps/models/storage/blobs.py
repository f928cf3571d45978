"""Content-addressed blobs behind Django's storage interface: a folder by default, S3 by settings."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from apps.core.errors import Unavailable
from apps.models.models import Blob
from apps.models.storage.spool import CHUNK, Incoming, spool_folder


def name_of(sha256: str) -> str:
    """Return where bytes with this digest lie in the storage."""
    return Blob(sha256=sha256).storage_name


def exists(sha256: str) -> bool:
    """Tell whether the storage holds bytes under this digest."""
    try:
        return bool(_storage().exists(name_of(sha256)))
    except Exception as error:
        raise _unreachable() from error


def is_local() -> bool:
    """Tell whether keeping bytes is a rename, quick enough to do inside a transaction."""
    return isinstance(_storage(), FileSystemStorage)


def keep(incoming: Incoming) -> None:
    """Put received bytes under their digest unless they lie there already; readers never see half a file.

    Raises Unavailable where the storage does not answer.
    """
    if exists(incoming.sha256):
        return
    storage, name = _storage(), name_of(incoming.sha256)
    if isinstance(storage, FileSystemStorage):
        _rename(incoming.path, Path(storage.path(name)))
    else:
        _send(storage, name, incoming)
    incoming.placed = True


def discard(sha256: str) -> None:
    """Remove bytes that no row names."""
    _storage().delete(name_of(sha256))


def read(sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """Yield the bytes from `start` up to, not including, `stop`, in chunks of at most 1 MiB.

    Raises Unavailable where the storage does not hold them or does not answer.
    """
    storage, name = _storage(), name_of(sha256)
    if stop is not None and stop <= start:
        return
    try:
        with closing(_opened(storage, name, start, stop)) as body:
            left = None if stop is None else stop - start
            while chunk := body.read(CHUNK if left is None else min(CHUNK, left)):
                yield chunk
                left = None if left is None else left - len(chunk)
                if left == 0:
                    break
    except OSError as error:
        raise _missing(sha256) from error


def open(blob: Blob) -> BinaryIO:  # noqa: A001 - always called as blobs.open
    """Return a seekable file of a blob's bytes; from a remote storage they are fetched to a nameless file first."""
    if is_local():
        try:
            return cast(BinaryIO, _storage().open(name_of(blob.sha256), "rb").file)
        except OSError as error:
            raise _missing(blob.sha256) from error
    fetched = tempfile.TemporaryFile(dir=spool_folder())  # noqa: SIM115 - the caller closes it
    for chunk in read(blob.sha256):
        fetched.write(chunk)
    fetched.seek(0)
    return cast(BinaryIO, fetched)


def verify(blob: Blob) -> bool:
    """Hash a blob's bytes again from the storage and tell whether they are what its row says."""
    hashing, size = hashlib.sha256(), 0
    try:
        for chunk in read(blob.sha256):
            hashing.update(chunk)
            size += len(chunk)
    except Unavailable:
        return False
    return hashing.hexdigest() == blob.sha256 and size == blob.size


def _storage() -> Storage:
    return storages["artifacts"]


def _opened(storage: Storage, name: str, start: int, stop: int | None) -> Any:
    """Return a readable at `start`; S3 is asked for the range only, as its files would fetch the whole object."""
    bucket = getattr(storage, "bucket", None)
    if bucket is None:
        file = storage.open(name, "rb")
        file.seek(start)
        return file
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

    wanted = f"bytes={start}-{'' if stop is None else stop - 1}"
    options = {"Range": wanted} if start or stop is not None else {}
    try:
        return bucket.Object(storage._normalize_name(name)).get(**options)["Body"]  # type: ignore[attr-defined]
    except (BotoCoreError, ClientError) as error:
        raise OSError(str(error)) from error


def _rename(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    path.chmod(0o440)
    path.rename(target)
    for folder in (target.parent, target.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _send(storage: Storage, name: str, incoming: Incoming) -> None:
    from boto3.exceptions import Boto3Error  # type: ignore[import-untyped]
    from botocore.exceptions import BotoCoreError, ClientError

    incoming.file.seek(0)
    try:
        saved = storage.save(name, File(incoming.file, name=name))
    except (OSError, Boto3Error, BotoCoreError, ClientError) as error:
        raise _unreachable() from error
    if saved != name:
        # Another upload of the same bytes came first.
        storage.delete(saved)


def _unreachable() -> Unavailable:
    return Unavailable("The artifact storage does not answer; nothing was kept.", code="storage_unavailable")


def _missing(sha256: str) -> Unavailable:
    return Unavailable(f"The artifact storage does not give the bytes {sha256}.", code="storage_unavailable")
