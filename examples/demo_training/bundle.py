"""A folder of trained versions: `bundle.json` and the artifact files. Needs the standard library only."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMAT = "registry-portal-bundle/1"
INDEX = "bundle.json"


class BundleError(Exception):
    """The bundle is missing, unreadable or does not match its files."""


@dataclass
class Bundle:
    """A bundle on disk. Versions are only ever added, as in the registry itself."""

    folder: Path
    content: dict[str, Any]

    @classmethod
    def open(cls, folder: Path) -> "Bundle":
        """Read a bundle. Raises BundleError when there is none or its format is another one."""
        try:
            content = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BundleError(f"no readable {INDEX} in {folder}: {error}") from error
        if content.get("format") != FORMAT:
            raise BundleError(f"{folder / INDEX} has format {content.get('format')!r}, expected {FORMAT!r}")
        return cls(folder, content)

    @classmethod
    def open_or_start(cls, folder: Path, teams: dict[str, str]) -> "Bundle":
        """Read the bundle in a folder, or start an empty one with these teams (slug to name)."""
        if (folder / INDEX).exists():
            return cls.open(folder)
        rows = [{"slug": slug, "name": name} for slug, name in teams.items()]
        return cls(folder, {"format": FORMAT, "teams": rows, "models": []})

    def model(self, name: str) -> dict[str, Any] | None:
        """The entry of a model, or None."""
        return next((model for model in self.content["models"] if model["name"] == name), None)

    def has(self, model_name: str, version: str) -> bool:
        """Whether this version is already in the bundle."""
        versions = (self.model(model_name) or {"versions": []})["versions"]
        return any(entry["version"] == version for entry in versions)

    def add(self, model: dict[str, Any], version: dict[str, Any], files: dict[str, bytes]) -> None:
        """Write a version's files and enter it; the model's own fields follow the latest call."""
        entry = self.model(model["name"])
        if entry is None:
            entry = {**model, "versions": []}
            self.content["models"].append(entry)
        entry.update(model)
        artifacts = [self._write(model["name"], version["version"], path, files[path]) for path in sorted(files)]
        entry["versions"].append({**version, "artifacts": artifacts})

    def save(self) -> None:
        """Write the index. Until then added versions are not part of the bundle."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.content, indent=2, ensure_ascii=False) + "\n"
        (self.folder / INDEX).write_text(text, encoding="utf-8")

    def versions(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Every (model, version) pair in the order of registration: parents come before their children."""
        for model in self.content["models"]:
            for version in model["versions"]:
                yield model, version

    def file(self, artifact: dict[str, Any]) -> Path:
        """Path of an artifact's file. Raises BundleError when size or SHA-256 differ from the index."""
        path = self.folder / str(artifact["file"])
        try:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            size = path.stat().st_size
        except OSError as error:
            raise BundleError(f"cannot read {path}: {error}") from error
        if (digest, size) != (artifact["sha256"], artifact["size"]):
            raise BundleError(f"{path} does not match the size and SHA-256 in {INDEX}")
        return path

    def _write(self, model_name: str, version: str, path: str, content: bytes) -> dict[str, Any]:
        relative = Path("artifacts") / model_name / version / path
        target = self.folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return {
            "path": path,
            "file": relative.as_posix(),
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
        }
