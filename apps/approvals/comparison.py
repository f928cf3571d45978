"""What a promotion would change: a version against the one it replaces, part by part; pure computation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from apps.lineage import selectors as lineage
from apps.lineage.states import NodeKind
from apps.models.metrics import lower_is_better
from apps.models.models import Artifact, ModelVersion

BETTER, WORSE, SAME, ADDED, REMOVED, CHANGED = (
    "better",
    "worse",
    "same",
    "added",
    "removed",
    "changed",
)
SKIPPED, LONGEST_COMPARED = "skipped", 1_000


@dataclass(frozen=True)
class MetricChange:
    """One metric, old and new; `delta` in the metric's own unit, `percent` relative to the old value."""

    name: str
    old: float | None
    new: float | None
    direction: str
    delta: float | None
    percent: float | None
    lower_is_better: bool


@dataclass(frozen=True)
class Change:
    """One named value, old and new, as text."""

    name: str
    old: str
    new: str
    direction: str


@dataclass(frozen=True)
class TextLine:
    """One line of a text against another: `same`, `added`, `removed`, or `skipped` lines between two changes."""

    direction: str
    text: str
    count: int = 1


@dataclass(frozen=True)
class Comparison:
    """Everything that differs; `against` is None when nothing is replaced."""

    version: ModelVersion
    against: ModelVersion | None
    metrics: tuple[MetricChange, ...]
    parameters: tuple[Change, ...]
    metadata: tuple[Change, ...]
    lineage: tuple[Change, ...]
    artifacts: tuple[Change, ...]
    unchanged_parameters: int
    card: tuple[TextLine, ...] = ()


def compare(version: ModelVersion, against: ModelVersion | None) -> Comparison:
    """Return how a version differs from another one; one query, for the artifacts."""
    parameters = _changes(against.parameters if against else {}, version.parameters)
    return Comparison(
        version=version,
        against=against,
        metrics=metrics(against.metrics if against else {}, version.metrics),
        parameters=parameters,
        metadata=_changes(against.metadata if against else {}, version.metadata),
        lineage=_lineage(version, against),
        artifacts=_artifacts(version, against),
        unchanged_parameters=len(version.parameters) - sum(change.direction != REMOVED for change in parameters),
        card=text_lines(against.card if against else "", version.card),
    )


def metrics(old: Mapping[str, float], new: Mapping[str, float]) -> tuple[MetricChange, ...]:
    """Return every metric of either side, old and new, and whether it became better."""
    return tuple(_metric(name, old.get(name), new.get(name)) for name in sorted(old.keys() | new.keys()))


def _metric(name: str, old: float | None, new: float | None) -> MetricChange:
    lower = lower_is_better(name)
    if old is None or new is None:
        return MetricChange(name, old, new, ADDED if old is None else REMOVED, None, None, lower)
    delta = new - old
    percent = 100 * delta / abs(old) if old else None
    direction = SAME if delta == 0 else BETTER if (delta < 0) == lower else WORSE
    return MetricChange(name, old, new, direction, delta, percent, lower)


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    rows = []
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            rows.append(Change(name, "", _text(new[name]), ADDED))
        elif name not in new:
            rows.append(Change(name, _text(old[name]), "", REMOVED))
        elif old[name] != new[name]:
            rows.append(Change(name, _text(old[name]), _text(new[name]), CHANGED))
    return tuple(rows)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_text(part)}" for key, part in value.items())
    return ", ".join(map(_text, value)) if isinstance(value, list) else str(value)


def _lineage(version: ModelVersion, against: ModelVersion | None) -> tuple[Change, ...]:
    found = lineage.difference(against or ModelVersion(lineage={}), version)
    return tuple(Change(_origin(NodeKind(row.kind).label, row.name), row.old, row.new, row.change) for row in found)


def _origin(kind: str, name: str) -> str:
    return name if name.lower().startswith(kind.lower()) else f"{kind} {name}"


def _artifacts(version: ModelVersion, against: ModelVersion | None) -> tuple[Change, ...]:
    held: dict[int | None, dict[str, str]] = {None: {}, version.pk: {}}
    pks = [each.pk for each in (version, against) if each is not None]
    rows = Artifact.objects.filter(version__in=pks).values_list("version", "path", "blob__size", "blob_id")
    for pk, path, size, digest in rows:
        held.setdefault(pk, {})[path] = f"{size:,} bytes, {digest[:12]}"
    return _changes(held.get(against.pk if against else None, {}), held[version.pk])


def text_lines(old: str, new: str, around: int = 3) -> tuple[TextLine, ...]:
    """Return how two texts differ line by line, with a few unchanged lines around each change; empty where they agree.

    Texts of very many lines are shown as replaced: finding the shortest difference would take too long.
    """
    before, after = old.splitlines(), new.splitlines()
    if before == after:
        return ()
    if max(len(before), len(after)) > LONGEST_COMPARED:
        return (*(TextLine(REMOVED, line) for line in before), *(TextLine(ADDED, line) for line in after))
    lines: list[TextLine] = []
    end = 0
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(around):
        lines += [TextLine(SKIPPED, "", group[0][1] - end)] if group[0][1] > end else []
        for tag, i, j, k, m in group:
            if tag == "equal":
                lines += [TextLine(SAME, line) for line in before[i:j]]
            else:
                lines += [TextLine(REMOVED, line) for line in before[i:j]]
                lines += [TextLine(ADDED, line) for line in after[k:m]]
        end = group[-1][2]
    return (*lines, TextLine(SKIPPED, "", len(before) - end)) if len(before) > end else tuple(lines)
