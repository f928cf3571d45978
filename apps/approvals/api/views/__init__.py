"""Approvals over HTTP, one class per address."""

from apps.approvals.api.views.discussion import ThreadDetail, ThreadList, ThreadReopen, ThreadResolve
from apps.approvals.api.views.promotions import (
    DepartureList,
    EvidenceList,
    PolicyList,
    PromotionDecide,
    PromotionDetail,
    PromotionExecute,
    PromotionList,
    PromotionReportCheck,
    PromotionWithdraw,
    VersionDemote,
)

__all__ = [
    "DepartureList", "EvidenceList", "PolicyList", "PromotionDecide", "PromotionDetail", "PromotionExecute",
    "PromotionList", "PromotionReportCheck", "PromotionWithdraw", "ThreadDetail", "ThreadList", "ThreadReopen",
    "ThreadResolve", "VersionDemote",
]  # fmt: skip
