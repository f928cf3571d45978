"""Writing policies: each version is immutable; tightening reaches open promotions when they are next looked at (R7)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from apps.accounts.models import Team, User
from apps.approvals import events, policies, requirements
from apps.approvals.models import Policy, PolicyVersion
from apps.audit import actions as audit
from apps.core import clock
from apps.core.canonical import digest
from apps.core.errors import Invalid, Stale
from apps.models.models import RegisteredModel
from apps.models.states import RiskTier, Stage


def set_policy(
    *,
    stage: str,
    risk_tier: str = "",
    document: dict[str, Any],
    team: Team | None = None,
    registered_model: RegisteredModel | None = None,
    note: str = "",
    base: int | None = None,
    actor: User,
) -> PolicyVersion:
    """Write the next version of the policy of a layer, tier and stage; an empty tier means all tiers.

    `base` is the number of the version it was written from, 0 for none; Stale is raised where that is the newest no
    longer. Raises Invalid naming each wrong field of the document, and Forbidden.
    """
    policies.can_set_policy(actor).require()
    if stage not in Stage.values or stage == Stage.EXPERIMENTAL:
        raise Invalid("Use staging, production or archived", code="unknown_stage", field="stage")
    if risk_tier not in ("", *RiskTier.values):
        raise Invalid(
            "Use low, medium, high or nothing for all",
            code="unknown_tier",
            field="risk_tier",
        )
    if team is not None and registered_model is not None:
        raise Invalid("Name a team or a model, not both", code="two_layers", field="team")
    requirements.parse(document)
    with transaction.atomic():
        policy, _ = Policy.objects.select_for_update().get_or_create(
            team=team,
            registered_model=registered_model,
            risk_tier=risk_tier,
            stage=stage,
        )
        newest = policy.versions.order_by("-number").first()
        if base is not None and base != (newest.number if newest else 0):
            raise Stale(
                "Somebody wrote another version of this policy meanwhile; look at it first.", code="stale_policy"
            )
        version = PolicyVersion.objects.create(
            policy=policy,
            number=newest.number + 1 if newest else 1,
            document=document,
            digest=digest(document),
            note=note,
            created_by=actor,
            created_at=clock.now(),
        )
        data = {
            "number": version.number,
            "before": newest.document if newest else None,
            "after": document,
            "digest": version.digest,
            "note": note,
        }
        audit.record(events.POLICY_SET, actor=actor, subject=policy, data=data)
    return version
