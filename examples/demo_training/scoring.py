"""Metrics on the holdout rows. All are shares from 0 to 1 unless the name says otherwise."""

from typing import Any

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    log_loss,
    mean_absolute_error,
    precision_score,
    r2_score,
    recall_score,
    roc_auc_score,
    root_mean_squared_error,
)

from .fitting import Fitted
from .recipe import Task


def metrics(fitted: Fitted, task: Task) -> dict[str, float]:
    """Metrics of one version, rounded to 4 decimals so that they repeat on another machine's arithmetic."""
    scorer = {
        "binary classification": _binary,
        "multiclass classification": _multiclass,
        "regression": _regression,
    }[task]
    return {name: round(float(value), 4) for name, value in scorer(fitted).items()}


def evaluation(fitted: Fitted, task: Task) -> dict[str, Any]:
    """Evidence beside the metrics: the confusion matrix, or the spread of residuals in target units."""
    if task == "regression":
        residuals = fitted.estimator.predict(fitted.inputs) - fitted.answers
        quantiles = {f"p{share}": round(float(np.percentile(residuals, share)), 3) for share in (5, 25, 50, 75, 95)}
        return {"rows": len(residuals), "residual_quantiles": quantiles}
    labels = sorted(int(label) for label in np.unique(fitted.answers))
    matrix = confusion_matrix(fitted.answers, predicted(fitted), labels=labels)
    return {
        "rows": len(fitted.answers),
        "labels": labels,
        "confusion_matrix_rows_are_truth": matrix.tolist(),
    }


def predicted(fitted: Fitted) -> np.ndarray:
    """Predicted classes (rows,) under the version's own threshold, 0.5 where it has none."""
    if "threshold" in fitted.decision:
        return (_probabilities(fitted)[:, 1] >= fitted.decision["threshold"]).astype(np.int64)
    return np.asarray(fitted.estimator.predict(fitted.inputs))


def _probabilities(fitted: Fitted) -> np.ndarray:
    return np.asarray(fitted.estimator.predict_proba(fitted.inputs))


def _binary(fitted: Fitted) -> dict[str, float]:
    scores, guess, truth = _probabilities(fitted)[:, 1], predicted(fitted), fitted.answers
    return {
        "auc": roc_auc_score(truth, scores),
        "accuracy": accuracy_score(truth, guess),
        "precision": precision_score(truth, guess),
        "recall": recall_score(truth, guess),
        "specificity": recall_score(truth, guess, pos_label=0),
        "f1": f1_score(truth, guess),
        "log_loss": log_loss(truth, scores),
        "brier": brier_score_loss(truth, scores),
    }


def _multiclass(fitted: Fitted) -> dict[str, float]:
    scores, guess, truth = _probabilities(fitted), predicted(fitted), fitted.answers
    found = {
        "auc": roc_auc_score(truth, scores, multi_class="ovr"),
        "accuracy": accuracy_score(truth, guess),
        "recall": recall_score(truth, guess, average="macro"),
        "worst_class_recall": recall_score(truth, guess, average=None).min(),
        "f1": f1_score(truth, guess, average="macro"),
        "log_loss": log_loss(truth, scores),
    }
    if "reject_below_confidence" in fitted.decision:
        kept = scores.max(axis=1) >= fitted.decision["reject_below_confidence"]
        found["coverage"] = kept.mean()
        found["accuracy_when_answering"] = accuracy_score(truth[kept], guess[kept])
    return found


def _regression(fitted: Fitted) -> dict[str, float]:
    guess, truth = fitted.estimator.predict(fitted.inputs), fitted.answers
    return {
        "rmse": root_mean_squared_error(truth, guess),
        "mae": mean_absolute_error(truth, guess),
        "r2": r2_score(truth, guess),
    }
