"""Checks that the portal answers itself, from the evidence as it is now; nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from apps.approvals.models import AttachedEvidence, CheckRun, Promotion
from apps.approvals.requirements import Check
from apps.approvals.states import CheckKind, CheckStatus
from apps.core import clock
from apps.lineage import selectors as lineage
from apps.models import selectors as model_selectors
from apps.models.metrics import lower_is_better
from apps.models.models import ModelVersion
from apps.models.states import ScanVerdict


@dataclass(frozen=True)
class Result:
    """What a check says, in one sentence."""

    status: str
    summary: str
    url: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """What checks look at: the promotion, the version it would replace, and the runs reported so far, oldest first."""

    promotion: Promotion
    replaces: ModelVersion | None
    runs: tuple[CheckRun, ...]
    evidence_digest: str


def passed(summary: str, **details: Any) -> Result:
    """Return a result that satisfies."""
    return Result(CheckStatus.PASSED, summary, details=details)


def failed(summary: str, **details: Any) -> Result:
    """Return a result that does not satisfy."""
    return Result(CheckStatus.FAILED, summary, details=details)


def answer(check: Check, subject: Subject) -> Result:
    """Return how a check stands; an unknown kind or a fault is an error, which never satisfies (R4)."""
    try:
        return ANSWERS[check.kind](check.options, subject, check)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong must block, and say so
        return Result(
            CheckStatus.ERROR,
            f"The check could not be evaluated: {type(error).__name__}",
        )


def _metric(options: Mapping[str, Any], subject: Subject, check: Check) -> Result:
    name = options["metric"]
    value = subject.promotion.version.metrics.get(name)
    if value is None:
        return failed(f"The version has no metric {name}")
    lower = options["direction"] == "lower" if "direction" in options else lower_is_better(name)
    limits = [
        (value >= options["minimum"], f"at least {options['minimum']:g}") if "minimum" in options else None,
        (value <= options["maximum"], f"at most {options['maximum']:g}") if "maximum" in options else None,
        _regression(name, value, lower, options, subject),
    ]
    asked = [limit for limit in limits if limit]
    missed = [words for good, words in asked if not good]
    details = {"metric": name, "value": value, "lower_is_better": lower}
    if missed:
        return failed(f"{name} is {value:g}, needs {' and '.join(missed)}", **details)
    return passed(
        f"{name} is {value:g}" + (f": {' and '.join(words for _, words in asked)}" if asked else ""),
        **details,
    )


def _regression(
    name: str, value: float, lower: bool, options: Mapping[str, Any], subject: Subject
) -> tuple[bool, str] | None:
    if "max_regression" not in options or subject.replaces is None:
        return None
    before = subject.replaces.metrics.get(name)
    if before is None:
        return None
    worse = value - before if lower else before - value
    words = f"no more than {options['max_regression']:g} worse than {before:g} of {subject.replaces.version}"
    return worse <= options["max_regression"], words


def _metadata(options: Mapping[str, Any], subject: Subject, check: Check) -> Result:
    promotion = subject.promotion
    errors = model_selectors.metadata_errors(promotion.version, stage=promotion.target_stage)
    if not errors:
        return passed("The metadata meets the standard")
    listed = "; ".join(f"{error.field}: {error.message}" for error in errors[:10])
    return failed(
        f"The metadata misses the standard: {listed}",
        errors=[error.as_dict() for error in errors],
    )


def _lineage(options: Mapping[str, Any], subject: Subject, check: Check) -> Result:
    missing = lineage.completeness(subject.promotion.version).lacks(options.get("require", ["datasets", "code"]))
    if missing:
        return failed(f"The lineage does not name: {', '.join(missing)}", missing=missing)
    return passed("The lineage names what is required")


def _artifacts(options: Mapping[str, Any], subject: Subject, check: Check) -> Result:
    manifest = subject.promotion.version.manifest_digest
    for run in reversed(subject.runs):
        if run.kind == CheckKind.ARTIFACTS and run.details.get("manifest") == manifest:
            return Result(
                run.status,
                run.summary,
                details={"at": run.created_at.isoformat(), "run": run.pk},
            )
    asked = subject.promotion.pk is not None
    words = "are being verified" if asked else "are verified once a promotion is asked for"
    return Result(CheckStatus.PENDING, f"The stored bytes {words}")


def _scan(options: Mapping[str, Any], subject: Subject, check: Check) -> Result:
    accepted = set(options.get("accept", [ScanVerdict.CLEAN]))
    artifacts = subject.promotion.version.artifacts.select_related("blob")
    refused = {a.path: a.blob.scan_verdict for a in artifacts if a.blob.scan_verdict not in accepted}
    if not refused:
        return passed("Every artifact has an accepted scan verdict")
    listed = ", ".join(f"{path} is {ScanVerdict(verdict).label.lower()}" for path, verdict in list(refused.items())[:5])
    return failed(listed, artifacts=refused)


def _evidence(options: Mapping[str, Any], subject: Subject, check: Check) -> Result:
    kind, now = options["evidence_kind"], clock.now()
    rows = AttachedEvidence.objects.filter(version=subject.promotion.version, kind=kind).order_by("-pk")
    newest = rows.first()
    if newest is None:
        return failed(f"No {kind} is attached to the version")
    days = options.get("max_age_days")
    too_old = days is not None and newest.created_at < now - timedelta(days=days)
    if too_old or (newest.valid_until is not None and newest.valid_until <= now):
        return failed(f"The newest {kind} is out of date", evidence=newest.pk)
    return passed(f"{newest.title} is attached", evidence=newest.pk)


def _external(options: Mapping[str, Any], subject: Subject, check: Check) -> Result:
    reporter = options["reporter"]
    for run in reversed(subject.runs):
        named = run.name == check.name and run.reported_by is not None and run.reported_by.username == reporter
        if named and run.evidence_digest == subject.evidence_digest:
            return _external_result(run, options)
    return Result(CheckStatus.PENDING, f"Waiting for {reporter} to report")


def _external_result(run: CheckRun, options: Mapping[str, Any]) -> Result:
    hours = options.get("max_age_hours")
    if hours is not None and run.created_at < clock.now() - timedelta(hours=hours):
        return failed(f"The result is older than {hours} hours", run=run.pk)
    if run.reported_by is None or not run.reported_by.is_active:
        return failed(f"{options['reporter']} is no longer active", run=run.pk)
    words = run.summary or f"{options['reporter']} reported {run.status}"
    return Result(run.status, words, run.url, {"run": run.pk, "at": run.created_at.isoformat()})


REMEDIES: dict[str, str] = {
    CheckKind.METRIC: "A sealed version keeps its metrics: register one that meets the limit.",
    CheckKind.METADATA: "A sealed version keeps its metadata: register the next one with these fields.",
    CheckKind.LINEAGE: "Name it when you register the next version.",
    CheckKind.ARTIFACTS: "Nothing to do: the portal hashes the stored bytes once a promotion is asked for.",
    CheckKind.SCAN: "Register a version without these files, or in a format that holds no code.",
    CheckKind.EVIDENCE: "Attach it to this version.",
    CheckKind.EXTERNAL: "{reporter} reports it once a promotion is asked for.",
}


def remedy(check: Check) -> str:
    """Return how to give what a check misses, in one sentence; empty for kinds that are not known."""
    return REMEDIES.get(check.kind, "").format(reporter=check.options.get("reporter", "The program"))


ANSWERS: dict[str, Callable[[Mapping[str, Any], Subject, Check], Result]] = {
    CheckKind.METRIC: _metric,
    CheckKind.METADATA: _metadata,
    CheckKind.LINEAGE: _lineage,
    CheckKind.ARTIFACTS: _artifacts,
    CheckKind.SCAN: _scan,
    CheckKind.EVIDENCE: _evidence,
    CheckKind.EXTERNAL: _external,
}
