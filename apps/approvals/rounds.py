"""What began a round, in words and values: how the evidence differs from that of the round before; pure computation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from apps.approvals import policy_words
from apps.approvals.evidence import VERSION
from apps.approvals.requirements import AUTOMATIC, Check, Requirement, Rule

LIMITS = (("minimum", "at least"), ("maximum", "at most"), ("max_regression", "worse by at most"))
OTHER_FORM = (
    "The evidence is written down in another form than before, so it is not compared; both are kept as they were."
)
# The content of a sealed version does not change; should it ever, the page says so.
CONTENT = {
    "card": "card",
    "manifest": "artifacts",
    "metrics": "metrics",
    "parameters": "parameters",
    "metadata": "metadata",
    "lineage": "lineage",
    "version": "version",
    "target_stage": "stage asked for",
}


def differences(before: str, after: str, titles: Mapping[int, str]) -> list[str]:
    """Return the sentences that say how two evidence texts differ; `titles` name the attached evidence by id.

    Evidence in another form than today's is not compared: what was signed years ago must never close its page.
    """
    old, new = json.loads(before), json.loads(after)
    if {old.get("v"), new.get("v")} != {VERSION}:
        return [OTHER_FORM]
    try:
        return _differences(old, new, titles)
    except (KeyError, TypeError, AttributeError):
        return [OTHER_FORM]


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], titles: Mapping[int, str]) -> list[str]:
    policy = policy_words.differences(_requirement(old["requirement"]), _requirement(new["requirement"]))
    return [
        *_attached(old["attached"], new["attached"], titles),
        *_replaced(old.get("replaces"), new.get("replaces")),
        *_tier(old.get("risk_tier"), new.get("risk_tier")),
        *(f"The policy asks otherwise. {turn.words}" for turn in policy),
        *(
            f"The {words} changed."
            for key, words in CONTENT.items()
            if (old.get(key) or None) != (new.get(key) or None)
        ),
    ]


def limit_words(options: Mapping[str, Any]) -> str:
    """Return what a metric check asks for: `at least 0.95, worse by at most 0.01`."""
    return ", ".join(f"{words} {options[key]:g}" for key, words in LIMITS if key in options)


def _attached(old: list[Any], new: list[Any], titles: Mapping[int, str]) -> Iterator[str]:
    known = {row["id"] for row in old}
    for row in new:
        if row["id"] not in known:
            title = titles.get(row["id"])
            kind = row["kind"].replace("_", " ").capitalize()
            yield f"{kind} “{title}” was attached." if title else f"{kind} was attached."


def _replaced(old: str | None, new: str | None) -> Iterator[str]:
    if old != new and new:
        was = f"it was {old} before" if old else "nothing was before"
        yield f"It is compared with {new}, which is in production now; {was}."
    elif old != new:
        yield f"{old} left production; nothing is there to compare with."


def _tier(old: str | None, new: str | None) -> Iterator[str]:
    if old != new:
        yield f"The risk tier is {new} now, it was {old}."


def _requirement(data: Mapping[str, Any]) -> Requirement:
    """Return the requirement that was written down in the evidence; names of checks may repeat in it."""
    return Requirement(
        rules=tuple(Rule(**rule) for rule in data["rules"]),
        checks=tuple(_check(check) for check in data["checks"]),
        automatic=data["execution"] == AUTOMATIC,
        expires_after_days=data["expires_after_days"],
        execute_within_hours=data["execute_within_hours"],
        owner_only=data["requester"] == "owner",
        needs_reason=data["needs_reason"],
        covered=data["covered"],
    )


def _check(data: Mapping[str, Any]) -> Check:
    options = {key: value for key, value in data.items() if key not in ("name", "kind")}
    return Check(data["name"], data["kind"], options)
