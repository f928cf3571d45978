"""What the page of a promotion shows to one reader: read once, so that a template asks nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from apps.accounts.models import User
from apps.approvals import eligibility, evidence, policies, rounds, selectors
from apps.approvals.comparison import Comparison, compare
from apps.approvals.models import AttachedEvidence, Decision, Promotion, Round
from apps.approvals.requirements import Requirement
from apps.approvals.standing import Person, Situation, Standing, evaluate, situation_of
from apps.approvals.states import CheckKind, CheckStatus, RuleStatus, State, Verdict
from apps.core.verdicts import Allowed, Denied
from apps.core.verdicts import Verdict as Answer

MOST_NAMES = 4
SHOWN = (Verdict.APPROVE, Verdict.REQUEST_CHANGES, Verdict.REJECT, Verdict.RETRACT)
LABELS = {
    Verdict.APPROVE: "Approve",
    Verdict.REQUEST_CHANGES: "Request changes",
    Verdict.REJECT: "Reject, which ends the promotion",
    Verdict.RETRACT: "Take my decision back",
}


@dataclass(frozen=True)
class Option:
    """One thing the reader could sign; `value` carries the decision it settles, as in `dismiss:12`."""

    value: str
    kind: str
    label: str
    meaning: str
    answer: Answer


@dataclass(frozen=True)
class Chapter:
    """One round: what began it, in words, and the decisions made in it; only the present one counts."""

    round: Round
    causes: Sequence[str]
    decisions: Sequence[Decision]
    outdated: bool


@dataclass(frozen=True)
class Reading:
    """Everything on the page; verdicts are about this reader, now."""

    promotion: Promotion
    standing: Standing
    comparison: Comparison
    story: Sequence[Chapter]
    decide: Answer
    execute: Answer
    withdraw: Answer
    manual: bool
    fills: Sequence[str] = ()
    options: Sequence[Option] = ()
    limits: Mapping[str, str] = field(default_factory=dict)
    # What this reader said last, and whether it still counts.
    mine: Decision | None = None
    mine_counts: bool = False
    # What has to happen, and by whom.
    steps: Sequence[str] = ()


def read(promotion: Promotion, reader: User) -> Reading:
    """Return the page of a promotion for one reader."""
    if (over := policies.ended(promotion)) is not None:
        return _ended(promotion, over)
    situation = situation_of(promotion)
    standing = evaluate(situation)
    against = situation.subject.replaces
    own = [row for row in situation.decisions if row.actor_id == reader.pk and row.verdict in SHOWN]
    mine = own[-1] if own and own[-1].verdict != Verdict.RETRACT else None
    return Reading(
        promotion=promotion,
        standing=standing,
        comparison=compare(promotion.version, against if against != promotion.version else None),
        story=_story(promotion, situation.decisions, situation.attached),
        decide=policies.can_decide(reader, situation),
        execute=_execute(reader, situation, standing),
        withdraw=policies.can_withdraw(reader, promotion),
        manual=not situation.requirement.automatic,
        fills=[eligibility.group_words(group) for group in policies.groups_of(reader, situation)],
        options=list(_options(reader, situation)),
        limits=_limits(situation.requirement),
        mine=mine,
        mine_counts=mine is not None and mine.evidence_digest == situation.evidence_digest,
        steps=list(_steps(standing)),
    )


def _ended(promotion: Promotion, over: Answer) -> Reading:
    return Reading(
        promotion=promotion,
        standing=selectors.standing(promotion),
        comparison=selectors.changes(promotion),
        story=_story(
            promotion,
            [row for row, _ in selectors.decisions(promotion)],
            evidence.attached_to(promotion.version),
        ),
        decide=over,
        execute=over,
        withdraw=over,
        manual=False,
    )


def _execute(reader: User, situation: Situation, standing: Standing) -> Answer:
    if standing.state != State.APPROVED:
        return Denied("Only an approved promotion can be executed.", "not_approved", wrong_state=True)
    return policies.can_execute(reader, situation.promotion, situation.requirement)


def _options(reader: User, situation: Situation) -> Iterator[Option]:
    meanings = selectors.meanings(situation.promotion)
    for verdict in SHOWN:
        answer = policies.can_give(reader, verdict, situation, None)
        if answer or verdict != Verdict.RETRACT:
            yield Option(verdict, verdict, LABELS[verdict], meanings[verdict], answer)
    for asked in situation.decisions:
        if asked.verdict == Verdict.REQUEST_CHANGES and policies.can_give(reader, Verdict.DISMISS, situation, asked):
            label = f"Dismiss the changes {asked.actor} asked for"
            meaning = meanings[Verdict.DISMISS]
            yield Option(f"dismiss:{asked.pk}", Verdict.DISMISS, label, meaning, Allowed())


def _limits(requirement: Requirement) -> dict[str, str]:
    """Return in words what the policy asks of each metric."""
    metric = [check.options for check in requirement.checks if check.kind == CheckKind.METRIC]
    return {str(options["metric"]): rounds.limit_words(options) for options in metric}


def _steps(standing: Standing) -> Iterator[str]:
    """Return what has to happen before the version moves, each with whom it waits for."""
    for blocker in standing.blockers:
        yield f"{blocker.person.name} approves or takes the request for changes back, or a colleague dismisses it."
    for rule in standing.rules:
        left = rule.needed - len(rule.filled_by)
        if rule.status == RuleStatus.UNSATISFIABLE:
            yield f"A team owner or administrator gives somebody else the role of {eligibility.role_word(rule.group)}."
        elif left:
            approvals = "One more approval" if left == 1 else f"{left} more approvals"
            yield f"{approvals} by {rule.group_words}: {_names(rule.could)}."
    for check in standing.checks:
        if check.status != CheckStatus.PASSED:
            reporter = f", which {check.reporter} reports" if check.reporter else ""
            yield f"The check {check.name} passes{reporter}."
    last = "It executes automatically." if standing.automatic else "A person or pipeline executes it."
    yield f"{last} Everything is evaluated once more before anything moves."


def _names(people: Sequence[Person]) -> str:
    shown = [each.name for each in people[:MOST_NAMES]]
    return " or ".join([*shown, *(["others"] if len(people) > MOST_NAMES else [])])


def _story(promotion: Promotion, decisions: Sequence[Decision], attached: Sequence[AttachedEvidence]) -> list[Chapter]:
    """Return the rounds as they followed one another, each with what began it and what was decided in it."""
    found = list(promotion.rounds.order_by("number"))
    titles = {row.pk: row.title for row in attached}
    causes = [rounds.differences(one.evidence, two.evidence, titles) for one, two in pairwise(found)]
    return [
        Chapter(each, cause, [row for row in decisions if row.round_id == each.pk], each is not found[-1])
        for each, cause in zip(found, [[], *causes], strict=False)
    ]


def afterwards(decision: Decision) -> str:
    """Return what a decision led to and for whom the promotion waits now."""
    said = {
        Verdict.APPROVE: "You approved.",
        Verdict.REQUEST_CHANGES: "You asked for changes.",
        Verdict.REJECT: "You rejected the promotion; it has ended.",
        Verdict.RETRACT: "You took your decision back.",
        Verdict.DISMISS: "You dismissed the request for changes.",
    }
    promotion = decision.promotion
    next_step = promotion.state_reason if promotion.is_pending else ""
    return f"{said[Verdict(decision.verdict)]} {next_step}".strip()
