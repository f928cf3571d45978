"""scikit-learn's bundled data sets, split once and named so that lineage can point at their rows."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.model_selection import train_test_split

from .recipe import Problem

HOLDOUT_SHARE = 0.3
SPLIT_SEED = 2026


@dataclass(frozen=True)
class Source:
    """A bundled data set: its loader, the page it comes from, and whether its target is a class."""

    load: Callable[[], Any]
    uri: str
    has_classes: bool


# The pages named by scikit-learn's own descriptions, or the DOI at UCI where they give a short link.
SOURCES = {
    "breast_cancer": Source(load_breast_cancer, "https://doi.org/10.24432/C5DW2B", has_classes=True),
    "diabetes": Source(load_diabetes, "https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html", has_classes=False),
    "digits": Source(
        load_digits,
        "https://archive.ics.uci.edu/ml/datasets/Optical+Recognition+of+Handwritten+Digits",
        has_classes=True,
    ),
    "wine": Source(load_wine, "https://doi.org/10.24432/C5PC7J", has_classes=True),
}


@dataclass(frozen=True)
class Table:
    """Rows of a data set under a slice name: `values` (rows, columns) and `target` (rows,), both float64."""

    dataset: str
    slice: str
    columns: tuple[str, ...]
    values: np.ndarray
    target: np.ndarray

    def digest(self) -> str:
        """`sha256:<hex>` over column names, values and target (little-endian float64, row-major)."""
        hasher = hashlib.sha256("\n".join(self.columns).encode())
        for block in (self.values, self.target):
            hasher.update(np.ascontiguousarray(block, dtype="<f8").tobytes())
        return f"sha256:{hasher.hexdigest()}"

    def first(self, rows: int | None) -> "Table":
        """The first `rows` rows under a slice name of their own; all of them for None."""
        if rows is None:
            return self
        name = f"{self.slice}-first-{rows}"
        return Table(self.dataset, name, self.columns, self.values[:rows], self.target[:rows])

    def labelled(self, labels: tuple[int, ...] | None) -> "Table":
        """Only rows whose target is one of `labels`."""
        if labels is None:
            return self
        keep = np.isin(self.target, labels)
        name = f"{self.slice}-labels-{'-'.join(map(str, labels))}"
        return Table(self.dataset, name, self.columns, self.values[keep], self.target[keep])


@cache
def split(dataset: str) -> tuple[Table, Table]:
    """Training and holdout tables of a bundled data set; the same rows for every model and every version."""
    source = SOURCES[dataset]
    bunch = source.load()
    columns = tuple(str(name) for name in bunch.feature_names)
    values, target = bunch.data.astype(np.float64), bunch.target.astype(np.float64)
    train_x, test_x, train_y, test_y = train_test_split(
        values,
        target,
        test_size=HOLDOUT_SHARE,
        random_state=SPLIT_SEED,
        stratify=target if source.has_classes else None,
    )
    return (
        Table(dataset, "train", columns, train_x, train_y),
        Table(dataset, "holdout", columns, test_x, test_y),
    )


def question(
    table: Table, problem: Problem, features: tuple[str, ...] | None
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Inputs (rows, features) float32, answers (rows,) and feature names for a problem.

    Raises ValueError when a feature is not a column of the table.
    """
    names = features or tuple(name for name in table.columns if name != problem.target_column)
    unknown = sorted(set(names) - set(table.columns))
    if unknown:
        raise ValueError(f"{table.dataset} has no column {', '.join(unknown)}")
    inputs = table.values[:, [table.columns.index(name) for name in names]].astype(np.float32)
    return inputs, _answers(table, problem), names


def _answers(table: Table, problem: Problem) -> np.ndarray:
    if problem.target_column is not None:
        return np.asarray(table.values[:, table.columns.index(problem.target_column)])
    if problem.positive_label is not None:
        return np.asarray(table.target == problem.positive_label, dtype=np.int64)
    if problem.task == "regression":
        return table.target
    return table.target.astype(np.int64)
