"""What a version's origin lacks, and how the origins of two versions differ; pure Python on what they name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from apps.lineage.inputs import Input, Inputs
from apps.lineage.states import NodeKind

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
OTHER_DIGEST = "same name and version, other digest"


@dataclass(frozen=True)
class Completeness:
    """Which parts of its origin a version names well enough to find them again; `missing` says what is not."""

    datasets: bool
    code: bool
    run: bool
    missing: tuple[str, ...] = ()

    def lacks(self, parts: Iterable[str]) -> list[str]:
        """Return those of `parts` (datasets, code, run) that are not named; other words are always lacking."""
        named = {"datasets": self.datasets, "code": self.code, "run": self.run}
        return [part for part in parts if not named.get(part, False)]


@dataclass(frozen=True)
class Difference:
    """One input that two versions do not share; `old` is empty where it was added, `new` where it was removed."""

    kind: str
    name: str
    change: str
    old: str
    new: str
    note: str = ""


def completeness(inputs: Inputs) -> Completeness:
    """Return which of datasets, code and run are named: version or digest, repository and commit, system and id."""
    vague = [each.facts["name"] for each in inputs.datasets if not (each.facts["version"] or each.facts["digest"])]
    code = inputs.code is not None and all((inputs.code.facts["repository"], inputs.code.facts["commit"]))
    run = inputs.run is not None and all((inputs.run.facts["system"], inputs.run.facts["id"]))
    missing = [f"dataset {name} has neither version nor digest" for name in vague]
    missing += [] if inputs.datasets else ["no dataset is named"]
    missing += [] if code else ["code needs a repository and a commit"]
    missing += [] if run else ["the training run needs a system and an id"]
    return Completeness(bool(inputs.datasets) and not vague, code, run, tuple(missing))


def difference(old: Inputs, new: Inputs) -> list[Difference]:
    """Return what flowed into one version but not the other: datasets, code, run, parents, in that order."""
    found = _datasets(old, new)
    found += _single(NodeKind.CODE, old.code, new.code)
    found += _single(NodeKind.RUN, old.run, new.run)
    before, after = [{str(parent): parent for parent in each.parents} for each in (old, new)]
    found += [_gone(NodeKind.MODEL_VERSION, before[name].model, name) for name in before if name not in after]
    found += [_come(NodeKind.MODEL_VERSION, after[name].model, name) for name in after if name not in before]
    return found


def _datasets(old: Inputs, new: Inputs) -> list[Difference]:
    """Pair datasets of one name: first those of the same version, then the rest in the order of their labels."""
    shared = {each.identity for each in old.datasets} & {each.identity for each in new.datasets}
    before = sorted((each for each in old.datasets if each.identity not in shared), key=lambda each: each.label)
    after = sorted((each for each in new.datasets if each.identity not in shared), key=lambda each: each.label)
    pairs: list[tuple[Input, Input]] = []
    for same in (_versioned, _named):
        for one in list(before):
            other = next((each for each in after if same(each) == same(one)), None)
            if other is not None:
                pairs.append((one, other))
                before.remove(one)
                after.remove(other)
    changed = [Difference(NodeKind.DATASET, _named(one), CHANGED, *_shown(one, other)) for one, other in pairs]
    removed = [_gone(NodeKind.DATASET, _named(one), one.label) for one in before]
    added = [_come(NodeKind.DATASET, _named(one), one.label) for one in after]
    return sorted([*changed, *removed, *added], key=lambda each: (each.name, each.old, each.new))


def _single(kind: NodeKind, old: Input | None, new: Input | None) -> list[Difference]:
    if (old and old.identity) == (new and new.identity):
        return []
    change = CHANGED if old and new else ADDED if new else REMOVED
    return [Difference(kind, kind.label, change, old.label if old else "", new.label if new else "")]


def _gone(kind: NodeKind, name: str, label: str) -> Difference:
    return Difference(kind, name, REMOVED, label, "")


def _come(kind: NodeKind, name: str, label: str) -> Difference:
    return Difference(kind, name, ADDED, "", label)


def _named(each: Input) -> str:
    return "/".join(filter(None, (each.facts["namespace"], each.facts["name"])))


def _versioned(each: Input) -> str:
    return f"{_named(each)} {each.facts['version']}" if each.facts["version"] else each.key


def _shown(old: Input, new: Input) -> tuple[str, str, str]:
    if _versioned(old) != _versioned(new):
        return old.label, new.label, ""
    return (
        f"{old.label} {old.facts['digest'][:19]}".strip(),
        f"{new.label} {new.facts['digest'][:19]}".strip(),
        OTHER_DIGEST,
    )
