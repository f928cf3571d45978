"""Every write of approvals: policies, promotions, decisions, checks, evidence, execution, discussion."""

from apps.approvals.actions.checks import (
    report_check,
    verify_artifacts,
    verify_due_artifacts,
)
from apps.approvals.actions.decisions import decide
from apps.approvals.actions.discussion import open_thread, reopen, reply, resolve
from apps.approvals.actions.evidence import attach_evidence
from apps.approvals.actions.execution import demote, execute
from apps.approvals.actions.policies import set_policy
from apps.approvals.actions.projection import refresh, refresh_model
from apps.approvals.actions.promotions import submit, withdraw
from apps.approvals.actions.sweeping import refresh_pending, sweep_due

__all__ = [
    "attach_evidence",
    "decide",
    "demote",
    "execute",
    "open_thread",
    "refresh",
    "refresh_model",
    "refresh_pending",
    "reopen",
    "reply",
    "report_check",
    "resolve",
    "set_policy",
    "submit",
    "sweep_due",
    "verify_artifacts",
    "verify_due_artifacts",
    "withdraw",
]
