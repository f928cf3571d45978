"""What began a round is said in words and values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.approvals.rounds import OTHER_FORM, differences

REQUIREMENT = {
    "rules": [{"name": "reviewers", "group": "reviewer", "min_approvals": 1}],
    "checks": [{"name": "auc", "kind": "metric", "metric": "auc", "minimum": 0.9}],
    "execution": "automatic",
    "expires_after_days": 14,
    "execute_within_hours": 72,
    "requester": "",
    "needs_reason": False,
    "covered": True,
}
EVIDENCE = {
    "v": 1,
    "attached": [],
    "replaces": "1.3.2",
    "risk_tier": "low",
    "metrics": {"auc": 0.9},
    "requirement": REQUIREMENT,
}
REPORT = {"id": 7, "kind": "evaluation_report", "digest": "ab"}
TWO = {"name": "reviewers", "group": "reviewer", "min_approvals": 2}


def policy(**changes: Any) -> dict[str, Any]:
    """Return a change of the requirement."""
    return {"requirement": {**REQUIREMENT, **changes}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, []),
        ({"attached": [REPORT]}, ["Evaluation report “October” was attached."]),
        ({"attached": [{**REPORT, "id": 8}]}, ["Evaluation report was attached."]),
        ({"replaces": "1.3.3"}, ["It is compared with 1.3.3, which is in production now; it was 1.3.2 before."]),
        ({"replaces": None}, ["1.3.2 left production; nothing is there to compare with."]),
        ({"risk_tier": "high"}, ["The risk tier is high now, it was low."]),
        ({"metrics": {"auc": 0.8}}, ["The metrics changed."]),
        (policy(rules=[TWO]), ["The policy asks otherwise. Two reviewers of the model or its team instead of one."]),
        (
            policy(checks=[{**REQUIREMENT["checks"][0], "minimum": 0.95}]),
            ["The policy asks otherwise. “auc”: the minimum is 0.95 instead of 0.9."],
        ),
        (policy(execution="manual"), ["The policy asks otherwise. A person or pipeline has to execute it now."]),
    ],
)
def test_difference_of_two_rounds_is_told(change: dict[str, Any], words: list[str]):
    before, after = json.dumps(EVIDENCE), json.dumps({**EVIDENCE, **change})
    assert differences(before, after, {7: "October"}) == words


@pytest.mark.parametrize("other", [{**EVIDENCE, "v": 2}, {"v": 1}, {**EVIDENCE, "attached": [7]}, {}])
def test_evidence_in_another_form_is_not_compared(other: dict[str, Any]):
    texts = json.dumps(EVIDENCE), json.dumps(other)
    assert differences(*texts, {}) == differences(*reversed(texts), {}) == [OTHER_FORM]
