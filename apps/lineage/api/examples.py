"""How the calls of lineage look."""

from __future__ import annotations

from typing import Any

from apps.core.examples import Example

NODE = {
    "id": "dataset-5d41402abc4b2a76",
    "kind": "dataset",
    "label": "warehouse/cards 2026-10",
    "facts": {"namespace": "warehouse", "name": "cards", "version": "2026-10", "uri": "s3://warehouse/cards/2026-10"},
    "url": None,
}
VERSION = {
    "model": "card-fraud",
    "version": "1.4.0",
    "number": 7,
    "state": "ready",
    "stage": "production",
    "risk_tier": "high",
    "url": "https://portal.example/api/v1/models/card-fraud/versions/1.4.0/",
}
ROOT = {
    "id": "model_version-9b74c9897bac770f",
    "kind": "model_version",
    "label": "card-fraud 1.4.0",
    "facts": {"model": "card-fraud", "version": "1.4.0", "number": 7, "stage": "production"},
    "url": VERSION["url"],
}
GRAPH = {
    "version": VERSION,
    "root": ROOT["id"],
    "nodes": [ROOT, NODE],
    "edges": [{"source": NODE["id"], "target": ROOT["id"], "kind": "trained_on"}],
    "hidden": {"upstream": 0, "downstream": 2},
    "truncated": False,
}

ANSWERS: dict[str, Any] = {
    "LineageGraph": GRAPH,
    "DatasetUses": {"datasets": [NODE], "versions": [VERSION], "hidden": 1, "truncated": False},
}

EXAMPLES: dict[str, Example] = {
    "models_versions_lineage": Example(
        parts={"name": "card-fraud", "version": "1.4.0"}, query={"direction": "upstream"}
    ),
    "lineage_datasets": Example(
        query={"namespace": "warehouse", "name": "cards", "version": "2026-10", "stage": "production"}
    ),
}
