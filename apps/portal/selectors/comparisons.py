"""Two versions side by side, as one reader may see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from apps.accounts.models import User
from apps.approvals import comparison
from apps.approvals.comparison import BETTER, WORSE, Comparison
from apps.core.errors import NotFound
from apps.models import selectors
from apps.models.models import ModelVersion, RegisteredModel

OFFERED = 200


@dataclass(frozen=True)
class Choice:
    """One side: the model, the version that was asked for, what can be chosen, and why nothing was found."""

    model: RegisteredModel
    version: ModelVersion | None
    offered: tuple[tuple[str, str], ...]
    problem: str = ""


@dataclass(frozen=True)
class Pair:
    """Both sides and how they differ; None where a side is missing."""

    old: Choice
    new: Choice
    differences: Comparison | None

    @property
    def is_same_manifest(self) -> bool:
        """Whether both hold exactly the same files."""
        old, new = self.old.version, self.new.version
        return old is not None and new is not None and bool(old.manifest_digest == new.manifest_digest != "")

    @property
    def summary(self) -> str:
        """How the newer side stands against the older one, in one sentence."""
        if self.differences is None:
            return ""
        found = self.differences
        turned = Counter(change.direction for change in found.metrics)
        parts = [f"{turned[word]} metric{'s' * (turned[word] != 1)} {word}" for word in (BETTER, WORSE) if turned[word]]
        counted = (("parameter", found.parameters), ("file", found.artifacts), ("metadata field", found.metadata))
        changed = [f"{len(rows)} {word}{'s' * (len(rows) != 1)}" for word, rows in counted if rows]
        parts += [f"{', '.join(changed)} changed"] if changed else []
        parts += ["origin changed"] if found.lineage else []
        return f"{'; '.join(parts)}." if parts else "Nothing differs."


def pair(old: RegisteredModel, old_ref: str, new: RegisteredModel, new_ref: str) -> Pair:
    """Return two versions and how they differ.

    Without a reference the newest version is compared with the one in production, or with the one before it.
    """
    latest = list(new.versions.sealed().highest_first().values_list("version", flat=True)[:2])
    right = _choice(new, new_ref or (latest[0] if latest else ""))
    left = _choice(old, old_ref or _default(old, right.version, latest if old == new else []))
    both = right.version is not None and left.version is not None
    return Pair(left, right, comparison.compare(right.version, left.version) if both and right.version else None)


def _default(model: RegisteredModel, other: ModelVersion | None, latest: list[str]) -> str:
    here = model.versions.in_stage("production").exclude(pk=other.pk if other else 0)
    live = here.values_list("version", flat=True).first()
    rest = [name for name in latest if other is None or name != other.version]
    return live or (rest[0] if rest else "")


def _choice(model: RegisteredModel, ref: str) -> Choice:
    rows = model.versions.with_stage().highest_first().only("registered_model", "version", "state")[:OFFERED]
    offered = [(row.version, f"{row.version} · {getattr(row, 'stage', None) or row.state}") for row in rows]
    if not ref:
        return Choice(model, None, tuple(offered))
    try:
        found = selectors.resolve_version(model, ref)
    except NotFound as error:
        return Choice(model, None, tuple(offered), error.detail)
    version = ModelVersion.objects.with_stage().select_related("registered_model").get(pk=found.pk)
    if version.version not in dict(offered):
        offered.append((version.version, version.version))
    return Choice(model, version, tuple(offered))


def by_precedence(model: RegisteredModel, names: Iterable[str]) -> list[str]:
    """Return those of these versions that there are, lowest first."""
    rows = model.versions.filter(version__in=[name for name in names if "\x00" not in name])
    return list(rows.order_by("precedence", "number").values_list("version", flat=True))


def visible(user: User, name: str) -> RegisteredModel | None:
    """Return a model by name if the user may see it."""
    return RegisteredModel.objects.visible_to(user).named(name).select_related("team").first()
