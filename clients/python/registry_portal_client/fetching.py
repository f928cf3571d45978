"""Artifacts from the registry into a folder: resumed, verified, kept by digest, complete or not at all."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from registry_portal_client import paths
from registry_portal_client.calls import CALLS
from registry_portal_client.errors import Corrupt, Different
from registry_portal_client.progress import Advance
from registry_portal_client.shapes import File, Production, Version

if TYPE_CHECKING:
    from registry_portal_client.registry import Registry

if sys.platform != "win32":
    import fcntl

CHUNK = 1024 * 1024


@dataclass
class Fetched:
    """What a folder now holds, and which files had to come over the network."""

    version: Production | Version
    folder: Path
    was_there: bool = False
    received: list[str] = field(default_factory=list)
    cached: list[str] = field(default_factory=list)


def fetch(registry: Registry, version: Production | Version, into: Path, cache: Path) -> Fetched:
    """Bring every artifact of a version into a folder that does not exist yet; see Registry.fetch."""
    files, done = paths.checked(version["artifacts"]), Fetched(version, into)
    if not version["manifest_digest"]:
        raise Different(f"{version['model']} {version['version']} is not sealed yet; there is nothing to rely on")
    if paths.manifest_digest(files) != version["manifest_digest"]:
        raise Corrupt(f"the list of files is not what the manifest digest {version['manifest_digest']} says")
    if into.is_symlink() or into.exists():
        if not holds(into, files):
            raise Different(f"{into} is there already, with other content", advice="name another folder, or remove it")
        done.was_there = True
        return done
    into.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{into.name}.", dir=into.parent))
    try:
        for file in files:
            _place(registry, version, file, partial / file["path"], cache, done)
        partial.chmod(0o755)
        partial.rename(into)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return done


def holds(folder: Path, files: list[File]) -> bool:
    """Return whether a folder holds exactly these files, byte for byte."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    found = {place.relative_to(folder).as_posix(): place for place in folder.rglob("*") if not place.is_dir()}
    if set(found) != {file["path"] for file in files}:
        return False
    return all(not found[file["path"]].is_symlink() and _is(found[file["path"]], file) for file in files)


def _place(
    registry: Registry, version: Production | Version, file: File, place: Path, cache: Path, done: Fetched
) -> None:
    """Copy a file out of the cache, into which it comes first; what is copied is hashed on the way."""
    place.parent.mkdir(parents=True, exist_ok=True)
    blob = cache / "sha256" / file["sha256"][:2] / file["sha256"]
    blob.parent.mkdir(parents=True, exist_ok=True)
    with _alone(blob):
        if blob.exists() and _copied(blob, place, file):
            done.cached.append(file["path"])
            return
        blob.unlink(missing_ok=True)
        _receive(registry, version, file, blob)
    done.received.append(file["path"])
    if not _copied(blob, place, file):
        raise Corrupt(f"{blob} was changed while it was copied", advice="repeat the command")


def _receive(registry: Registry, version: Production | Version, file: File, blob: Path) -> None:
    """Download into `<blob>.partial`, going on after whatever is there, and move it once its digest is right."""
    partial = blob.with_name(f"{blob.name}.partial")
    address = CALLS["artifacts_download"].address(name=version["model"], version=version["version"], path=file["path"])
    start = _kept(partial, file)
    if start:
        registry.progress.say(f"{file['path']}: going on after {start:,} bytes")
    with registry.progress.transfer(file["path"], file["size"], start) as advance:

        def once() -> None:
            begin = _kept(partial, file)
            with registry.transport.download(address, begin, f'"{file["sha256"]}"') as (first, content):
                advance(first - begin)
                _pour(content, first, partial, file, advance)

        if start < file["size"] or not partial.exists():
            registry.transport.patiently(f"GET {address}", once, lambda: _kept(partial, file))
    if not _is(partial, file):
        partial.unlink()
        if start:
            registry.progress.say(f"{file['path']}: what an earlier attempt left is no use; beginning anew")
            return _receive(registry, version, file, blob)
        raise Corrupt(
            f"{file['path']} does not have the SHA-256 {file['sha256']}; what came was thrown away",
            advice="repeat the command; if it happens again, something between here and the registry changes bytes",
        )
    partial.replace(blob)
    return None


def _pour(content: IO[bytes], start: int, partial: Path, file: File, advance: Advance) -> None:
    """Write what comes from a place on; raises OSError when it ends early, Corrupt when it is too much."""
    with partial.open("r+b" if start else "wb") as stream:
        stream.seek(start)
        stream.truncate()
        while chunk := content.read(CHUNK):
            stream.write(chunk)
            advance(len(chunk))
            if stream.tell() > file["size"]:
                raise Corrupt(f"{file['path']}: more came than the {file['size']:,} bytes it has")
        if stream.tell() < file["size"]:
            raise ConnectionResetError(f"cut after {stream.tell():,} of {file['size']:,} bytes")


def _kept(partial: Path, file: File) -> int:
    """Return how many bytes an earlier attempt left; more than there can be are no use."""
    size = partial.stat().st_size if partial.exists() else 0
    if size > file["size"]:
        partial.unlink()
        return 0
    return size


def _copied(blob: Path, place: Path, file: File) -> bool:
    """Copy and hash in one go; return whether the bytes are those of the file."""
    digest = hashlib.sha256()
    with blob.open("rb") as source, place.open("wb") as target:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest() == file["sha256"]


def _is(place: Path, file: File) -> bool:
    if place.stat().st_size != file["size"]:
        return False
    with place.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == file["sha256"]


@contextmanager
def _alone(blob: Path) -> Iterator[None]:
    """Let one process at a time bring these bytes; Windows has no such lock, and digests catch what that mixes up."""
    lock = blob.parent / "lock"
    with lock.open("w") as held:
        if sys.platform != "win32":
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
