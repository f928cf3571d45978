"""Answers that pages and the API combine from several tables of approvals."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from apps.accounts import grants
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.approvals import checks, evidence, policies
from apps.approvals.comparison import Comparison, compare
from apps.approvals.models import Decision, Promotion
from apps.approvals.requirements import Check, Requirement
from apps.approvals.standing import DECISION, Situation, Standing, evaluate, restored, situation_of
from apps.approvals.states import MEANINGS, CheckKind, CheckStatus, Kind, RuleStatus, State
from apps.models.models import ModelVersion
from apps.models.states import Stage

MOST_SUGGESTED, LONGEST_NAME = 8, 150


@dataclass(frozen=True)
class Foreseen:
    """A check that a promotion would ask, as it stands today, and how to give what it misses."""

    name: str
    kind: str
    status: str
    summary: str
    remedy: str = ""
    evidence_kind: str = ""


@dataclass(frozen=True)
class Outlook:
    """What promoting a version to a stage would need, and which checks it meets today."""

    stage: str
    requirement: Requirement
    checks: tuple[Foreseen, ...]
    replaces: ModelVersion | None

    @property
    def missing(self) -> int:
        """How many checks do not pass today, but for the files: their bytes are verified once somebody asks."""
        return sum(check.status != CheckStatus.PASSED for check in self.checks if check.kind != CheckKind.ARTIFACTS)


def standing(promotion: Promotion) -> Standing:
    """Return how a promotion stands: evaluated now while pending, as it was when it closed otherwise."""
    if promotion.is_pending:
        return evaluate(situation_of(promotion))
    if promotion.standing:
        return restored(promotion.standing)
    return Standing(promotion.state, promotion.state_reason, promotion.round_number, "")


def changes(promotion: Promotion) -> Comparison:
    """Return what the promotion would change: against production now while pending, against what it replaced after."""
    against = promotion.replaces
    if promotion.is_pending:
        against = evidence.in_production(promotion.registered_model)
    return compare(promotion.version, against if against != promotion.version else None)


def decisions(promotion: Promotion) -> list[tuple[Decision, bool]]:
    """Return every decision, oldest first, and whether it is outdated: made on other evidence than the present."""
    now = promotion.rounds.filter(number=promotion.round_number).values_list("evidence_digest", flat=True).first()
    rows = promotion.decisions.select_related(*DECISION).order_by("pk")
    return [(row, row.evidence_digest != now) for row in rows]


def allowed_actions(user: User, situation: Situation, stands: Standing) -> list[str]:
    """Return the names of what the user may do to a pending promotion: decide, execute, withdraw, report_check."""
    promotion = situation.promotion
    reporters = {check.options.get("reporter") for check in situation.requirement.checks}
    answers = {
        "decide": bool(policies.can_decide(user, situation)),
        "execute": stands.state == State.APPROVED
        and bool(policies.can_execute(user, promotion, situation.requirement)),
        "withdraw": bool(policies.can_withdraw(user, promotion)),
        "report_check": user.is_active and user.username in reporters,
    }
    return [name for name, answer in answers.items() if promotion.is_pending and answer]


def meanings(promotion: Promotion) -> dict[str, str]:
    """Return what each verdict's signature says by default."""
    return {verdict: words.format(stage=promotion.target_stage) for verdict, words in MEANINGS.items()}


def outlook(version: ModelVersion, stage: str = Stage.PRODUCTION) -> Outlook:
    """Return what a promotion of the version to a stage would ask for today; nothing is stored."""
    registered_model = version.registered_model
    requirement = evidence.requirement_from(evidence.current_policies(registered_model, stage), Kind.PROMOTION)
    imagined = Promotion(registered_model=registered_model, version=version, target_stage=stage)
    subject = checks.Subject(imagined, evidence.in_production(registered_model), (), "")
    answered = tuple(_foreseen(check, checks.answer(check, subject)) for check in requirement.checks)
    return Outlook(stage, requirement, answered, subject.replaces)


def _foreseen(check: Check, result: checks.Result) -> Foreseen:
    lacks = result.status != CheckStatus.PASSED
    remedy = checks.remedy(check) if lacks else ""
    wanted = str(check.options.get("evidence_kind", "")) if lacks else ""
    return Foreseen(check.name, check.kind, result.status, result.summary, remedy, wanted)


def mentionable(promotion: Promotion, reader: User, text: str) -> list[User]:
    """Return at most eight people whom a mention would reach and whose user name or a name begins with the text.

    Only those whom the reader may find anyway, or whom the model's page names: nobody is learned of by completion.
    """
    if "\x00" in text or len(text) > LONGEST_NAME:
        return []
    model = promotion.registered_model
    reached = policies.who_can_comment(model).exclude(pk=reader.pk)
    named = grants.holders(Permission.VIEW, (model, model.team)).values("pk")
    everything = User.objects.filter(groups__name__in=grants.READS_EVERYTHING).values("pk")
    found = User.objects.known_to(reader).order_by().values("pk")
    known = Q(pk__in=found) | Q(pk__in=named) | Q(pk__in=everything)
    begins = Q(username__istartswith=text) | Q(name__istartswith=text) | Q(name__icontains=f" {text}")
    return list(reached.filter(known, begins).order_by("name", "username")[:MOST_SUGGESTED])


def asked_of(user: User, promotion: Promotion) -> str:
    """Return what a pending promotion asks of this person, as last projected; empty for nothing; no query."""
    if not promotion.is_pending or not promotion.standing:
        return ""
    stands = restored(promotion.standing)
    settles = any(blocker.person.id == user.pk for blocker in stands.blockers)
    return _ask(user, stands) if settles or _places(user, stands) else ""


def _places(user: User, stands: Standing) -> list[str]:
    open_rules = [rule for rule in stands.rules if rule.status == RuleStatus.UNSATISFIED]
    return [rule.group_words for rule in open_rules if any(person.id == user.pk for person in rule.could)]


def _ask(user: User, stands: Standing) -> str:
    words = _places(user, stands)
    left = sum(rule.needed - len(rule.filled_by) for rule in stands.rules)
    if not words:
        return "You asked for changes; say when they are settled."
    if left == 1:
        return f"Your approval is the last one missing ({words[0]})."
    return f"You can approve ({' or '.join(words)}); {left} are missing."
