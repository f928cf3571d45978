"""Which way a metric points: most grow better, errors and times shrink better; and which one speaks for a model."""

from __future__ import annotations

import re

LOWER = re.compile(
    r"(^|[_\s-])(loss|rmse|mse|mae|mape|rmsle|error|err|brier|ece|fpr|fnr|latency|seconds|ms|perplexity|wer|cer|fid|deviance|bias)"
    r"($|[_\s-])|^(logloss)$",
    re.IGNORECASE,
)
# What readers look for first, in this order; otherwise the first metric by name.
HEADLINES = ("auc", "roc_auc", "f1", "macro_f1", "accuracy", "balanced_accuracy", "recall", "r2", "rmse", "mae")


def lower_is_better(name: str) -> bool:
    """Tell from its name whether a smaller value of a metric is the better one."""
    return bool(LOWER.search(name))
