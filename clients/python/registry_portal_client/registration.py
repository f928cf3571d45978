"""Registering a version so that every step may be repeated: what is there already is found, not sent again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry_portal_client.errors import Different, Refused, WrongUse
from registry_portal_client.paths import fault, manifest_digest
from registry_portal_client.progress import Advance
from registry_portal_client.shapes import File, NewVersion, Version

if TYPE_CHECKING:
    from registry_portal_client.registry import Registry

CHUNK = 1024 * 1024
Artifacts = Iterable[Path | str | tuple[str, Path | str]] | Mapping[str, Path | str]
COMPARED = ("description", "metrics", "parameters", "metadata")


@dataclass(frozen=True)
class LocalFile:
    """A file on this machine and the artifact it is to become."""

    path: str
    place: Path
    size: int
    sha256: str

    @property
    def artifact(self) -> File:
        """The artifact as the registry knows it."""
        return {"path": self.path, "size": self.size, "sha256": self.sha256}


@dataclass
class Registered:
    """A version as it is now, and what it took: bytes sent, files linked or there already."""

    version: Version
    was_there: bool = False
    sent: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def register(
    registry: Registry, model: str, content: NewVersion, artifacts: Artifacts, *, seal: bool = True
) -> Registered:
    """Register a version; see Registry.register."""
    files = [_hashed(registry, path, place) for path, place in collected(artifacts)]
    if seal and not files:
        raise WrongUse("a version is sealed with at least one artifact; name files or folders")
    done = Registered(_opened(registry, model, content, files))
    name = done.version["version"]
    if done.version["state"] == "failed":
        raise Different(f"{model} {name} was given up: {done.version['failure']}", advice="register the next version")
    there = {file["path"]: file for file in done.version["artifacts"]}
    _require_same(done.version, content, files, there)
    if done.version["state"] == "ready":
        done.was_there, done.kept = True, [file.path for file in files]
        return done
    for file in files:
        if file.path in there and there[file.path]["sha256"] == file.sha256:
            done.kept.append(file.path)
        else:
            _place(registry, model, name, file, done)
    done.version = registry.seal(model, name) if seal else registry.version(model, name)
    return done


def collected(artifacts: Artifacts) -> list[tuple[str, Path]]:
    """Return every file with its path in the version, in order; raises WrongUse for what cannot be sent."""
    found: dict[str, Path] = {}
    for given in artifacts.items() if isinstance(artifacts, Mapping) else artifacts:
        prefix, where = given if isinstance(given, tuple) else ("", given)
        for path, place in _files(prefix, Path(where)):
            if reason := fault(path):
                raise WrongUse(f"{place}: as an artifact {path!r} {reason}", advice="name it: --artifact NAME=FILE")
            if path in found:
                raise WrongUse(f"{place} and {found[path]} would both be the artifact {path!r}")
            found[path] = place
    return sorted(found.items())


def _files(prefix: str, place: Path) -> Iterator[tuple[str, Path]]:
    if place.is_file():
        yield prefix or place.name, place
        return
    if not place.is_dir():
        raise WrongUse(f"{place}: there is no such file or folder")
    for folder, folders, names in os.walk(place):
        for name in [*names, *(each for each in folders if (Path(folder) / each).is_symlink())]:
            inner = Path(folder) / name
            if not inner.is_file():
                raise WrongUse(f"{inner} is neither a file nor a folder of this tree; name what it points to")
            yield "/".join([*([prefix] if prefix else []), *inner.relative_to(place).parts]), inner


def _hashed(registry: Registry, path: str, place: Path) -> LocalFile:
    """Return the file with its size and SHA-256; a long one shows how far it is."""
    digest, total = hashlib.sha256(), place.stat().st_size
    if total < 256 * CHUNK:
        for chunk in _chunks(place):
            digest.update(chunk)
    else:
        with registry.progress.transfer(f"read {path}", total) as advance:
            for chunk in _chunks(place, advance):
                digest.update(chunk)
    return LocalFile(path, place, total, digest.hexdigest())


def _opened(registry: Registry, model: str, content: NewVersion, files: list[LocalFile]) -> Version:
    """Return the version as it is: one that is there, or a new one."""
    wanted = content.get("version")
    if wanted and (found := _found(registry, model, wanted)):
        return found
    try:
        # With `bump`, other files make another version, even if everything said of them is the same.
        about = manifest_digest([file.artifact for file in files]) if content.get("bump") else ""
        return registry.open_version(model, content, about=about)
    except Refused as error:
        found = _found(registry, model, wanted) if wanted and error.code == "version_exists" else None
        if found is None:
            raise
        return found


def _found(registry: Registry, model: str, version: str) -> Version | None:
    try:
        return registry.version(model, version)
    except Refused as error:
        if error.code == "unknown_version":
            return None
        raise


def _require_same(version: Version, content: NewVersion, files: list[LocalFile], there: dict[str, File]) -> None:
    """Raise Different, naming everything in which the version is not what this command would register."""
    stated: Any = version
    wanted: Any = content
    wrong = [name for name in COMPARED if wanted.get(name, stated[name]) != stated[name]]
    sent = {file.path: file.sha256 for file in files}
    wrong += [f"artifact {path} is not among the files given" for path in sorted(set(there) - set(sent))]
    if version["state"] == "ready":
        wrong += [f"artifact {path} is missing" for path in sorted(set(sent) - set(there))]
        changed = (path for path in sorted(sent) if path in there and there[path]["sha256"] != sent[path])
        wrong += [f"artifact {path} has other bytes" for path in changed]
    if wrong:
        raise Different(
            f"{version['model']} {version['version']} is there already, with other content: {'; '.join(wrong)}",
            advice="register the next version: give a higher --version, or --bump",
        )


def _place(registry: Registry, model: str, version: str, file: LocalFile, done: Registered) -> None:
    """Link bytes that the registry has, and send those it lacks."""
    if registry.link(model, version, file.path, {"sha256": file.sha256, "size": file.size}):
        done.linked.append(file.path)
        registry.progress.say(f"{file.path}: the registry has these bytes already")
        return
    with registry.progress.transfer(file.path, file.size) as advance:
        at = 0

        def counted(count: int) -> None:
            nonlocal at
            at += count
            advance(count)

        def content() -> Iterator[bytes]:
            counted(-at)
            return _chunks(file.place, counted)

        registry.upload(model, version, file.artifact, content)
    done.sent.append(file.path)


def _chunks(place: Path, advance: Advance = lambda _: None) -> Iterator[bytes]:
    with place.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
            advance(len(chunk))
