"""How the calls of promotions and policies look."""

from __future__ import annotations

from typing import Any

from apps.core.examples import Example

ID = {"promotion_id": "118"}
VERSION = {"name": "card-fraud", "version": "1.4.0"}
DIGEST = "0f4b1d6f3a2c5e7890ab12cd34ef56a7b8c9d0e1f2a3b4c5d6e7f8091a2b3c4d"
MANIFEST = "6f1ed002ab5595859014ebf0951522d9a1d3f1f5a5d1f5c9d9b2a8b8e6c8d3a1"
WHEN, LATER = "2026-10-12T09:45:00Z", "2026-10-26T09:45:00Z"
LEO, YUKI = {"username": "leo", "name": "Leo Brandt"}, {"username": "yuki", "name": "Yuki Tanaka"}
SIGNATURE = {"password": "…", "meaning": "Reviewed and approved for production"}
SUMMARY = {
    "id": 118,
    "model": "card-fraud",
    "version": "1.4.0",
    "number": 7,
    "source_stage": "experimental",
    "target_stage": "production",
    "kind": "promotion",
    "state": "open",
    "sentence": "Waiting for 1 more approval by a reviewer.",
    "reason": "Better recall on October's payments",
    "round": 1,
    "requested_by": {"username": "train-bot", "name": "Training"},
    "replaces": "1.3.0",
    "created_at": WHEN,
    "expires_at": LATER,
    "approved_at": None,
    "closed_at": None,
}
THREAD = {"promotion_id": "118", "thread_id": "31"}
COMMENT = {
    "id": 77,
    "thread": 31,
    "kind": "said",
    "author": YUKI,
    "text": "Why does recall fall for new cards? @leo",
    "mentioned": [LEO],
    "created_at": WHEN,
}
DECISION = {
    "id": 204,
    "round": 1,
    "person": LEO,
    "verdict": "approve",
    "comment": "Recall is better on every slice.",
    "settles": None,
    "outdated": False,
    "evidence_digest": DIGEST,
    "printed_name": "Leo Brandt",
    "meaning": "Reviewed and approved for production",
    "signed_at": WHEN,
}
WHOLE = {
    **SUMMARY,
    "evidence_digest": DIGEST,
    "rules": [
        {
            "name": "Reviewers",
            "group": "reviewer",
            "needed": 2,
            "filled_by": [LEO],
            "could": [YUKI],
            "status": "unsatisfied",
            "explanation": "1 of 2 reviewers approved.",
        }
    ],
    "checks": [
        {
            "name": "integration-tests",
            "kind": "external",
            "status": "passed",
            "summary": "412 tests",
            "url": "https://ci.example.org/runs/1",
            "reporter": "ci-bot",
        }
    ],
    "blockers": [],
    "decisions": [DECISION],
    "allowed_actions": ["withdraw"],
}
EXECUTED = {
    **WHOLE,
    "state": "executed",
    "sentence": "card-fraud 1.4.0 is in production.",
    "approved_at": LATER,
    "closed_at": LATER,
    "allowed_actions": [],
}
DOCUMENT = {
    "rules": [{"name": "Reviewers", "group": "reviewer", "min_approvals": 2}],
    "checks": [
        {"name": "auc", "kind": "metric", "metric": "auc", "minimum": 0.9},
        {"name": "integration-tests", "kind": "external", "reporter": "ci-bot"},
    ],
}

ANSWERS: dict[str, Any] = {
    "PromotionSummary": SUMMARY,
    "PromotionOutput": WHOLE,
    "EvidenceOutput": {
        "id": 31,
        "kind": "evaluation_report",
        "title": "Evaluation on October's payments",
        "body": "Recall improves on every slice.",
        "data": {"recall": 0.73},
        "digest": MANIFEST,
        "valid_until": None,
        "author": {"username": "ada", "name": "Ada Kim"},
        "created_at": WHEN,
    },
    "CommentOutput": COMMENT,
    "ThreadOutput": {
        "id": 31,
        "round": 1,
        "resolved": False,
        "opened_by": YUKI,
        "text": COMMENT["text"],
        "comments": 2,
        "created_at": WHEN,
    },
    "PolicyOutput": {
        "id": 12,
        "number": 3,
        "stage": "production",
        "risk_tier": "",
        "team": "payments-ml",
        "model": None,
        "document": DOCUMENT,
        "digest": MANIFEST,
        "note": "Two reviewers since the October review.",
        "created_at": WHEN,
    },
    "DepartureOutput": {
        "promotion": 97,
        "model": "card-fraud",
        "version": "1.3.0",
        "target_stage": "production",
        "person": LEO,
        "signed_at": WHEN,
        "reason": "Leo Brandt is no longer a reviewer of payments-ml.",
    },
}

EXAMPLES: dict[str, Example] = {
    "promotions_list": Example(
        query={"model": "card-fraud", "state": "pending"}, python='registry.promotions("card-fraud", state="pending")'
    ),
    "promotions_request": Example(
        {
            "model": "card-fraud",
            "version": "1.4.0",
            "target_stage": "production",
            "reason": "Better recall on October's payments",
        },
        python='registry.request("card-fraud", "1.4.0", "production", "Better recall on October\'s payments")',
        answer={**WHOLE, "decisions": [], "checks": []},
    ),
    "promotions_retrieve": Example(parts=ID, python="registry.wait(118, seconds=3600)"),
    "promotions_report_check": Example(
        {
            "name": "integration-tests",
            "status": "passed",
            "summary": "412 tests",
            "url": "https://ci.example.org/runs/1",
            "evidence_digest": DIGEST,
        },
        parts=ID,
        python='registry.report_check(118, "integration-tests", "passed", "412 tests")',
    ),
    "promotions_decide": Example(
        {"verdict": "approve", "comment": "Recall is better on every slice.", "signature": SIGNATURE},
        parts=ID,
        headers={"If-Match": '"promotion-118-round-1"'},
    ),
    "promotions_execute": Example(parts=ID, python="registry.execute(118)", answer=EXECUTED),
    "promotions_withdraw": Example(
        {"reason": "The next version is better."},
        parts=ID,
        answer={**WHOLE, "state": "cancelled", "sentence": "Withdrawn.", "closed_at": WHEN, "allowed_actions": []},
    ),
    "promotions_departures": Example(),
    "discussion_list": Example(parts=ID),
    "discussion_open": Example({"text": COMMENT["text"]}, parts=ID),
    "discussion_retrieve": Example(parts=THREAD),
    "discussion_reply": Example(
        {"text": "The class has 12 rows."},
        parts=THREAD,
        answer={**COMMENT, "id": 78, "author": LEO, "text": "The class has 12 rows.", "mentioned": []},
    ),
    "discussion_resolve": Example(
        parts=THREAD, answer={**COMMENT, "id": 79, "kind": "resolved", "text": "", "mentioned": []}
    ),
    "discussion_reopen": Example(
        parts=THREAD, answer={**COMMENT, "id": 80, "kind": "reopened", "text": "", "mentioned": []}
    ),
    "versions_demote": Example(
        {
            "to_stage": "archived",
            "reason": "Declines too many payments.",
            "signature": {"password": "…", "meaning": "Taken down from production"},
        },
        parts=VERSION,
        answer={**EXECUTED, "kind": "demotion", "source_stage": "production", "target_stage": "archived"},
    ),
    "evidence_list": Example(parts=VERSION),
    "evidence_attach": Example(
        {
            "kind": "evaluation_report",
            "title": "Evaluation on October's payments",
            "body": "Recall improves on every slice.",
            "data": {"recall": 0.73},
        },
        parts=VERSION,
    ),
    "policies_list": Example(),
    "policies_set": Example(
        {
            "stage": "production",
            "team": "payments-ml",
            "document": DOCUMENT,
            "note": "Two reviewers since the October review.",
        }
    ),
}
