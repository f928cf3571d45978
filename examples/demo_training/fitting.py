"""Fitting an algorithm named by a recipe, and choosing its decision rule from training rows only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import precision_recall_curve
from sklearn.model_selection import cross_val_predict
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from .recipe import Problem, RecallFloor, RejectBelow, VersionRecipe
from .tables import Table, question, split

SEED = 7
FOLDS = 5

Build = Callable[[Mapping[str, Any]], Pipeline]


def _scaled(estimator: type, **fixed: Any) -> Build:
    return lambda settings: make_pipeline(StandardScaler(), estimator(**fixed, **settings))


def _plain(estimator: type) -> Build:
    """Trees see unscaled inputs: a scaler's float32 rounding in ONNX would move rows over split points."""
    return lambda settings: make_pipeline(estimator(random_state=SEED, **settings))


def _calibrated(settings: Mapping[str, Any]) -> Pipeline:
    """The scaler stands outside: skl2onnx exports a pipeline inside the calibration wrongly."""
    inner = LogisticRegression(max_iter=2000, **settings)
    return make_pipeline(StandardScaler(), CalibratedClassifierCV(inner, method="sigmoid", cv=FOLDS))


ALGORITHMS: dict[str, Build] = {
    "logistic regression": _scaled(LogisticRegression, max_iter=2000),
    "calibrated logistic regression": _calibrated,
    "linear discriminant analysis": _scaled(LinearDiscriminantAnalysis),
    "random forest": _plain(RandomForestClassifier),
    "extra trees": _plain(ExtraTreesClassifier),
    "gradient boosting": _plain(GradientBoostingClassifier),
    "multilayer perceptron": _scaled(MLPClassifier, random_state=SEED, max_iter=600),
    "linear regression": _scaled(LinearRegression),
    "ridge regression": _scaled(Ridge),
    "lasso regression": _scaled(Lasso),
    "gradient boosting regression": _plain(GradientBoostingRegressor),
    "multilayer perceptron regression": _scaled(MLPRegressor, random_state=SEED, max_iter=3000),
}


@dataclass(frozen=True)
class Fitted:
    """A fitted estimator with the tables it was trained and is scored on, and its decision rule."""

    estimator: Pipeline
    training: Table
    holdout: Table
    features: tuple[str, ...]
    inputs: np.ndarray
    answers: np.ndarray
    decision: dict[str, float]

    def steps(self) -> list[Any]:
        """Scaler, where there is one, and model."""
        return [step for _, step in self.estimator.steps]


def fit(problem: Problem, recipe: VersionRecipe) -> Fitted:
    """Train one version on its training slice; nothing of the holdout is seen.

    Raises KeyError for an unknown algorithm, ValueError for an unknown feature.
    """
    training, holdout = (table.labelled(problem.labels) for table in split(problem.dataset))
    training = training.first(recipe.rows)
    train_inputs, train_answers, features = question(training, problem, recipe.features)
    inputs, answers, _ = question(holdout, problem, recipe.features)
    estimator = ALGORITHMS[recipe.algorithm](recipe.settings)
    decision = _decision(recipe.decision, estimator, train_inputs, train_answers)
    estimator.fit(train_inputs, train_answers)
    return Fitted(estimator, training, holdout, features, inputs, answers, decision)


def _decision(
    rule: RecallFloor | RejectBelow | None, estimator: Any, inputs: np.ndarray, answers: np.ndarray
) -> dict[str, float]:
    if isinstance(rule, RejectBelow):
        return {"reject_below_confidence": rule.confidence}
    if isinstance(rule, RecallFloor):
        return {
            "recall_target": rule.target,
            "threshold": _threshold(rule, estimator, inputs, answers),
        }
    return {}


def _threshold(rule: RecallFloor, estimator: Any, inputs: np.ndarray, answers: np.ndarray) -> float:
    """Highest probability cut-off, rounded down to 4 decimals, with out-of-fold recall at the target."""
    scores = cross_val_predict(estimator, inputs, answers, cv=FOLDS, method="predict_proba")[:, 1]
    _, recall, cutoffs = precision_recall_curve(answers, scores)
    return float(np.floor(cutoffs[recall[:-1] >= rule.target].max() * 10_000) / 10_000)
