"""How a promotion stands: every rule and check evaluated on the evidence as it is now (R2 to R6, R8, R10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from apps.accounts.models import User
from apps.approvals import checks, eligibility, evidence
from apps.approvals.matching import assign
from apps.approvals.models import AttachedEvidence, Decision, Promotion
from apps.approvals.requirements import Requirement, Rule
from apps.approvals.states import CheckStatus, RuleStatus, State, Verdict
from apps.core.canonical import digest

DECISION = ("actor", "round", "signature", "settles__actor")
OWN = (Verdict.APPROVE, Verdict.REQUEST_CHANGES, Verdict.REJECT, Verdict.RETRACT)


@dataclass(frozen=True)
class Person:
    """A person as a page or an answer names them."""

    id: int
    username: str
    name: str


@dataclass(frozen=True)
class RuleStanding:
    """A review rule, who fills its places and who still could."""

    name: str
    group: str
    group_words: str
    needed: int
    filled_by: tuple[Person, ...]
    could: tuple[Person, ...]
    status: str
    explanation: str


@dataclass(frozen=True)
class CheckStanding:
    """A check and what it says now."""

    name: str
    kind: str
    status: str
    summary: str
    url: str = ""
    reporter: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Blocker:
    """A request for changes that is still in force."""

    decision: int
    person: Person
    round: int
    comment: str


@dataclass(frozen=True)
class Standing:
    """The whole answer to "how does it stand, and what is missing?"."""

    state: str
    sentence: str
    round: int
    evidence_digest: str
    rules: tuple[RuleStanding, ...] = ()
    checks: tuple[CheckStanding, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    automatic: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return asdict(self)


@dataclass(frozen=True)
class Situation:
    """A promotion with everything that evaluating it reads, read once."""

    promotion: Promotion
    requirement: Requirement
    evidence: str
    evidence_digest: str
    attached: Sequence[AttachedEvidence]
    excluded: Mapping[int, str]
    eligible: Mapping[str, Mapping[int, User]]
    decisions: Sequence[Decision]
    subject: checks.Subject


def situation_of(promotion: Promotion) -> Situation:
    """Read the evidence, people, decisions and check runs of a promotion as they are now."""
    requirement = evidence.requirement_of(promotion)
    replaces = evidence.in_production(promotion.registered_model)
    attached = evidence.attached_to(promotion.version)
    document = evidence.document_of(promotion, requirement, replaces, attached)
    signed, excluded = digest(document), eligibility.exclusions(promotion)
    runs = tuple(promotion.check_runs.select_related("reported_by").order_by("pk"))
    return Situation(
        promotion=promotion,
        requirement=requirement,
        evidence=evidence.text_of(document),
        evidence_digest=signed,
        attached=attached,
        excluded=excluded,
        eligible=eligibility.eligible(requirement, promotion, excluded),
        decisions=list(promotion.decisions.select_related(*DECISION).order_by("pk")),
        subject=checks.Subject(promotion, replaces, runs, signed),
    )


def evaluate(situation: Situation) -> Standing:
    """Return how the promotion stands; the state it gives is the projection that is stored."""
    approvals = approvals_in_force(situation)
    rules = _rules(situation, approvals)
    answered = tuple(_check(check, situation) for check in situation.requirement.checks)
    blockers = blockers_in_force(situation.decisions)
    state = _state(situation.requirement, rules, answered, blockers)
    return Standing(
        state=state,
        sentence=_sentence(state, situation.requirement, rules, answered, blockers),
        round=situation.promotion.round_number,
        evidence_digest=situation.evidence_digest,
        rules=rules,
        checks=answered,
        blockers=blockers,
        automatic=situation.requirement.automatic,
    )


def approvals_in_force(situation: Situation) -> dict[int, Decision]:
    """Return by person the approvals that count: made on this very evidence and not taken back since."""
    latest = {row.actor_id: row for row in situation.decisions if row.verdict in OWN}
    return {
        person: row
        for person, row in latest.items()
        if row.verdict == Verdict.APPROVE and row.evidence_digest == situation.evidence_digest
    }


def blockers_in_force(decisions: Sequence[Decision]) -> tuple[Blocker, ...]:
    """Return requests for changes, over all rounds, that neither their author nor a colleague has settled (R8)."""
    open_requests: dict[int, Decision] = {}
    for row in decisions:
        if row.verdict == Verdict.REQUEST_CHANGES:
            open_requests[row.actor_id] = row
        elif row.verdict == Verdict.DISMISS:
            open_requests = {who: asked for who, asked in open_requests.items() if asked.pk != row.settles_id}
        else:
            open_requests.pop(row.actor_id, None)
    return tuple(Blocker(row.pk, person(row.actor), row.round.number, row.comment) for row in open_requests.values())


def person(user: User) -> Person:
    """Return a user as answers name them."""
    return Person(user.pk, user.username, str(user))


def _rules(situation: Situation, approvals: Mapping[int, Decision]) -> tuple[RuleStanding, ...]:
    rules, eligible = situation.requirement.rules, situation.eligible
    places = [rule.group for rule in rules for _ in range(rule.min_approvals)]
    approved = {group: [pk for pk in people if pk in approvals] for group, people in eligible.items()}
    anybody = {
        group: approved[group] + [pk for pk in people if pk not in approvals] for group, people in eligible.items()
    }
    filled, reachable = assign(places, approved), assign(places, anybody)
    return tuple(_rule(rule, places, filled, reachable, situation, approvals) for rule in rules)


def _rule(
    rule: Rule,
    places: list[str],
    filled: Mapping[int, int],
    reachable: Mapping[int, int],
    situation: Situation,
    approvals: Mapping[int, Decision],
) -> RuleStanding:
    people = situation.eligible[rule.group]
    own = [index for index, group in enumerate(places) if group == rule.group]
    fillers = tuple(person(people[filled[index]]) for index in own if index in filled)
    could = tuple(person(user) for pk, user in people.items() if pk not in approvals)
    short = sum(index not in reachable for index in own)
    words = eligibility.group_words(rule.group)
    if len(fillers) == rule.min_approvals:
        status, explanation = (
            RuleStatus.SATISFIED,
            f"{len(fillers)} of {rule.min_approvals} {words} approved",
        )
    elif short:
        status = RuleStatus.UNSATISFIABLE
        missing = words if short > 1 else eligibility.role_word(rule.group)
        explanation = f"{short} more eligible {missing} needed than there are; give somebody the role"
    else:
        status = RuleStatus.UNSATISFIED
        explanation = f"{len(fillers)} of {rule.min_approvals} {words} approved"
    return RuleStanding(
        rule.name,
        rule.group,
        words,
        rule.min_approvals,
        fillers,
        could,
        status,
        explanation,
    )


def _check(check: Any, situation: Situation) -> CheckStanding:
    result = checks.answer(check, situation.subject)
    reporter = str(check.options.get("reporter", ""))
    return CheckStanding(
        check.name,
        check.kind,
        result.status,
        result.summary,
        result.url,
        reporter,
        result.details,
    )


def _state(
    requirement: Requirement,
    rules: Sequence[RuleStanding],
    answered: Sequence[CheckStanding],
    blockers: Sequence[Blocker],
) -> str:
    if not requirement.covered or any(rule.status == RuleStatus.UNSATISFIABLE for rule in rules):
        return State.BLOCKED
    if blockers:
        return State.CHANGES_REQUESTED
    decided = all(rule.status == RuleStatus.SATISFIED for rule in rules)
    return State.APPROVED if decided and all(c.status == CheckStatus.PASSED for c in answered) else State.OPEN


def _sentence(
    state: str,
    requirement: Requirement,
    rules: Sequence[RuleStanding],
    answered: Sequence[CheckStanding],
    blockers: Sequence[Blocker],
) -> str:
    if not requirement.covered:
        return "Blocked: no policy covers this stage and tier. A compliance officer has to set one."
    parts = [_approvals_sentence(rules)]
    parts += [f"{blocker.person.name} asked for changes." for blocker in blockers]
    parts += [f"Blocked: {rule.explanation}." for rule in rules if rule.status == RuleStatus.UNSATISFIABLE]
    parts.append(_checks_sentence(answered))
    if state == State.APPROVED:
        parts.append("Ready to be executed.")
    return " ".join(part for part in parts if part)


def _approvals_sentence(rules: Sequence[RuleStanding]) -> str:
    needed, got = (
        sum(rule.needed for rule in rules),
        sum(len(rule.filled_by) for rule in rules),
    )
    if not needed:
        return "No review is needed."
    waiting = [rule.group_words for rule in rules if rule.status == RuleStatus.UNSATISFIED]
    sentence = f"{got} of {needed} approval{'s' if needed > 1 else ''}."
    return f"{sentence} Waiting for {' and '.join(waiting)}." if waiting else sentence


def _checks_sentence(answered: Sequence[CheckStanding]) -> str:
    failing = [check.name for check in answered if check.status in (CheckStatus.FAILED, CheckStatus.ERROR)]
    running = [check.name for check in answered if check.status == CheckStatus.PENDING]
    if failing:
        return f"{'Check' if len(failing) == 1 else 'Checks'} failing: {', '.join(failing)}."
    if running:
        return f"{'Check' if len(running) == 1 else 'Checks'} still to come: {', '.join(running)}."
    return "All checks pass." if answered else ""


def restored(data: Mapping[str, Any]) -> Standing:
    """Return a standing from the plain data it was stored as."""
    return Standing(
        state=data["state"],
        sentence=data["sentence"],
        round=data["round"],
        evidence_digest=data["evidence_digest"],
        rules=tuple(
            RuleStanding(
                **{
                    **rule,
                    "filled_by": _people(rule["filled_by"]),
                    "could": _people(rule["could"]),
                }
            )
            for rule in data["rules"]
        ),
        checks=tuple(CheckStanding(**check) for check in data["checks"]),
        blockers=tuple(Blocker(**{**blocker, "person": Person(**blocker["person"])}) for blocker in data["blockers"]),
        automatic=data.get("automatic", True),
    )


def _people(rows: Sequence[Mapping[str, Any]]) -> tuple[Person, ...]:
    return tuple(Person(**row) for row in rows)
