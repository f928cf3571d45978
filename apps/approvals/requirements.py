"""What a promotion needs: policy documents, parsed and joined so that layers only ever add; pure Python."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apps.accounts.roles import InstanceRole, Role
from apps.approvals.states import CheckKind
from apps.core.canonical import digest
from apps.core.errors import FieldError, Invalid

AUTOMATIC, MANUAL = "automatic", "manual"
DEFAULT_DAYS, DEFAULT_HOURS = 14, 72
MOST_PEOPLE = 20
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,98}\Z")
GROUP = re.compile(rf"^({Role.REVIEWER}|{Role.OWNER}|{InstanceRole.COMPLIANCE_OFFICER}|team:[a-z0-9-]{{1,60}})\Z")
CHECK_KEYS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    # kind: (keys it must have, keys it may have), beside name and kind
    CheckKind.METRIC: (
        frozenset({"metric"}),
        frozenset({"minimum", "maximum", "direction", "max_regression"}),
    ),
    CheckKind.METADATA: (frozenset(), frozenset()),
    CheckKind.LINEAGE: (frozenset(), frozenset({"require"})),
    CheckKind.ARTIFACTS: (frozenset(), frozenset()),
    CheckKind.SCAN: (frozenset(), frozenset({"accept"})),
    CheckKind.EVIDENCE: (frozenset({"evidence_kind"}), frozenset({"max_age_days"})),
    CheckKind.EXTERNAL: (frozenset({"reporter"}), frozenset({"max_age_hours"})),
}
DOCUMENT_KEYS = frozenset(
    {
        "rules",
        "checks",
        "rollback",
        "execution",
        "expires_after_days",
        "execute_within_hours",
        "requester",
        "needs_reason",
    }
)


@dataclass(frozen=True)
class Rule:
    """So many distinct people of one group must approve."""

    name: str
    group: str
    min_approvals: int


@dataclass(frozen=True)
class Check:
    """A condition that a program answers; `options` depend on the kind."""

    name: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> str:
        """Identity: name, kind and options."""
        return digest(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """Return the check as it stands in a policy document."""
        return {"name": self.name, "kind": self.kind, **self.options}


@dataclass(frozen=True)
class Requirement:
    """All that a promotion needs, after joining every policy that governs it."""

    rules: tuple[Rule, ...] = ()
    checks: tuple[Check, ...] = ()
    automatic: bool = True
    expires_after_days: int = DEFAULT_DAYS
    execute_within_hours: int = DEFAULT_HOURS
    owner_only: bool = False
    needs_reason: bool = False
    covered: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return plain data in a stable order."""
        return {
            "rules": [{"name": r.name, "group": r.group, "min_approvals": r.min_approvals} for r in self.rules],
            "checks": [check.as_dict() for check in self.checks],
            "execution": AUTOMATIC if self.automatic else MANUAL,
            "expires_after_days": self.expires_after_days,
            "execute_within_hours": self.execute_within_hours,
            "requester": "owner" if self.owner_only else "",
            "needs_reason": self.needs_reason,
            "covered": self.covered,
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the requirement in canonical form, 64 hex digits."""
        return digest(self.as_dict())


def parse(document: Any, *, rollback: bool = False) -> Requirement:
    """Return the requirement of one policy document; with `rollback`, its reduced rules where it has some.

    Raises Invalid naming every wrong field of the document.
    """
    problems: list[FieldError] = []
    if not isinstance(document, dict):
        raise Invalid("A policy is a JSON object", code="invalid_policy", field="document")
    _known(document, DOCUMENT_KEYS, "", problems)
    rules = _rules(document.get("rules", []), "rules", problems)
    reduced = _rollback(document.get("rollback"), problems)
    requirement = Requirement(
        rules=reduced if rollback and reduced is not None else rules,
        checks=_checks(document.get("checks", []), problems),
        automatic=_choice(document, "execution", (AUTOMATIC, MANUAL), AUTOMATIC, problems) == AUTOMATIC,
        expires_after_days=_number(document, "expires_after_days", 1, 365, DEFAULT_DAYS, problems),
        execute_within_hours=_number(document, "execute_within_hours", 1, 24 * 90, DEFAULT_HOURS, problems),
        owner_only=_choice(document, "requester", ("", "owner"), "", problems) == "owner",
        needs_reason=document.get("needs_reason", False) is True,
        covered=True,
    )
    if problems:
        raise Invalid("The policy has errors", code="invalid_policy", errors=problems)
    return requirement


def rollback_days(document: Mapping[str, Any]) -> int:
    """Return for how many days after an execution the reduced rules hold; 0 where the policy has none."""
    reduced = document.get("rollback") or {}
    return int(reduced.get("within_days", 90)) if reduced else 0


def join(requirements: Iterable[Requirement]) -> Requirement:
    """Return what satisfies every requirement: all rules and checks, the strictest number of each."""
    joined = Requirement(expires_after_days=10_000, execute_within_hours=1_000_000)
    for each in requirements:
        joined = _stricter(joined, each)
    if not joined.covered:
        return Requirement()
    return joined


def _stricter(one: Requirement, other: Requirement) -> Requirement:
    rules = {rule.group: rule for rule in one.rules}
    for rule in other.rules:
        known = rules.get(rule.group)
        if known is None or rule.min_approvals > known.min_approvals:
            rules[rule.group] = replace(rule, name=known.name if known else rule.name)
    checks = {check.key: check for check in (*one.checks, *other.checks)}
    return Requirement(
        rules=tuple(sorted(rules.values(), key=lambda rule: (rule.name, rule.group))),
        checks=tuple(sorted(checks.values(), key=lambda check: (check.name, check.key))),
        automatic=one.automatic and other.automatic,
        expires_after_days=min(one.expires_after_days, other.expires_after_days),
        execute_within_hours=min(one.execute_within_hours, other.execute_within_hours),
        owner_only=one.owner_only or other.owner_only,
        needs_reason=one.needs_reason or other.needs_reason,
        covered=one.covered or other.covered,
    )


def _rules(items: Any, where: str, problems: list[FieldError]) -> tuple[Rule, ...]:
    rules: dict[str, Rule] = {}
    for at, item in _objects(items, where, problems):
        name, group, number = (
            item.get("name"),
            item.get("group"),
            item.get("min_approvals"),
        )
        _expect(
            isinstance(name, str) and NAME.match(name),
            f"{at}.name",
            "Give a short name",
            problems,
        )
        _expect(
            isinstance(group, str) and GROUP.match(group),
            f"{at}.group",
            "Use reviewer, owner, compliance_officer or team:<slug>",
            problems,
        )
        _expect(
            type(number) is int and 1 <= number <= MOST_PEOPLE,
            f"{at}.min_approvals",
            f"Give a whole number from 1 to {MOST_PEOPLE}",
            problems,
        )
        _expect(
            group not in rules,
            f"{at}.group",
            "Each group stands once; raise its number instead",
            problems,
        )
        _known(item, {"name", "group", "min_approvals"}, at, problems)
        rules[str(group)] = Rule(str(name), str(group), number if type(number) is int else 0)
    return tuple(rules.values())


def _rollback(item: Any, problems: list[FieldError]) -> tuple[Rule, ...] | None:
    if item is None:
        return None
    if not isinstance(item, dict):
        problems.append(FieldError("rollback", "Give an object with rules and within_days"))
        return None
    _known(item, {"rules", "within_days"}, "rollback", problems)
    _number(item, "within_days", 1, 3650, 90, problems)
    rules = _rules(item.get("rules", []), "rollback.rules", problems)
    _expect(
        bool(rules),
        "rollback.rules",
        "Give at least one rule; going back still needs somebody",
        problems,
    )
    return rules


def _checks(items: Any, problems: list[FieldError]) -> tuple[Check, ...]:
    checks: dict[str, Check] = {}
    for at, item in _objects(items, "checks", problems):
        name, kind = item.get("name"), item.get("kind")
        _expect(
            isinstance(name, str) and NAME.match(name),
            f"{at}.name",
            "Give a short name",
            problems,
        )
        _expect(name not in checks, f"{at}.name", "Each name stands once", problems)
        if kind not in CHECK_KEYS:
            problems.append(FieldError(f"{at}.kind", f"Use one of {', '.join(CheckKind.values)}"))
            continue
        must, may = CHECK_KEYS[kind]
        _known(item, {"name", "kind", *must, *may}, at, problems)
        problems += [
            FieldError(f"{at}.{key}", f"A {kind} check needs {key}", "required") for key in sorted(must - set(item))
        ]
        options = {key: value for key, value in item.items() if key not in {"name", "kind"}}
        _options(options, at, problems)
        checks[str(name)] = Check(str(name), str(kind), options)
    return tuple(checks.values())


def _options(options: dict[str, Any], at: str, problems: list[FieldError]) -> None:
    for key in options.keys() & {"minimum", "maximum", "max_regression"}:
        value = options[key]
        good = isinstance(value, int | float) and not isinstance(value, bool)
        _expect(
            good and (key != "max_regression" or value >= 0),
            f"{at}.{key}",
            "Give a number",
            problems,
        )
    for key in options.keys() & {"max_age_days", "max_age_hours"}:
        value = options[key]
        _expect(
            type(value) is int and 1 <= value <= 10_000,
            f"{at}.{key}",
            "Give a whole number from 1",
            problems,
        )
    for key in options.keys() & {"metric", "reporter", "evidence_kind"}:
        value = options[key]
        _expect(
            isinstance(value, str) and 0 < len(value) <= 150,
            f"{at}.{key}",
            "Give a name",
            problems,
        )
    for key in options.keys() & {"require", "accept"}:
        value = options[key]
        good = isinstance(value, list) and all(isinstance(part, str) for part in value)
        _expect(good, f"{at}.{key}", "Give a list of words", problems)
    if "direction" in options:
        _expect(
            options["direction"] in ("higher", "lower"),
            f"{at}.direction",
            "Use higher or lower",
            problems,
        )


def _objects(items: Any, where: str, problems: list[FieldError]) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        problems.append(FieldError(where, "Give a list of objects"))
        return []
    return [(f"{where}[{index}]", item) for index, item in enumerate(items)]


def _known(item: Mapping[str, Any], keys: Collection[str], at: str, problems: list[FieldError]) -> None:
    words = f"Unknown key; known are {', '.join(sorted(keys))}"
    where = f"{at}." if at else ""
    problems += [FieldError(f"{where}{key}", words, "unknown_field") for key in sorted(set(item) - set(keys))]


def _expect(good: Any, at: str, message: str, problems: list[FieldError]) -> None:
    if not good:
        problems.append(FieldError(at, message))


def _choice(
    document: Mapping[str, Any],
    key: str,
    accepted: tuple[str, ...],
    default: str,
    problems: list[FieldError],
) -> str:
    value = document.get(key, default)
    _expect(
        value in accepted,
        key,
        f"Use one of {', '.join(word or 'an empty text' for word in accepted)}",
        problems,
    )
    return str(value)


def _number(
    document: Mapping[str, Any],
    key: str,
    least: int,
    most: int,
    default: int,
    problems: list[FieldError],
) -> int:
    value = document.get(key, default)
    good = type(value) is int and least <= value <= most
    _expect(good, key, f"Give a whole number from {least} to {most}", problems)
    return value if good else default
