"""Results of checks: what named programs report, and the portal's own verification of stored bytes."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Sum

from apps.accounts.models import User
from apps.approvals import events
from apps.approvals.actions.projection import facts, locked, project
from apps.approvals.models import CheckRun, Promotion
from apps.approvals.requirements import Check
from apps.approvals.standing import Situation, situation_of
from apps.approvals.states import CheckKind, CheckStatus
from apps.audit import actions as audit
from apps.core import clock
from apps.core.actors import SYSTEM, System
from apps.core.errors import Conflict, Forbidden, Invalid, Stale
from apps.models.models import Artifact
from apps.models.storage import blobs

# A job of a worker that died is due again when its lease ends: soon for small artifacts, later for large ones.
LEASE = timedelta(seconds=30)
SLOWEST_BYTES_PER_SECOND = 20_000_000
RETRY = timedelta(minutes=5)
REPORTABLE = (CheckStatus.PASSED, CheckStatus.FAILED, CheckStatus.ERROR)
LONGEST_SUMMARY = 4000


def report_check(
    promotion: Promotion,
    *,
    name: str,
    status: str,
    summary: str = "",
    url: str = "",
    evidence_digest: str,
    actor: User,
) -> CheckRun:
    """Report the result of an external check as the program the policy names (R17).

    Raises Invalid (unknown check or status), Forbidden (another reporter is named), Stale (the result is for other
    evidence) and Conflict (the promotion is closed).
    """
    if status not in REPORTABLE:
        raise Invalid(f"Use one of {', '.join(REPORTABLE)}", code="unknown_status", field="status")
    if len(summary) > LONGEST_SUMMARY:
        raise Invalid(
            f"Use at most {LONGEST_SUMMARY} characters",
            code="too_long",
            field="summary",
        )
    with transaction.atomic():
        promotion = locked(promotion)
        if not promotion.is_pending:
            raise Conflict(f"This promotion is already {promotion.state}.", code="already_resolved")
        situation = situation_of(promotion)
        _named(name, actor, situation)
        if evidence_digest != situation.evidence_digest:
            raise Stale(f"The result is for other evidence; the present digest is {situation.evidence_digest}.")
        run = _append(
            promotion,
            name,
            CheckKind.EXTERNAL,
            status,
            summary,
            actor,
            situation.evidence_digest,
            url=url,
        )
        _conclude(promotion, run, actor)
    return run


def verify_artifacts(promotion: Promotion) -> CheckRun | None:
    """Hash every stored artifact again and record whether the bytes are still those that were sealed.

    Returns None where the policy does not ask for it or the promotion is closed. Hashing holds no lock.
    """
    wanted = [check for check in situation_of(promotion).requirement.checks if check.kind == CheckKind.ARTIFACTS]
    if not promotion.is_pending or not wanted:
        Promotion.objects.filter(pk=promotion.pk).update(verify_at=None)
        return None
    status, summary = _verified(promotion)
    with transaction.atomic():
        promotion = locked(promotion)
        if not promotion.is_pending:
            return None
        digest = promotion.rounds.get(number=promotion.round_number).evidence_digest
        manifest = promotion.version.manifest_digest
        promotion.verify_at = clock.now() + RETRY if status == CheckStatus.ERROR else None
        promotion.save(update_fields=["verify_at"])
        run = _append(
            promotion,
            wanted[0].name,
            CheckKind.ARTIFACTS,
            status,
            summary,
            None,
            digest,
            details={"manifest": manifest},
        )
        _conclude(promotion, run, SYSTEM)
    return run


def verify_due_artifacts(promotion_id: int) -> None:
    """Do the verification job of a promotion if it is due, leasing it so that a second worker leaves it alone."""
    moment = clock.now()
    due = Promotion.objects.verification_due(moment).filter(pk=promotion_id)
    if due.update(verify_at=moment + _lease(promotion_id)):
        verify_artifacts(Promotion.objects.get(pk=promotion_id))


def _lease(promotion_id: int) -> timedelta:
    """Return how long hashing the artifacts of a promotion's version may take on a slow storage."""
    artifacts = Artifact.objects.filter(version__promotions=promotion_id)
    size: int = artifacts.aggregate(size=Sum("blob__size"))["size"] or 0
    return LEASE + timedelta(seconds=size / SLOWEST_BYTES_PER_SECOND)


def _verified(promotion: Promotion) -> tuple[str, str]:
    artifacts = list(promotion.version.artifacts.select_related("blob"))
    try:
        changed = [artifact.path for artifact in artifacts if not blobs.verify(artifact.blob)]
    except OSError as error:
        return (
            CheckStatus.ERROR,
            f"The stored bytes could not be read: {type(error).__name__}",
        )
    if changed:
        return (
            CheckStatus.FAILED,
            f"The stored bytes differ from what was sealed: {', '.join(changed[:5])}",
        )
    words = "artifact matches" if len(artifacts) == 1 else "artifacts match"
    return CheckStatus.PASSED, f"{len(artifacts)} {words} the sealed digests"


def _named(name: str, actor: User, situation: Situation) -> Check:
    external = [check for check in situation.requirement.checks if check.kind == CheckKind.EXTERNAL]
    known = [check for check in external if check.name == name]
    if not known:
        accepted = ", ".join(sorted(check.name for check in external)) or "none"
        raise Invalid(
            f"This promotion has no such check; reportable: {accepted}",
            code="unknown_check",
            field="name",
        )
    for check in known:
        if check.options["reporter"] == actor.username and actor.is_active:
            return check
    raise Forbidden(
        "The policy names another account to report this check.",
        code="not_the_reporter",
    )


def _append(
    promotion: Promotion,
    name: str,
    kind: str,
    status: str,
    summary: str,
    actor: User | None,
    digest: str,
    *,
    url: str = "",
    details: dict[str, str] | None = None,
) -> CheckRun:
    return CheckRun.objects.create(
        promotion=promotion,
        name=name,
        kind=kind,
        status=status,
        summary=summary,
        url=url,
        details=details or {},
        evidence_digest=digest,
        reported_by=actor,
        created_at=clock.now(),
    )


def _conclude(promotion: Promotion, run: CheckRun, actor: User | System) -> None:
    before = promotion.state
    project(promotion)
    data = facts(promotion) | {
        "check": run.name,
        "status": run.status,
        "evidence_digest": run.evidence_digest,
        "state": promotion.state,
        "before": before,
    }
    audit.record(events.CHECK_REPORTED, actor=actor, subject=promotion, data=data)
