"""States of a promotion, verdicts, and the moves allowed between states, as data."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    """How a promotion stands."""

    OPEN = "open", "Open"
    CHANGES_REQUESTED = "changes_requested", "Changes requested"
    BLOCKED = "blocked", "Blocked"
    APPROVED = "approved", "Approved"
    EXECUTED = "executed", "Executed"
    REJECTED = "rejected", "Rejected"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"
    SUPERSEDED = "superseded", "Superseded"


PENDING: tuple[str, ...] = (
    State.OPEN,
    State.CHANGES_REQUESTED,
    State.BLOCKED,
    State.APPROVED,
)
TERMINAL: tuple[str, ...] = (
    State.EXECUTED,
    State.REJECTED,
    State.CANCELLED,
    State.EXPIRED,
    State.SUPERSEDED,
)

_between_pending = frozenset(PENDING)
MOVES: dict[str, frozenset[str]] = {
    **{state: (_between_pending | set(TERMINAL)) - {State.EXECUTED} for state in PENDING},
    State.APPROVED: _between_pending | set(TERMINAL),
    **{state: frozenset() for state in TERMINAL},
}


class Kind(models.TextChoices):
    """What sort of stage change a promotion is."""

    PROMOTION = "promotion", "Promotion"
    ROLLBACK = "rollback", "Rollback to a version approved before"
    DEMOTION = "demotion", "Demotion"


class Verdict(models.TextChoices):
    """What a person says on a round; taking something back is another row."""

    APPROVE = "approve", "Approve"
    REQUEST_CHANGES = "request_changes", "Request changes"
    REJECT = "reject", "Reject"
    RETRACT = "retract", "Retract"
    DISMISS = "dismiss", "Dismiss"


NEEDS_REASON: frozenset[str] = frozenset({Verdict.REQUEST_CHANGES, Verdict.REJECT, Verdict.RETRACT, Verdict.DISMISS})

MEANINGS: dict[str, str] = {
    Verdict.APPROVE: "Reviewed and approved for {stage}",
    Verdict.REQUEST_CHANGES: "Reviewed; changes are needed before {stage}",
    Verdict.REJECT: "Reviewed and rejected for {stage}",
    Verdict.RETRACT: "My earlier decision no longer stands",
    Verdict.DISMISS: "The request for changes is settled",
}


class Remark(models.TextChoices):
    """What a comment does to its thread."""

    SAID = "said", "Said"
    RESOLVED = "resolved", "Resolved"
    REOPENED = "reopened", "Reopened"


class CheckKind(models.TextChoices):
    """What a check looks at."""

    METRIC = "metric", "Metric threshold"
    METADATA = "metadata", "Metadata standard"
    LINEAGE = "lineage", "Lineage completeness"
    ARTIFACTS = "artifacts", "Artifact bytes"
    SCAN = "scan", "Artifact scan"
    EVIDENCE = "evidence", "Attached evidence"
    EXTERNAL = "external", "External check"


class CheckStatus(models.TextChoices):
    """How a check stands; only `passed` satisfies."""

    PENDING = "pending", "Pending"
    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"
    ERROR = "error", "Error"


class RuleStatus(models.TextChoices):
    """How a review rule stands (Gerrit's vocabulary)."""

    SATISFIED = "satisfied", "Satisfied"
    UNSATISFIED = "unsatisfied", "Waiting"
    UNSATISFIABLE = "unsatisfiable", "Cannot be satisfied"
    ERROR = "error", "Error"
