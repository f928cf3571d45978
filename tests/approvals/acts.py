"""What people do to promotions, in few words; nothing here that a face could not do."""

from __future__ import annotations

from apps.accounts.models import User
from apps.approvals import actions, selectors
from apps.approvals.models import Decision, Promotion
from apps.approvals.standing import RuleStanding, Standing
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import Stage
from tests.factories import PASSWORD


def request(version: ModelVersion, actor: User, stage: str = "production", reason: str = "It is better") -> Promotion:
    """Ask for a promotion and let the stored bytes be verified, as the worker would."""
    promotion = actions.submit(version, target_stage=stage, reason=reason, actor=actor)
    actions.verify_artifacts(promotion)
    return fresh(promotion)


def decide(promotion: Promotion, actor: User, verdict: str = "approve", comment: str = "because", **more) -> Decision:
    """Sign a verdict on the round as it stands."""
    more.setdefault("etag", fresh(promotion).etag)
    more.setdefault("password", PASSWORD)
    return actions.decide(promotion, verdict=verdict, comment=comment, actor=actor, **more)


def approve(promotion: Promotion, *people: User) -> Promotion:
    """Let people approve one after the other."""
    for person in people:
        decide(promotion, person)
    return fresh(promotion)


def fresh(promotion: Promotion) -> Promotion:
    """Return the promotion as the database has it."""
    return Promotion.objects.get(pk=promotion.pk)


def standing(promotion: Promotion) -> Standing:
    """Return how it stands now."""
    return selectors.standing(fresh(promotion))


def rule(promotion: Promotion, group: str = "reviewer") -> RuleStanding:
    """Return how one of its rules stands."""
    return next(rule for rule in standing(promotion).rules if rule.group == group)


def stage_of(version: ModelVersion) -> str:
    """Return the stage a version is in."""
    return ModelVersion.objects.with_stage().get(pk=version.pk).stage


def in_production(model: RegisteredModel) -> str | None:
    """Return the semantic version in production."""
    row = model.stage_assignments.current().filter(stage=Stage.PRODUCTION).select_related("version").first()
    return row.version.version if row else None
