"""What the page of one version shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from apps.accounts import grants
from apps.accounts.models import User
from apps.approvals import comparison, evidence, policies
from apps.approvals import past as promotions_past
from apps.approvals import selectors as approvals
from apps.approvals.comparison import MetricChange
from apps.approvals.models import AttachedEvidence, Promotion
from apps.approvals.selectors import Outlook
from apps.core.verdicts import Denied, Verdict
from apps.lineage import selectors as lineage
from apps.models import policies as model_policies
from apps.models.models import Alias, Artifact, ModelVersion
from apps.models.states import DEMOTIONS, MOVES, Stage
from apps.portal.selectors import past

PICTURE_DEPTH = 2
NOT_SEALED = Denied("The version is not sealed yet; only sealed versions have a stage.", "not_sealed", wrong_state=True)


@dataclass(frozen=True)
class Acts:
    """What the reader may do with the version, each with the reason where not; None where it makes no sense."""

    promote: Verdict
    demote: Verdict | None
    attach: Verdict
    alias: Verdict


@dataclass(frozen=True)
class Against:
    """The version in production, None where there is no other, and the metrics beside it."""

    version: ModelVersion | None
    metrics: tuple[MetricChange, ...]


def visible(user: User, model: str, at: datetime | None = None) -> QuerySet[ModelVersion]:
    """Return the versions of a model that a user may see, with their stage now or then and everybody the page names."""
    found = ModelVersion.objects.visible_to(user).filter(registered_model__name=model).with_stage(at)
    return found.select_related("registered_model__team", "registered_by", "sealed_by", "lineage_node")


def turn_back(version: ModelVersion, at: datetime) -> None:
    """Show a version and its model as they were at an instant; raises Invalid where it was not registered yet."""
    past.require_known(version, at)
    past.turn_back([version.registered_model], at)
    past.unseal([version], at)


def aliases(version: ModelVersion, at: datetime | None = None) -> list[Alias]:
    """Return the aliases that point to a version, or pointed to it at an instant; one query."""
    if at is not None:
        return past.pointing_to(version, past.aliases(version.registered_model, at))
    return list(version.aliases.all())


def artifacts(version: ModelVersion, at: datetime | None = None) -> QuerySet[Artifact]:
    """Return the files of a version, or those uploaded by an instant."""
    found = Artifact.objects.filter(version=version).select_related("blob")
    return found if at is None else found.filter(uploaded_at__lte=at)


def against_production(version: ModelVersion, ahead: Outlook | None, at: datetime | None = None) -> Against:
    """Return the metrics of a version beside those of the one in production, now or then, if that is another."""
    there = ahead.replaces if ahead else evidence.in_production(version.registered_model, at)
    other = there if there != version else None
    return Against(other, comparison.metrics(other.metrics if other else {}, version.metrics))


def outlook(version: ModelVersion) -> Outlook | None:
    """Return what production would ask for today; None where that is no question."""
    stage = getattr(version, "stage", None)
    return approvals.outlook(version) if stage and Stage.PRODUCTION in MOVES[stage] else None


def acts(user: User, version: ModelVersion, ahead: Outlook | None) -> Acts:
    """Return what a user may do with a version."""
    model = version.registered_model
    with grants.read_once(user, [model, model.team]):
        attach, alias = policies.can_attach_evidence(user, version), model_policies.can_manage_aliases(user, model)
        if not version.is_sealed:
            alias = Denied("Only a sealed version can be named by an alias.", "not_sealed", wrong_state=True)
        return Acts(*_moves(user, version, ahead), attach, alias)


def _moves(user: User, version: ModelVersion, ahead: Outlook | None) -> tuple[Verdict, Verdict | None]:
    stage: str | None = getattr(version, "stage", None)
    if stage is None:
        return NOT_SEALED, None
    demotions = sorted(DEMOTIONS[stage])
    demote = policies.can_demote(user, version, stage, demotions[0]) if demotions else None
    if ahead is None:
        return Denied(f"A version in {stage} is not promoted any further.", wrong_state=True), demote
    return policies.can_submit(user, version, stage, ahead.stage, ahead.requirement), demote


def nothing_possible(why: Verdict) -> Acts:
    """Return that nothing can be done, for one reason."""
    return Acts(why, None, why, why)


def picture(user: User, version: ModelVersion, at: datetime | None = None) -> lineage.Picture:
    """Return the near origin of a version and what came from it, now or by an instant, laid out."""
    node = getattr(version, "lineage_node", None)
    found = (
        lineage.around(node, user, PICTURE_DEPTH, at=at) if node else lineage.graph(version, user, PICTURE_DEPTH, at=at)
    )
    return lineage.picture(found)


def promotions(version: ModelVersion, at: datetime | None = None) -> list[Promotion]:
    """Return the promotions of a version, newest first, as they are or as they stood at an instant."""
    rows = Promotion.objects.filter(version=version).select_related("version__registered_model", "requested_by")
    rows = rows if at is None else rows.filter(created_at__lte=at)
    found = list(rows.order_by("-pk"))
    if at is not None:
        promotions_past.turn_back(found, at)
    return found


def attached(version: ModelVersion, at: datetime | None = None) -> QuerySet[AttachedEvidence]:
    """Return the evidence attached to a version by now or by an instant, newest first."""
    found = AttachedEvidence.objects.filter(version=version)
    found = found if at is None else found.filter(created_at__lte=at)
    return found.select_related("author").order_by("-pk")
