"""The main job over HTTP against a running portal: a pipeline, reviewers, a deployer and an auditor (design, 3)."""

from __future__ import annotations

import json
from queue import Queue
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.e2e.clients import SECONDS, Client, receiver, sha256, signed_in
from tests.e2e.conftest import ROOT, RunningPortal

FILES = ROOT / "examples" / "demo_bundle" / "artifacts" / "digit-reader" / "2.1.0"
MODEL = "cheque-reader"
VERSION = f"models/{MODEL}/versions/1.3.0/"
CONTENT = {
    "version": "1.3.0",
    "metrics": {"accuracy": 0.9778, "log_loss": 0.0884},
    "parameters": {"hidden units": 96},
    "metadata": {
        "task": "digit recognition",
        "framework": "scikit-learn",
        "framework_version": "1.9.1",
        "owner_contact": "payments-ml-owner@example.org",
        "intended_use": "Reads amounts that a clerk confirms.",
        "limitations": "Trained on digits of 1990s writers, not on cheques.",
        "input_features": ["image"],
        "training_rows": 1257,
        "evaluation_rows": 540,
    },
    "lineage": {
        "datasets": [{"namespace": "scikit-learn", "name": "digits", "version": "train"}],
        "code": {"repository": "registry-portal", "commit": "d58eac05fb4fc774a26b5776773f08f8dee53411"},
        "run": {"system": "local", "id": "walk-1"},
        "parents": ["digit-reader 2.1.0"],
    },
}
Received = Queue[tuple[dict[str, str], bytes]]


def test_version_goes_from_a_pipeline_into_production_and_into_the_log(running_portal: RunningPortal) -> None:
    portal = running_portal
    pipeline = Client(portal.base_url, portal.manage("create_token", "ada", "--service-account", "train-bot").strip())
    with receiver() as (url, received):
        secret = subscribe(person(portal, "priya", "webhooks:manage"), url)
        register(pipeline)
        promotion = ask(pipeline)
        let_people_decide(portal, promotion)
        executed = pipeline.until(promotion, "executed")
        assert told(received, secret)["data"]["promotion"] == promotion
    assert [rule["status"] for rule in executed["rules"]] == ["satisfied", "satisfied"]
    fetch(pipeline, since=executed["closed_at"])
    audit(person(portal, "noor", "audit:read"), promotion)


def person(portal: RunningPortal, username: str, *scopes: str) -> Client:
    """Return a demonstration user with a token of these scopes."""
    return signed_in(portal.base_url, username, portal.demo_password, *scopes)


def subscribe(owner: Client, url: str) -> str:
    """Let the team be told of executed promotions; return the secret."""
    types = ["approvals.promotion.executed"]
    body = {"name": "walk", "url": url, "team": "payments-ml", "event_types": types}
    return str(owner.post("webhooks/", body).json()["secret"])


def register(pipeline: Client) -> None:
    """Register a model and a version with its artifacts, and seal it; afterwards nothing can be changed."""
    pipeline.post("models/", {"name": MODEL, "team": "payments-ml", "risk_tier": "high"})
    assert pipeline.post(f"models/{MODEL}/versions/", CONTENT).json()["number"] == 1
    for file in sorted(FILES.iterdir()):
        pipeline.upload(VERSION, file)
    assert pipeline.post(f"{VERSION}seal/", {}, 200).json()["state"] == "ready"
    late = pipeline.send("PUT", f"{VERSION}artifacts/late.bin", 409, data=b"late")
    assert late.json()["code"] == "version_sealed"


def ask(pipeline: Client) -> int:
    """Ask for production; asked twice with one key it is one promotion."""
    pipeline.get(f"models/{MODEL}/production/", 404)
    body = {"model": MODEL, "version": "1.3.0", "target_stage": "production", "reason": "Best accuracy so far"}
    asked = pipeline.post("promotions/", body, **{"Idempotency-Key": "walk-ask"}).json()
    assert pipeline.post("promotions/", body, **{"Idempotency-Key": "walk-ask"}).json()["id"] == asked["id"]
    assert (asked["state"], asked["round"]) == ("open", 1)
    return int(asked["id"])


def let_people_decide(portal: RunningPortal, promotion: int) -> None:
    """Let two reviewers and a compliance officer approve; the asker's owner and a wrong password are refused."""
    decides = ("models:read", "promotions:decide")
    password, path = portal.demo_password, f"promotions/{promotion}/decisions/"
    ada, leo, mina, iris = (person(portal, name, *decides) for name in ("ada", "leo", "mina", "iris"))
    seen = {"If-Match": leo.get(f"promotions/{promotion}/").headers["ETag"]}
    body: dict[str, Any] = {"verdict": "approve", "signature": {"password": password}}
    assert ada.post(path, body, 403, **seen).json()["code"] == "separation_of_duties"
    assert leo.post(path, body, 428).json()["code"] == "precondition_required"
    wrong = {"verdict": "approve", "signature": {"password": "wrong"}}
    assert leo.post(path, wrong, 403, **seen).json()["code"] == "signature_refused"
    leo.decide(promotion, password, comment="Good on the worst class.")
    mina.decide(promotion, password)
    last = iris.decide(promotion, password, comment="Evidence is complete.").json()
    assert [row["person"]["username"] for row in last["decisions"]] == ["leo", "mina", "iris"]


def told(received: Received, secret: str) -> dict[str, Any]:
    """Return the event that the receiver got, its signature verified."""
    headers, body = received.get(timeout=SECONDS)
    verified = Webhook(secret).verify(body, headers)
    assert verified["type"] == "approvals.promotion.executed.v1"
    return dict(verified)


def fetch(pipeline: Client, since: str) -> None:
    """Do what a deployer does: ask what is in production, ask again for nothing new, fetch by digest."""
    answer = pipeline.get(f"models/{MODEL}/production/")
    found = answer.json()
    assert (found["version"], found["stage"]) == ("1.3.0", "production")
    assert found["since"][:19] <= since[:19]
    unchanged = pipeline.get(f"models/{MODEL}/production/", 304, **{"If-None-Match": answer.headers["ETag"]})
    assert unchanged.content == b""
    assert {file["path"] for file in found["artifacts"]} == {file.name for file in FILES.iterdir()}
    for file in found["artifacts"]:
        assert sha256(pipeline.get(file["url"]).content) == file["sha256"]
    pipeline.get(f"models/{MODEL}/production/?at=2020-01-01T00:00:00Z", 404)


def audit(auditor: Client, promotion: int) -> None:
    """Export the model's events, recompute every leaf hash, and find who approved on which evidence."""
    lines = [json.loads(line) for line in auditor.get(f"audit/events/export/?model={MODEL}").text.splitlines()]
    for line in lines:
        assert sha256(b"\x00" + line["body"].encode()) == line["leaf_hash"]
    indices = [line["index"] for line in lines]
    assert indices == sorted(set(indices))
    bodies = [json.loads(line["body"]) for line in lines]
    types = [body["type"] for body in bodies]
    assert types[:2] == ["models.model.registered", "models.version.registered"]
    assert types.count("approvals.promotion.decided") == 3
    executed = next(body for body in bodies if body["type"] == "approvals.promotion.executed")
    assert executed["data"]["promotion"] == promotion
    digests = {body["data"]["evidence_digest"] for body in bodies if body["type"] == "approvals.promotion.decided"}
    assert digests == {executed["data"]["evidence_digest"]}
    auditor.get(f"models/{MODEL}/", 403)


@pytest.mark.parametrize("name", ["tumour-malignancy", "amount-digit-reader"])
def test_auditor_learns_over_http_what_is_in_production(running_portal: RunningPortal, name: str) -> None:
    auditor = person(running_portal, "noor", "models:read")
    found = auditor.get(f"models/{name}/production/").json()
    assert (
        found["manifest_digest"] == auditor.get(f"models/{name}/versions/{found['version']}/").json()["manifest_digest"]
    )
