"""How programs use a model: what is true for the version they would get."""

from __future__ import annotations

from dataclasses import dataclass

from apps.models import semver
from apps.models.models import Artifact, ModelVersion, RegisteredModel

LOADERS = {"onnx": "onnx.py", "safetensors": "safetensors.py"}
MLFLOW = "MLmodel"


@dataclass(frozen=True)
class Use:
    """What the snippets name; `pinned` where nothing is in production and they fetch `version` itself."""

    api: str
    url: str
    name: str
    version: ModelVersion | None
    pinned: bool
    next: str
    path: str = ""
    sha256: str = ""
    format: str = ""
    folder: str = ""
    loader: str = ""
    mlflow: str = ""


def use_of(model: RegisteredModel, live: ModelVersion | None, url: str) -> Use:
    """Return how to use the version in production, or else the highest sealed one."""
    version = live or model.versions.sealed().highest_first().first()
    highest = model.versions.highest_first().values_list("version", flat=True).first()
    following = str(semver.parse(semver.bump(highest, "minor")))
    files = list(Artifact.objects.filter(version=version).select_related("blob")) if version else []
    folder = next((each.path.rpartition("/")[0] for each in files if each.path.rpartition("/")[2] == MLFLOW), None)
    main = next((each for kind in LOADERS for each in files if each.blob.format == kind), files[0] if files else None)
    kind = main.blob.format if main else ""
    return Use(
        api=f"{url}/api/v1/",
        url=url,
        name=model.name,
        version=version,
        pinned=live is None,
        next=following,
        path=main.path if main else "",
        sha256=main.blob_id if main else "",
        format=kind,
        folder=folder or "",
        loader=LOADERS.get(kind, ""),
        mlflow="mlflow_folder.py" if folder is not None else "mlflow_onnx.py" if kind == "onnx" else "",
    )
