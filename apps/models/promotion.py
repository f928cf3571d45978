"""The one door through which a version changes its stage; approvals' actions alone may open it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from apps.core.errors import Conflict
from apps.models import catalogue
from apps.models.models import ModelVersion, StageAssignment
from apps.models.states import Stage


@dataclass(frozen=True)
class Moved:
    """Where the version came from, and the version that had to leave production for it."""

    previous_stage: str
    retired: ModelVersion | None


def move(version: ModelVersion, to_stage: str, *, promotion_id: int | None, moment: datetime) -> Moved:
    """Put a sealed version into a stage from `moment` on; what was in production goes to the archive.

    The caller holds the lock on the registered model's row, and records the event. Raises Conflict where the
    version has no stage or is there already.
    """
    current = StageAssignment.objects.current().filter(version=version).first()
    if current is None:
        raise Conflict(f"{version} is not sealed, so it has no stage.", code="version_not_sealed")
    if current.stage == to_stage:
        raise Conflict(f"{version} is in {to_stage} already.", code="already_in_stage")
    leaving = [current]
    retiring = _in_production(version) if to_stage == Stage.PRODUCTION else None
    if retiring is not None:
        leaving.append(retiring)
    moment = max(moment, *(row.period.lower + timedelta(microseconds=1) for row in leaving))
    for row in leaving:
        row.period = DateTimeTZRange(row.period.lower, moment)
        row.save(update_fields=["period"])
    if retiring is not None:
        _open(retiring.version, Stage.ARCHIVED, promotion_id, moment)
    _open(version, to_stage, promotion_id, moment)
    catalogue.refresh(version.registered_model_id)
    return Moved(previous_stage=current.stage, retired=retiring.version if retiring else None)


def _in_production(version: ModelVersion) -> StageAssignment | None:
    rows = StageAssignment.objects.current().in_production().filter(registered_model=version.registered_model_id)
    return rows.select_related("version__registered_model").first()


def _open(version: ModelVersion, stage: str, promotion_id: int | None, moment: datetime) -> None:
    StageAssignment.objects.create(
        registered_model_id=version.registered_model_id,
        version=version,
        stage=stage,
        period=DateTimeTZRange(moment, None),
        promotion_id=promotion_id,
    )
