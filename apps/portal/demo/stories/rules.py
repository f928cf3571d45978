"""What the compliance officers ask for, beyond the policies that the portal ships with."""

from __future__ import annotations

from typing import Any

from apps.models.states import RiskTier, Stage
from apps.notifications.models import Endpoint
from apps.portal.demo.organisation import Organisation

SENTENCE = {"type": "string", "minLength": 20}
REGISTRATION: dict[str, Any] = {
    "type": "object",
    "required": ["task", "framework", "framework_version", "owner_contact"],
    "properties": {"owner_contact": {"type": "string", "minLength": 5}},
}
PRODUCTION: dict[str, Any] = {
    "type": "object",
    "required": ["intended_use", "limitations", "input_features", "training_rows", "evaluation_rows"],
    "properties": {
        "intended_use": SENTENCE,
        "limitations": SENTENCE,
        "input_features": {"type": "array", "minItems": 1, "items": {"type": "string"}},
        "training_rows": {"type": "integer", "minimum": 1},
        "evaluation_rows": {"type": "integer", "minimum": 30},
    },
}
BUILT_IN = [{"name": "artifacts", "kind": "artifacts"}, {"name": "metadata", "kind": "metadata"}]
HIGH_TIER: dict[str, Any] = {
    "rules": [
        {"name": "reviewers", "group": "reviewer", "min_approvals": 2},
        {"name": "compliance", "group": "compliance_officer", "min_approvals": 1},
    ],
    "checks": [*BUILT_IN, {"name": "lineage", "kind": "lineage", "require": ["datasets", "code", "run"]}],
    "needs_reason": True,
}


# Nobody has a name below `.invalid` (RFC 2606), so what is sent there fails, is tried again, and is seen to fail.
DEPLOYER = "https://deploy.payments.invalid/hooks/registry"
ARCHIVE = "https://archive.invalid/registry"


def set_rules(organisation: Organisation) -> None:
    """Set the metadata standards, and ask for full lineage where a mistake does most harm."""
    organisation.set_standard(REGISTRATION, tier=RiskTier.HIGH, stage="", by="sam")
    for tier in (RiskTier.MEDIUM, RiskTier.HIGH):
        organisation.set_standard(PRODUCTION, tier=tier, stage=Stage.PRODUCTION, by="sam")
    note = "High-tier models must say which data, code and training run they come from."
    organisation.set_policy(HIGH_TIER, note, by="iris", risk_tier=RiskTier.HIGH)


def add_webhooks(organisation: Organisation, receiver: str) -> Endpoint:
    """Tell a deployer that cannot be reached and an archive that was switched off; return the mirror, which listens."""
    moved = "approvals.promotion.executed"
    organisation.add_webhook("Payments deployer", DEPLOYER, moved, by="priya", team="payments-ml")
    archive = organisation.add_webhook("Evidence archive", ARCHIVE, "approvals", by="sam")
    organisation.end_webhook(archive, "The archive moves to another host.", by="sam")
    return organisation.add_webhook("Nightly mirror, pilot", receiver, moved, by="priya", team="operations")
