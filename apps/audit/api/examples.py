"""How the calls of the log look."""

from __future__ import annotations

from typing import Any

from apps.core.examples import Example

EVENT_ID = "0199d3b0-6f1e-7c3a-9a54-2f6d1c0b7e11"

ANSWERS: dict[str, Any] = {
    "EventType": {"name": "models.version.sealed", "wording": "sealed {version}"},
    "Event": {
        "index": 4711,
        "id": EVENT_ID,
        "type": "models.version.sealed",
        "at": "2026-10-12T09:30:00Z",
        "actor": {"urn": "urn:registry-portal:person:7f3a", "username": "train-bot", "name": "Training"},
        "subject": {"type": "version", "id": "7", "label": "card-fraud 1.4.0"},
        "sentence": "sealed card-fraud 1.4.0",
        "data": {"model": "card-fraud", "version": "1.4.0"},
        "personal": None,
        "scopes": ["team:3"],
        "leaf_hash": "c0a1d5f0a3b2c4d6e8f7091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e",
        "body": '{"type":"models.version.sealed"}',
    },
}

EXAMPLES: dict[str, Example] = {
    "audit_event_types_list": Example(),
    "audit_events_list": Example(query={"model": "card-fraud", "type": "models.version,approvals"}),
    "audit_events_retrieve": Example(parts={"event_id": EVENT_ID}),
    "audit_events_retrieve_by_index": Example(parts={"index": "4711"}),
    "audit_events_export": Example(save="events.jsonl"),
}
