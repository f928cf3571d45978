"""What callers do to a registry over HTTP, in few words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.concurrency.clients import Answer, Client
from tests.concurrency.organisation import PASSWORD, TEAM


@dataclass(frozen=True)
class Promotion:
    """A promotion as somebody read it."""

    id: int
    version: str
    state: str
    round: int
    etag: str
    digest: str


def register_model(client: Client, name: str, risk_tier: str) -> str:
    """Register a model of the team and return its name."""
    body = {"name": name, "team": TEAM, "risk_tier": risk_tier, "description": ""}
    client.post("/models/", body).expect(201)
    return name


def register_version(client: Client, model: str, **content: Any) -> Answer:
    """Open the next patch version."""
    return client.post(f"/models/{model}/versions/", {"bump": "patch", **content})


def sealed_version(client: Client, model: str) -> str:
    """Return a new sealed version with one artifact of its own."""
    version = str(register_version(client, model, metrics={"auc": 0.9}).expect(201).body["version"])
    path = f"/models/{model}/versions/{version}"
    client.put(f"{path}/artifacts/model.bin", f"{model} {version}".encode()).expect(200, 201)
    client.post(f"{path}/seal/").expect(200, 201)
    return version


def requested(client: Client, model: str, version: str, stage: str = "production") -> Promotion:
    """Ask for a promotion of a version."""
    body = {"model": model, "version": version, "target_stage": stage, "reason": "Better"}
    return as_read(client.post("/promotions/", body).expect(201))


def read(client: Client, promotion: Promotion) -> Promotion:
    """Return the promotion as it is now."""
    return as_read(client.get(f"/promotions/{promotion.id}/").expect(200))


def as_read(answer: Answer) -> Promotion:
    """Return what a reader of this answer knows."""
    body = answer.body
    named = (body["id"], body["version"], body["state"], body["round"])
    return Promotion(*named, answer.headers["etag"], body["evidence_digest"])


def decide(client: Client, promotion: Promotion, verdict: str, **headers: str) -> Answer:
    """Sign a verdict on the round that was read."""
    signature = {"password": PASSWORD, "meaning": f"I {verdict}"}
    body = {"verdict": verdict, "comment": "because", "signature": signature}
    return client.post(f"/promotions/{promotion.id}/decisions/", body, If_Match=promotion.etag, **headers)


def attach_evidence(client: Client, model: str, version: str) -> Answer:
    """Attach a report to a version: its open promotions begin another round."""
    body = {"kind": "evaluation_report", "title": "Evaluated again", "data": {"auc": 0.91}}
    return client.post(f"/models/{model}/versions/{version}/evidence/", body)


def execute(client: Client, promotion: Promotion) -> Answer:
    """Carry out an approved promotion."""
    return client.post(f"/promotions/{promotion.id}/execute/")


def in_production(client: Client, model: str) -> str | None:
    """Return the version in production, none where there is none."""
    answer = client.get(f"/models/{model}/production/").expect(200, 404)
    return str(answer.body["version"]) if answer.status == 200 else None
