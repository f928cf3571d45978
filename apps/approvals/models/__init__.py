"""Tables of approvals: policies, promotions with rounds and decisions, attached evidence, discussion."""

from apps.approvals.models.discussion import Comment, Thread
from apps.approvals.models.evidence import AttachedEvidence
from apps.approvals.models.policies import Policy, PolicyVersion
from apps.approvals.models.promotions import CheckRun, Decision, Evaluation, Promotion, Round, Signature

__all__ = [
    "AttachedEvidence", "CheckRun", "Comment", "Decision", "Evaluation", "Policy", "PolicyVersion", "Promotion",
    "Round", "Signature", "Thread",
]  # fmt: skip
