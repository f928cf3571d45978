"""What a version says of its origin: its lineage document read into inputs, each with its identity; pure Python.

The document was checked when the version was registered (apps.models.provenance); what cannot be read is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from apps.core.canonical import digest
from apps.lineage.states import EdgeKind, NodeKind

MAX_LABEL = 500
SHA256 = re.compile(r"^(?:sha256[:-])?([0-9a-f]{64})\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Input:
    """A dataset, a commit or a run that flowed into a version; `identity` alone decides which node it is."""

    kind: NodeKind
    edge: EdgeKind
    identity: tuple[tuple[str, str], ...]
    label: str
    uri: str = ""

    @property
    def key(self) -> str:
        """SHA-256 of the identity in canonical form, 64 hex digits."""
        return digest(self.facts)

    @property
    def facts(self) -> dict[str, str]:
        """The identity by name."""
        return dict(self.identity)


@dataclass(frozen=True)
class Parent:
    """Another version that this one was derived from, as its registrant named it."""

    model: str
    version: str

    def __str__(self) -> str:
        return f"{self.model} {self.version}"


@dataclass(frozen=True)
class Inputs:
    """Everything that a version names as its origin."""

    datasets: tuple[Input, ...] = ()
    code: Input | None = None
    run: Input | None = None
    parents: tuple[Parent, ...] = ()

    @property
    def nodes(self) -> list[Input]:
        """What becomes a node of its own: all but the parents."""
        return [*self.datasets, *(part for part in (self.code, self.run) if part is not None)]


def read(document: Any) -> Inputs:
    """Return the inputs that a version's lineage document names."""
    document = document if isinstance(document, dict) else {}
    keys = ("namespace", "name", "version", "digest", "uri")
    datasets = [_dataset(_texts(item, *keys)) for item in _items(document, "datasets")]
    parents = [_texts(item, "model", "version") for item in _items(document, "parents")]
    return Inputs(
        datasets=tuple(dict.fromkeys(each for each in datasets if each is not None)),
        code=_code(_texts(document.get("code"), "repository", "commit", "path")),
        run=_run(_texts(document.get("run"), "system", "id", "uri")),
        parents=tuple(dict.fromkeys(Parent(**each) for each in parents if all(each.values()))),
    )


def same_digest(text: str) -> str:
    """Return a digest in the one form that identities use: SHA-256 as `sha256:` and lower case, others as they are."""
    sha256 = SHA256.match(text)
    return f"sha256:{sha256[1].lower()}" if sha256 else text


def _dataset(texts: dict[str, str]) -> Input | None:
    if not texts["name"]:
        return None
    texts["digest"] = same_digest(texts["digest"])
    uri = texts.pop("uri")
    name = "/".join(filter(None, (texts["namespace"], texts["name"])))
    label = f"{name} {texts['version'] or texts['digest'][:19]}"
    return _input(NodeKind.DATASET, EdgeKind.TRAINED_ON, texts, label, uri)


def _code(texts: dict[str, str]) -> Input | None:
    if not (texts["repository"] or texts["commit"]):
        return None
    label = f"{texts['repository']}@{texts['commit'][:12]}".strip("@")
    return _input(NodeKind.CODE, EdgeKind.BUILT_FROM, texts, f"{label} {texts['path']}")


def _run(texts: dict[str, str]) -> Input | None:
    uri = texts.pop("uri")
    if not texts["id"]:
        return None
    return _input(NodeKind.RUN, EdgeKind.PRODUCED_BY, texts, f"{texts['system']} {texts['id']}", uri)


def _input(kind: NodeKind, edge: EdgeKind, identity: dict[str, str], label: str, uri: str = "") -> Input:
    return Input(kind, edge, tuple(sorted(identity.items())), label.strip()[:MAX_LABEL], uri)


def _items(document: dict[str, Any], key: str) -> list[Any]:
    items = document.get(key)
    return items if isinstance(items, list) else []


def _texts(item: Any, *keys: str) -> dict[str, str]:
    """Return the texts of an object under these keys, empty where there is none."""
    given = item if isinstance(item, dict) else {}
    return {key: given[key] if isinstance(given.get(key), str) else "" for key in keys}
