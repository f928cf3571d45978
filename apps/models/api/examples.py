"""How the calls of the registry look."""

from __future__ import annotations

from typing import Any

from apps.core.examples import Example

NAME = {"name": "card-fraud"}
VERSION = {**NAME, "version": "1.4.0"}
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
MANIFEST = "6f1ed002ab5595859014ebf0951522d9a1d3f1f5a5d1f5c9d9b2a8b8e6c8d3a1"
WHEN, LATER = "2026-10-12T09:30:00Z", "2026-10-14T15:02:41.250000Z"
BASE = "https://registry.example.org/api/v1/models/card-fraud/versions/1.4.0/"
FILE = {"path": "weights/model.onnx", "size": 4, "sha256": SHA256}
ARTIFACT = {
    **FILE,
    "format": "onnx",
    "facts": {"opset": 17},
    "scan": "clean",
    "uploaded_by": "train-bot",
    "uploaded_at": WHEN,
    "url": f"{BASE}artifacts/weights/model.onnx",
}
LINEAGE = {
    "datasets": [{"namespace": "warehouse", "name": "cards", "version": "2026-10"}],
    "code": {"repository": "https://git.example.org/card-fraud", "commit": "d4e5f6"},
    "run": {"system": "airflow", "id": "train-118"},
}
SUMMARY = {
    "model": "card-fraud",
    "version": "1.4.0",
    "number": 7,
    "state": "ready",
    "stage": "experimental",
    "description": "Retrained on October.",
    "metrics": {"auc": 0.952, "recall": 0.71},
    "manifest_digest": MANIFEST,
    "registered_by": "train-bot",
    "created_at": WHEN,
    "sealed_at": WHEN,
}
SAID = {"parameters": {"learning_rate": 0.01}, "metadata": {"intended_use": "Second opinion on card payments."}}
WHOLE = {
    **SUMMARY,
    **SAID,
    "failure": "",
    "lineage": LINEAGE,
    "sealed_by": "train-bot",
    "aliases": ["champion"],
    "artifacts": [ARTIFACT],
    "duplicates": [],
    "hidden_duplicates": 0,
}
PENDING = {**WHOLE, "state": "pending", "stage": None, "manifest_digest": "", "sealed_at": None, "sealed_by": None}
MODEL = {
    "name": "card-fraud",
    "team": "payments-ml",
    "risk_tier": "low",
    "visibility": "team",
    "description": "Scores card payments for fraud.",
    "tags": ["fraud"],
    "production": {"version": "1.3.0", "since": WHEN},
    "registered_by": "ada",
    "created_at": WHEN,
    "changed_at": WHEN,
}
STAGED = {
    "model": "card-fraud",
    "team": "payments-ml",
    "risk_tier": "low",
    "version": "1.4.0",
    "number": 7,
    "stage": "production",
    "since": LATER,
    "until": None,
    "manifest_digest": MANIFEST,
    "promotion_id": 118,
}

ANSWERS: dict[str, Any] = {
    "Model": MODEL,
    "ModelDetail": MODEL,
    "Version": WHOLE,
    "VersionSummary": SUMMARY,
    "Artifact": ARTIFACT,
    "Alias": {"alias": "champion", "version": "1.4.0", "set_by": "priya", "set_at": LATER},
    "StageAssignment": STAGED,
    "Standard": {
        "risk_tier": "high",
        "stage": "production",
        "number": 2,
        "schema": {"type": "object", "required": ["intended_use"]},
        "set_by": "iris",
        "set_at": WHEN,
    },
    "Production": {
        "model": "card-fraud",
        "version": "1.4.0",
        "number": 7,
        "stage": "production",
        "since": LATER,
        "until": None,
        "manifest_digest": MANIFEST,
        "artifacts": [{**FILE, "url": f"{BASE}artifacts/weights/model.onnx"}],
    },
}

EXAMPLES: dict[str, Example] = {
    "models_list": Example(query={"q": "fraud", "stage": "production"}),
    "models_create": Example(
        {
            "name": "card-fraud",
            "team": "payments-ml",
            "risk_tier": "low",
            "description": "Scores card payments for fraud.",
            "tags": ["fraud"],
        },
        python='registry.ensure_model({"name": "card-fraud", "team": "payments-ml", "risk_tier": "low"})',
    ),
    "models_retrieve": Example(parts=NAME, python='registry.model("card-fraud")'),
    "models_update": Example(
        {"description": "Scores card payments for fraud, in Europe.", "tags": ["fraud", "europe"]}, parts=NAME
    ),
    "aliases_list": Example(parts=NAME),
    "aliases_set": Example({"version": "1.4.0"}, parts={**NAME, "alias": "champion"}),
    "aliases_remove": Example(parts={**NAME, "alias": "champion"}),
    "versions_list": Example(parts=NAME, query={"metric": "auc>=0.9"}),
    "versions_create": Example(
        {
            "version": "1.4.0",
            "description": "Retrained on October.",
            "metrics": {"auc": 0.952, "recall": 0.71},
            **SAID,
            "lineage": LINEAGE,
        },
        parts=NAME,
        python='registry.register("card-fraud", ["out/"], version="1.4.0", metrics={"auc": 0.952, "recall": 0.71})',
        answer={**PENDING, "artifacts": [], "aliases": []},
    ),
    "versions_retrieve": Example(parts=VERSION, python='registry.version("card-fraud", "1.4.0")'),
    "artifacts_upload": Example(
        parts={**VERSION, "path": "weights/model.onnx"},
        headers={"Repr-Digest": "sha-256=:$(openssl dgst -sha256 -binary model.onnx | base64):"},
        file="model.onnx",
        python='registry.register("card-fraud", {"weights/model.onnx": "model.onnx"}, version="1.4.0")',
    ),
    "artifacts_link": Example({"sha256": SHA256, "size": 4}, parts={**VERSION, "path": "weights/model.onnx"}),
    "artifacts_download": Example(
        parts={**VERSION, "path": "weights/model.onnx"},
        save="model.onnx",
        python='registry.fetch("card-fraud", "deployed/", version="1.4.0")',
    ),
    "versions_seal": Example(parts=VERSION, python='registry.seal("card-fraud", "1.4.0")'),
    "versions_fail": Example(
        {"reason": "The loss diverged."},
        parts=VERSION,
        answer={**PENDING, "state": "failed", "failure": "The loss diverged."},
    ),
    "models_production": Example(parts=NAME, python='registry.production("card-fraud")'),
    "stages_list": Example(parts=NAME),
    "stages_retrieve": Example(parts={**NAME, "stage": "staging"}),
    "inventory_list": Example(query={"at": "2026-10-15T00:00:00Z", "stage": "production"}),
    "metadata_standards_list": Example(),
    "metadata_standards_create": Example(
        {
            "risk_tier": "high",
            "stage": "production",
            "schema": {
                "type": "object",
                "required": ["intended_use"],
                "properties": {"intended_use": {"type": "string", "minLength": 20}},
            },
        }
    ),
}
