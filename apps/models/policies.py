"""Who may do what in the registry."""

from __future__ import annotations

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import InstanceRole, Permission
from apps.core.verdicts import Allowed, Denied, Verdict
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import RiskTier, VersionState

TIERS = list(RiskTier.values)


def can_register_model(actor: User, team: Team) -> Verdict:
    """Contributors and owners of a team register its models."""
    if grants.holds(actor, Permission.REGISTER, [team]):
        return Allowed()
    return Denied(f"Only contributors and owners of {team} register models for it.")


def can_change_model(actor: User, model: RegisteredModel) -> Verdict:
    """Owners of the model or its team change it."""
    if _holds(actor, Permission.MANAGE, model):
        return Allowed()
    return Denied(f"Only owners of {model} or of {model.team} change it.")


def can_change_tier(actor: User, model: RegisteredModel, tier: str) -> Verdict:
    """Owners may raise the risk tier; only a compliance officer may lower it."""
    if is_compliance_officer(actor):
        return Allowed()
    if TIERS.index(tier) < TIERS.index(model.risk_tier):
        return Denied("Only a compliance officer lowers a risk tier.", code="tier_lowered")
    return can_change_model(actor, model)


def can_register_version(actor: User, model: RegisteredModel) -> Verdict:
    """Contributors and owners of the model or its team register versions."""
    if _holds(actor, Permission.REGISTER, model):
        return Allowed()
    return Denied(f"Only contributors and owners of {model} or of {model.team} register versions.")


def can_upload(actor: User, version: ModelVersion) -> Verdict:
    """Whoever may register versions may upload artifacts until the version is sealed."""
    return _can_while_pending(actor, version, "takes no more artifacts")


def can_seal(actor: User, version: ModelVersion) -> Verdict:
    """Whoever may register versions may seal a pending one."""
    return _can_while_pending(actor, version, "cannot be sealed again")


def can_fail(actor: User, version: ModelVersion) -> Verdict:
    """Whoever may register versions may give a pending one up."""
    return _can_while_pending(actor, version, "cannot be given up")


def can_manage_aliases(actor: User, model: RegisteredModel) -> Verdict:
    """Owners of the model or its team move its aliases."""
    if _holds(actor, Permission.MANAGE, model):
        return Allowed()
    return Denied(f"Only owners of {model} or of {model.team} move its aliases.")


def can_set_standard(actor: User) -> Verdict:
    """Compliance officers keep the metadata standards."""
    if is_compliance_officer(actor):
        return Allowed()
    return Denied("Only a compliance officer sets metadata standards.")


def is_compliance_officer(actor: User) -> bool:
    """Tell whether an active user keeps policies and standards."""
    return actor.is_active and InstanceRole.COMPLIANCE_OFFICER in actor.instance_roles()


def _holds(actor: User, permission: Permission, model: RegisteredModel) -> bool:
    return grants.holds(actor, permission, [model, model.team])


def _can_while_pending(actor: User, version: ModelVersion, otherwise: str) -> Verdict:
    verdict = can_register_version(actor, version.registered_model)
    if not verdict or version.state == VersionState.PENDING:
        return verdict
    if version.state == VersionState.FAILED:
        return Denied(f"{version} was given up, so it {otherwise}.", code="version_failed", wrong_state=True)
    return Denied(f"{version} is sealed, so it {otherwise}.", code="version_sealed", wrong_state=True)
