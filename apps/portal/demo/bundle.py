"""Reading the demonstration bundle, `examples/demo_bundle`: trained models with their metrics, lineage and files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from apps.core.errors import Unavailable

FORMAT = "registry-portal-bundle/1"
CONTENT = ("metrics", "parameters", "metadata", "lineage")
MODEL_CARD = """\
## What it is for

{intended_use}

## Limits

{limitations}

## Data

Trained on public data that scikit-learn carries, first on {training_rows} rows; every version is measured on the same
{evaluation_rows} rows that no version was trained on.

## Whom to ask

{owner_contact}
"""
VERSION_CARD = """\
## What is new

{change}

## On {evaluation_rows} rows nobody trained on

{results}
"""


class Bundle:
    """The bundle on disk; examples/README.md describes its format."""

    def __init__(self, folder: Path | None = None) -> None:
        """Read the index. Raises Unavailable where there is none, or one of another format."""
        self.folder = folder or settings.BASE_DIR / "examples" / "demo_bundle"
        try:
            index = json.loads((self.folder / "bundle.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Unavailable(f"The demonstration bundle cannot be read: {error}") from error
        if index.get("format") != FORMAT:
            raise Unavailable(f"The demonstration bundle has the format {index.get('format')!r}, not {FORMAT!r}.")
        self.teams: list[dict[str, str]] = index["teams"]
        self.models: dict[str, dict[str, Any]] = {model["name"]: model for model in index["models"]}

    def about(self, name: str) -> dict[str, Any]:
        """Return what a model is registered with."""
        model = self.models[name]
        said = {field: model[field] for field in ("name", "team", "risk_tier", "visibility", "description")}
        return said | {"card": MODEL_CARD.format(**model["versions"][0]["metadata"])}

    def content(self, name: str, version: str) -> dict[str, Any]:
        """Return what a version is registered with."""
        entry = self._entry(name, version)
        results = "\n".join(f"- {metric}: {value:g}" for metric, value in entry["metrics"].items())
        card = VERSION_CARD.format(**entry["metadata"], results=results)
        return {field: entry[field] for field in CONTENT} | {"card": card}

    def files(self, name: str, version: str) -> Iterator[tuple[dict[str, Any], BinaryIO]]:
        """Yield each artifact of a version with its open file."""
        for artifact in self._entry(name, version)["artifacts"]:
            with (self.folder / artifact["file"]).open("rb") as stream:
                yield artifact, stream

    def _entry(self, name: str, version: str) -> dict[str, Any]:
        found: dict[str, Any] = next(entry for entry in self.models[name]["versions"] if entry["version"] == version)
        return found
