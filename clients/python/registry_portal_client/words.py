"""How a promotion stands, in words for a terminal and for the log of a CI job."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from registry_portal_client.shapes import Check, Person, Promotion, Rule

SIGNS = {"satisfied": "ok", "passed": "ok", "unsatisfied": "..", "pending": ".."}
ENDINGS = {
    "rejected": "read the decision's reason; register a better version and ask for that",
    "cancelled": "ask again when the version is wanted: add --anew",
    "expired": "ask again: add --anew",
    "superseded": "another version moved meanwhile; ask again if this one is still wanted: add --anew",
}


def summary(promotion: Promotion) -> str:
    """Return one line."""
    name = f"{promotion['model']} {promotion['version']} to {promotion['target_stage']}"
    return f"promotion {promotion['id']}, {name}, is {promotion['state'].replace('_', ' ')}: {promotion['sentence']}"


def whole(promotion: Promotion) -> str:
    """Return everything that its deciding needs, on a page of text."""
    return "\n".join(_lines(promotion))


def next_step(promotion: Promotion) -> str:
    """Return what to do about a promotion."""
    state, number = promotion["state"], promotion["id"]
    if state == "executed":
        if promotion["target_stage"] == "production":
            return command("fetch", promotion["model"], "--into", "DIR")
        return command("fetch", promotion["model"], "--version", promotion["version"], "--into", "DIR")
    if state in ENDINGS:
        return ENDINGS[state]
    if state == "changes_requested":
        return "answer what is asked for below; whoever asked clears it in the portal"
    if state == "approved" and "execute" in promotion["allowed_actions"]:
        return command("wait", str(number), "--execute")
    missing = [check["name"] for check in promotion["checks"] if check["kind"] == "external" and _waits(check)]
    if missing:
        return command("report-check", str(number), missing[0], "passed", "--summary", "TEXT")
    return command("wait", str(number))


def command(*words: str) -> str:
    """Return a command as it can be typed."""
    return f"registry-portal {shlex.join(words)}"


def _lines(promotion: Promotion) -> Iterator[str]:
    yield summary(promotion)
    asked = f"asked by {promotion['requested_by']['name']} on {promotion['created_at'][:10]}"
    yield f"  {asked}, round {promotion['round']}" + (f": {promotion['reason']}" if promotion["reason"] else "")
    for rule in promotion["rules"]:
        yield f"  [{SIGNS.get(rule['status'], '!!')}] {_rule(rule)}"
    for check in promotion["checks"]:
        said = f": {check['summary']}" if check["summary"] else ""
        yield f"  [{SIGNS.get(check['status'], '!!')}] check {check['name']} {check['status']}{said}"
    for blocker in promotion["blockers"]:
        yield f"  [!!] {blocker['person']['name']} asks for changes (round {blocker['round']}): {blocker['comment']}"
    for decision in promotion["decisions"]:
        outdated = ", outdated" if decision["outdated"] else ""
        said = f": {decision['comment']}" if decision["comment"] else ""
        verdict = decision["verdict"].replace("_", " ")
        yield f"  {decision['signed_at'][:10]} {decision['person']['name']}: {verdict}{outdated}{said}"


def _rule(rule: Rule) -> str:
    names = _names(rule["filled_by"])
    filled = f" by {names}" if names else ""
    could = f"; can decide: {_names(rule['could'])}" if rule["status"] != "satisfied" and rule["could"] else ""
    return f"{rule['name']}: {len(rule['filled_by'])} of {rule['needed']}{filled}{could}"


def _names(people: list[Person]) -> str:
    return ", ".join(person["name"] or person["username"] for person in people)


def _waits(check: Check) -> bool:
    return check["status"] == "pending"
