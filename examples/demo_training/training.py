"""Turning a recipe into what a registry is told about a version, with its files."""

from dataclasses import dataclass
from importlib.metadata import version as installed
from typing import Any

from .exporting import as_json, export
from .fitting import SEED, Fitted, fit
from .origin import Origin
from .recipe import ModelRecipe, TrainingError, VersionRecipe
from .scoring import evaluation, metrics
from .tables import SOURCES, Table

FRAMEWORK = "scikit-learn"


@dataclass(frozen=True)
class TrainedVersion:
    """A version as a registry is told about it, and its files by path."""

    description: dict[str, Any]
    files: dict[str, bytes]


def train(model: ModelRecipe, recipe: VersionRecipe, origin: Origin) -> TrainedVersion:
    """Fit, score and export one version. Raises TrainingError when a file cannot be made."""
    fitted = fit(model.problem, recipe)
    try:
        files = dict(export(fitted, kind) for kind in recipe.exports)
    except TrainingError as error:
        raise TrainingError(f"{model.name} {recipe.version}: {error}") from error
    files["evaluation.json"] = as_json(evaluation(fitted, model.problem.task))
    if fitted.decision:
        files["decision.json"] = as_json(fitted.decision)
    return TrainedVersion(_description(model, recipe, fitted, origin), files)


def _description(model: ModelRecipe, recipe: VersionRecipe, fitted: Fitted, origin: Origin) -> dict[str, Any]:
    return {
        "version": recipe.version,
        "metrics": metrics(fitted, model.problem.task),
        "parameters": _parameters(recipe, fitted),
        "metadata": _metadata(model, recipe, fitted),
        "lineage": _lineage(recipe, fitted, origin),
    }


def _parameters(recipe: VersionRecipe, fitted: Fitted) -> dict[str, Any]:
    settings = {name: list(value) if isinstance(value, tuple) else value for name, value in recipe.settings.items()}
    return {
        "algorithm": recipe.algorithm,
        "seed": SEED,
        "features": len(fitted.features),
        **settings,
        **fitted.decision,
    }


def _metadata(model: ModelRecipe, recipe: VersionRecipe, fitted: Fitted) -> dict[str, Any]:
    return {
        "task": model.problem.task,
        "framework": FRAMEWORK,
        "framework_version": installed(FRAMEWORK),
        "change": recipe.change,
        "intended_use": model.intended_use,
        "limitations": model.limitations,
        "owner_contact": model.owner_contact,
        "input_features": list(fitted.features),
        "training_rows": len(fitted.training.target),
        "evaluation_rows": len(fitted.holdout.target),
    }


def _lineage(recipe: VersionRecipe, fitted: Fitted, origin: Origin) -> dict[str, Any]:
    run = {"system": origin.run_system, "id": origin.run_id, "uri": origin.run_uri}
    return {
        "datasets": [_dataset(fitted.training), _dataset(fitted.holdout)],
        "code": {"repository": origin.repository, "commit": origin.commit, "path": origin.path},
        "run": {name: value for name, value in run.items() if value},
        "parents": [{"model": name, "version": version} for name, version in recipe.parents],
    }


def _dataset(table: Table) -> dict[str, str]:
    return {
        "namespace": FRAMEWORK,
        "name": table.dataset,
        "version": table.slice,
        "digest": table.digest(),
        "uri": SOURCES[table.dataset].uri,
    }
