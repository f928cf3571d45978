"""Training repeats: the same recipe gives the same numbers and the same bytes as the shipped bundle."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn", reason="training needs requirements/examples.txt")
pytest.importorskip("skl2onnx", reason="training needs requirements/examples.txt")

import numpy as np

from demo_training.bundle import Bundle
from demo_training.exporting import export
from demo_training.fitting import fit
from demo_training.origin import Origin
from demo_training.recipe import Problem, RecallFloor, TrainingError, VersionRecipe
from demo_training.recipes import MODELS
from demo_training.scoring import metrics
from demo_training.tables import split
from demo_training.training import TrainedVersion, train

ORIGIN = Origin("registry-portal", "c" * 40, "examples", "local", "a-run", "")
# One step of the last digit kept: another machine's arithmetic may round the other way.
ROUNDING = 1.01e-4
TUMOUR = Problem("breast_cancer", "binary classification", positive_label=0)


def trained(name: str, version: str) -> TrainedVersion:
    """Train one version of the demonstration."""
    model = next(model for model in MODELS if model.name == name)
    return train(model, next(recipe for recipe in model.versions if recipe.version == version), ORIGIN)


def shipped(examples: Path, name: str, version: str) -> dict[str, Any]:
    """The same version in the shipped bundle."""
    bundle = Bundle.open(examples / "demo_bundle")
    return next(entry for model, entry in bundle.versions() if (model["name"], entry["version"]) == (name, version))


@pytest.mark.parametrize(("name", "version"), [("cultivar-classifier", "1.0.0"), ("alcohol-estimate", "1.1.0")])
def test_retraining_gives_the_shipped_numbers_and_rows(examples: Path, name: str, version: str) -> None:
    again, before = trained(name, version).description, shipped(examples, name, version)
    assert again["metrics"] == pytest.approx(before["metrics"], abs=ROUNDING)
    assert again["parameters"] == before["parameters"]
    assert again["lineage"]["datasets"] == before["lineage"]["datasets"]


def test_training_twice_gives_the_same_bytes() -> None:
    first, second = trained("cultivar-classifier", "2.0.0"), trained("cultivar-classifier", "2.0.0")
    assert set(first.files) == {"model.onnx", "pipeline.joblib", "evaluation.json"}
    assert {path: hashlib.sha256(content).digest() for path, content in first.files.items()} == {
        path: hashlib.sha256(content).digest() for path, content in second.files.items()
    }


def test_training_and_holdout_share_no_row() -> None:
    training, holdout = split("digits")
    assert len(training.target) + len(holdout.target) == 1797
    assert not {row.tobytes() for row in training.values} & {row.tobytes() for row in holdout.values}


def test_slice_has_its_own_name_and_digest() -> None:
    training, _ = split("wine")
    part = training.first(60)
    assert part.slice == "train-first-60"
    assert part.values.shape == (60, 13)
    assert part.digest() != training.digest()


def test_lower_recall_floor_gives_a_higher_threshold() -> None:
    def threshold(target: float) -> float:
        recipe = VersionRecipe("1.0.0", "", "logistic regression", decision=RecallFloor(target))
        return fit(TUMOUR, recipe).decision["threshold"]

    assert threshold(0.9) > threshold(0.99)


def test_threshold_decides_recall_but_not_auc() -> None:
    strict, plain = (
        metrics(fit(TUMOUR, VersionRecipe("1.0.0", "", "logistic regression", decision=rule)), TUMOUR.task)
        for rule in (RecallFloor(0.99), None)
    )
    assert strict["auc"] == plain["auc"]
    assert strict["recall"] > plain["recall"]
    assert strict["specificity"] < plain["specificity"]


def test_safetensors_hold_the_fitted_weights() -> None:
    from safetensors.numpy import load

    fitted = fit(TUMOUR, VersionRecipe("1.0.0", "", "logistic regression"))
    tensors = load(export(fitted, "safetensors")[1])
    scaled = (fitted.inputs - tensors["scaler.mean"]) / tensors["scaler.scale"]
    margin = scaled @ tensors["coef"].T + tensors["intercept"]
    expected = fitted.estimator.predict_proba(fitted.inputs)[:, 1]
    assert np.allclose(1 / (1 + np.exp(-margin[:, 0])), expected, atol=1e-5)


def test_trees_have_no_tensors_to_write() -> None:
    fitted = fit(TUMOUR, VersionRecipe("1.0.0", "", "random forest", {"n_estimators": 2}))
    with pytest.raises(TrainingError, match="weights"):
        export(fitted, "safetensors")


def test_onnx_that_answers_differently_is_refused() -> None:
    """skl2onnx 1.20 exports a pipeline inside a calibration wrongly: the check must notice."""
    from dataclasses import replace

    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fitted = fit(TUMOUR, VersionRecipe("1.0.0", "", "logistic regression"))
    inner = make_pipeline(StandardScaler(), LogisticRegression())
    wrong = CalibratedClassifierCV(inner, cv=3).fit(fitted.inputs, fitted.answers)
    with pytest.raises(TrainingError, match="does not answer like"):
        export(replace(fitted, estimator=wrong), "onnx")


def test_unknown_column_is_named() -> None:
    recipe = VersionRecipe("1.0.0", "", "logistic regression", features=("mean radius", "shoe size"))
    with pytest.raises(ValueError, match="no column shoe size"):
        fit(TUMOUR, recipe)
