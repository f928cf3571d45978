"""What waits for somebody, what they wait for, what needs care, and how production looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.core.cache import caches
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from apps.accounts.models import User
from apps.approvals import events as approval_events
from apps.approvals.models import Promotion
from apps.approvals.querysets import PromotionQuerySet
from apps.approvals.standing import Person, RuleStanding, Standing, restored
from apps.approvals.states import CheckStatus, RuleStatus, State
from apps.audit.models import Event
from apps.core import counts
from apps.models import events as model_events
from apps.models.models import RegisteredModel, StageAssignment
from apps.models.states import RiskTier, Stage
from apps.notifications.models import Delivery, Endpoint
from apps.notifications.states import OPEN, Sending
from apps.portal import wording
from apps.portal.selectors import ledger

DAYS = 30
LOWEST, STEP, TALLEST = 56, 10, 5
SOON = timedelta(hours=48)
LATELY = timedelta(days=7)
SHOWN_TASKS, SHOWN_ALERTS, SHOWN_CHANGES, NAMED = 12, 4, 12, 3
# So many versions are not counted anew for every look.
COUNTED_ALWAYS = 5_000
COUNTED_SECONDS = 60
NEWS = (
    *(approval_events.PROMOTION_SUBMITTED, approval_events.PROMOTION_DECIDED, approval_events.PROMOTION_EXECUTED),
    *(approval_events.PROMOTION_DEMOTED, approval_events.PROMOTION_WITHDRAWN, approval_events.PROMOTION_EXPIRED),
    *(approval_events.PROMOTION_SUPERSEDED, approval_events.POLICY_SET, approval_events.EVIDENCE_ATTACHED),
    *(model_events.MODEL_REGISTERED, model_events.MODEL_CHANGED, model_events.VERSION_SEALED),
    *(model_events.ALIAS_SET, model_events.ALIAS_REMOVED, model_events.STANDARD_SET),
)


@dataclass(frozen=True)
class Task:
    """A promotion as a line of somebody's list: what is asked of them and why, or on whom it waits."""

    promotion: Promotion
    sentence: str


@dataclass(frozen=True)
class Tasks:
    """The first tasks by due date, and how many there are."""

    shown: list[Task]
    count: counts.Count


@dataclass(frozen=True)
class Alerts:
    """What needs care soon: promotions that expire or that nobody can approve, webhooks that fail or are off."""

    expiring: list[Promotion]
    blocked: list[Promotion]
    webhooks: list[Endpoint]

    def __bool__(self) -> bool:
        return bool(self.expiring or self.blocked or self.webhooks)


@dataclass(frozen=True)
class Cell:
    """How many versions of a tier are in a stage."""

    stage: str
    count: int


@dataclass(frozen=True)
class TierRow:
    """A risk tier across the stages."""

    tier: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """Tier by stage, as counted at an instant."""

    rows: tuple[TierRow, ...]
    counted_at: datetime

    @cached_property
    def total(self) -> int:
        """How many versions there are."""
        return sum(cell.count for row in self.rows for cell in row.cells)


@dataclass(frozen=True)
class Dot:
    """Promotions of a day that ended alike: `x` in per cent, `y` in pixels; `more` where not all are drawn."""

    x: float
    y: int
    tone: str
    title: str
    more: int = 0


@dataclass(frozen=True)
class Day:
    """How many promotions ended on a day, by state."""

    day: date
    counts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """How many ended."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True)
class Timeline:
    """The promotions that ended in the last thirty days, by day."""

    days: tuple[Day, ...]
    dots: tuple[Dot, ...]
    since: datetime

    @property
    def executed(self) -> int:
        """How many moved a version."""
        return sum(count for day in self.days for state, count in day.counts if state == State.EXECUTED)

    @property
    def total(self) -> int:
        """How many ended in any way."""
        return sum(day.total for day in self.days)


def waiting_for(user: User) -> Tasks:
    """Return what waits for this person's decision, by due date: what is asked, why of them, what else is missing."""
    found = Promotion.objects.waiting_for(user).visible_to(user)
    return _tasks(found, lambda promotion: _asked(user, promotion))


def requested_by(user: User) -> Tasks:
    """Return the pending promotions that a person or their programs asked for, and on whom each waits."""
    mine = User.objects.filter(Q(pk=user.pk) | Q(owner=user)).order_by().values("pk")
    return _tasks(Promotion.objects.pending().filter(requested_by__in=mine), _waits)


def alerts(user: User) -> Alerts:
    """Return what needs care within what a reader may see, and the webhooks of theirs that are off; three queries."""
    now = timezone.now()
    visible = _told(Promotion.objects.visible_to(user))
    soon = Q(expires_at__lte=now + SOON) | Q(execute_by__lte=now + SOON)
    stuck = Q(state=Sending.EXHAUSTED) | Q(state__in=OPEN, attempts__gte=2)
    lately = Delivery.objects.filter(stuck, endpoint=OuterRef("pk"), created_at__gte=now - LATELY)
    failing = Q(Exists(lately.order_by()), enabled=True)
    off = Q(pk__in=Endpoint.objects.managed_by(user).given_up().order_by().values("pk"))
    webhooks = Endpoint.objects.visible_to(user).filter(failing | off)
    return Alerts(
        expiring=list(visible.pending().filter(soon)[:SHOWN_ALERTS]),
        blocked=list(visible.filter(state=State.BLOCKED)[:SHOWN_ALERTS]),
        webhooks=list(webhooks[:SHOWN_ALERTS]),
    )


def matrix(user: User) -> Matrix:
    """Return tier by stage, the versions in each that a user may see; remembered for a minute if many."""
    key = f"home-matrix-{user.pk}"
    kept: Matrix | None = caches["local"].get(key)
    if kept is not None:
        return kept
    found = _counted(user)
    if found.total > COUNTED_ALWAYS:
        caches["local"].set(key, found, COUNTED_SECONDS)
    return found


def timeline(user: User) -> Timeline:
    """Return the promotions that ended in the last thirty days, counted by day; one query."""
    today = timezone.now().date()
    since = datetime.combine(today - timedelta(days=DAYS - 1), time.min, tzinfo=timezone.get_default_timezone())
    closed = Promotion.objects.visible_to(user).filter(closed_at__gte=since).order_by()
    counted: dict[date, dict[str, int]] = {}
    for day, state, count in (
        closed.annotate(day=TruncDate("closed_at")).values_list("day", "state").annotate(count=Count("pk"))
    ):
        counted.setdefault(day, {})[state] = count
    days = tuple(Day(day, tuple(sorted(counted[day].items()))) for day in sorted(counted))
    return Timeline(days, tuple(dot for day in days for dot in _dots(day, since.date())), since)


def changes(user: User, since: datetime | None) -> list[ledger.Entry]:
    """Return the latest news for a reader, newest first; since an instant, what others did after it."""
    found = Event.objects.visible_to(user)
    if since is not None:
        found = found.filter(at__gte=since).exclude(actor=user.urn)
    newest = found.newest_of([str(kind) for kind in NEWS], SHOWN_CHANGES)
    return ledger.entries(list(Event.objects.filter(pk__in=newest).committed().order_by("-leaf__leaf_index")))


def _tasks(found: PromotionQuerySet, sentence: Callable[[Promotion], str]) -> Tasks:
    rows = list(_told(found)[: SHOWN_TASKS + 1])
    count = counts.Count(len(rows)) if len(rows) <= SHOWN_TASKS else counts.counted(found)
    return Tasks([Task(row, sentence(row)) for row in rows[:SHOWN_TASKS]], count)


def _told(found: PromotionQuerySet) -> PromotionQuerySet:
    return found.select_related("version__registered_model").order_by("expires_at", "pk")


def _asked(user: User, promotion: Promotion) -> str:
    stands = restored(promotion.standing)
    open_rules = [rule for rule in stands.rules if rule.status == RuleStatus.UNSATISFIED]
    mine = [rule.group_words for rule in open_rules if any(person.id == user.pk for person in rule.could)]
    if not mine:
        return "You asked for changes; say whether they are settled."
    left = sum(rule.needed - len(rule.filled_by) for rule in stands.rules)
    asked = f"Your approval is asked for, as one of the {' or '.join(mine)}"
    missing = "it is the last one missing" if left == 1 else f"{left} approvals are missing"
    return f"{asked}; {missing}. {_hindrances(stands)}".strip()


def _waits(promotion: Promotion) -> str:
    if not promotion.standing:
        return promotion.state_reason
    stands = restored(promotion.standing)
    whom = [_whom(rule) for rule in stands.rules if rule.status == RuleStatus.UNSATISFIED]
    if not whom:
        return promotion.state_reason
    return f"Waits for {' and '.join(whom)}. {_hindrances(stands)}".strip()


def _whom(rule: RuleStanding) -> str:
    left = rule.needed - len(rule.filled_by)
    if len(rule.could) > NAMED:
        return f"{left} of {len(rule.could)} {rule.group_words}"
    names = [person.name for person in rule.could]
    return f"{_listed(names, 'or' if left < len(names) else 'and')} ({rule.group_words})"


def _hindrances(stands: Standing) -> str:
    parts = [f"{_name(blocker.person)} asked for changes." for blocker in stands.blockers]
    failing = [check.name for check in stands.checks if check.status != CheckStatus.PASSED]
    if failing:
        parts.append(f"{_listed(failing, 'and')} {'does' if len(failing) == 1 else 'do'} not pass yet.")
    elif stands.checks and not parts:
        parts.append("All checks pass.")
    return " ".join(parts)


def _name(person: Person) -> str:
    return person.name or person.username


def _listed(words: Sequence[str], last: str) -> str:
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1] if words else "")))


def _counted(user: User) -> Matrix:
    visible = RegisteredModel.objects.visible_to(user).order_by().values("pk")
    current = StageAssignment.objects.current().filter(registered_model__in=visible).order_by()
    rows = current.values_list("registered_model__risk_tier", "stage").annotate(count=Count("pk"))
    counts = {(tier, stage): count for tier, stage, count in rows}
    tiers = (
        TierRow(tier.value, tuple(Cell(stage.value, counts.get((tier.value, stage.value), 0)) for stage in Stage))
        for tier in reversed(RiskTier)
    )
    return Matrix(tuple(tiers), timezone.now())


def _dots(day: Day, since: date) -> Iterable[Dot]:
    x = round(2 + (day.day - since).days * 96 / (DAYS - 1), 1)
    on = f"{day.day.day} {day.day:%b}"
    drawn = 0
    for state, count in day.counts:
        look = wording.look_of(state)
        for _ in range(count):
            if drawn == TALLEST:
                yield Dot(x, LOWEST - drawn * STEP, "grey", f"{day.total - drawn} more on {on}", day.total - drawn)
                return
            yield Dot(x, LOWEST - drawn * STEP, look.tone, f"{look.word} on {on}: {count}")
            drawn += 1
