"""Event types of approvals."""

from apps.audit.events import register

# Where a comment stands on the page of its promotion.
COMMENT = "comment-{comment}"

POLICY_SET = register(
    "approvals.policy.set",
    "set version {number} of the policy {subject}",
    personal=("note",),
)
PROMOTION_SUBMITTED = register(
    "approvals.promotion.submitted",
    "asked to move {model} {version} to {target_stage}",
    personal=("reason",),
)
PROMOTION_DECIDED = register(
    "approvals.promotion.decided",
    "signed “{meaning}” on {model} {version} to {target_stage}, round {round}",
    personal=("comment", "printed_name"),
)
PROMOTION_REEVALUATED = register(
    "approvals.promotion.reevaluated",
    "found {model} {version} to {target_stage} {state} in round {round}",
)
PROMOTION_EXECUTED = register("approvals.promotion.executed", "moved {model} {version} to {target_stage}")
PROMOTION_DEMOTED = register(
    "approvals.promotion.demoted",
    "demoted {model} {version} to {target_stage}",
    personal=("reason", "printed_name"),
)
PROMOTION_WITHDRAWN = register(
    "approvals.promotion.withdrawn",
    "withdrew the promotion of {model} {version} to {target_stage}",
    personal=("reason",),
)
PROMOTION_EXPIRED = register(
    "approvals.promotion.expired",
    "let the promotion of {model} {version} to {target_stage} expire",
)
PROMOTION_SUPERSEDED = register(
    "approvals.promotion.superseded",
    "closed the promotion of {model} {version} to {target_stage}: {by} went there first",
)
CHECK_REPORTED = register("approvals.check.reported", "reported check {check} {status} on {subject}")
EVIDENCE_ATTACHED = register("approvals.evidence.attached", "attached {kind} to {subject}", personal=("title",))
THREAD_OPENED = register(
    "approvals.thread.opened",
    "opened a thread about {model} {version} to {target_stage}",
    personal=("text",),
    place=COMMENT,
)
THREAD_ANSWERED = register(
    "approvals.thread.answered",
    "answered in a thread about {model} {version} to {target_stage}",
    personal=("text",),
    place=COMMENT,
)
THREAD_RESOLVED = register(
    "approvals.thread.resolved", "resolved a thread about {model} {version} to {target_stage}", place=COMMENT
)
THREAD_REOPENED = register(
    "approvals.thread.reopened", "reopened a thread about {model} {version} to {target_stage}", place=COMMENT
)
