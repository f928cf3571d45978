"""What a model and one of its versions are made of: plain data, no training code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Task = Literal["binary classification", "multiclass classification", "regression"]
Export = Literal["onnx", "safetensors", "joblib"]


class TrainingError(Exception):
    """A version cannot be trained, or an exported file does not answer like the model it was made from."""


@dataclass(frozen=True)
class RecallFloor:
    """Choose the highest cut-off whose cross-validated recall on training rows reaches `target` (0 to 1)."""

    target: float


@dataclass(frozen=True)
class RejectBelow:
    """Answer only when the most probable class has at least `confidence` (0 to 1), otherwise abstain."""

    confidence: float


@dataclass(frozen=True)
class Problem:
    """A question asked of one bundled data set."""

    dataset: str
    task: Task
    positive_label: int | None = None
    labels: tuple[int, ...] | None = None
    target_column: str | None = None


@dataclass(frozen=True)
class VersionRecipe:
    """One trained version: which rows and columns, which algorithm, which files."""

    version: str
    change: str
    algorithm: str
    settings: Mapping[str, object] = field(default_factory=dict)
    rows: int | None = None
    features: tuple[str, ...] | None = None
    decision: RecallFloor | RejectBelow | None = None
    exports: tuple[Export, ...] = ("onnx",)
    parents: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ModelRecipe:
    """A named line of versions with its owner, risk tier and purpose."""

    name: str
    team: str
    risk_tier: Literal["low", "medium", "high"]
    visibility: Literal["organisation", "team"]
    description: str
    intended_use: str
    limitations: str
    owner_contact: str
    problem: Problem
    versions: tuple[VersionRecipe, ...]
