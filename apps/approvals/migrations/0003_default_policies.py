"""The organisation's policies that a new portal starts with."""

from django.db import migrations
from django.utils import timezone

from apps.core.canonical import digest

BUILT_IN = [
    {"name": "artifacts", "kind": "artifacts"},
    {"name": "metadata", "kind": "metadata"},
]


def reviewers(number):
    return {"name": "reviewers", "group": "reviewer", "min_approvals": number}


COMPLIANCE = {"name": "compliance", "group": "compliance_officer", "min_approvals": 1}
ROLLBACK = {"rules": [reviewers(1)], "within_days": 90}
DEFAULTS = (
    ("staging", "", {"rules": [reviewers(1)], "checks": BUILT_IN}),
    (
        "production",
        "low",
        {"rules": [reviewers(2)], "checks": BUILT_IN, "rollback": ROLLBACK},
    ),
    (
        "production",
        "medium",
        {"rules": [reviewers(2)], "checks": BUILT_IN, "rollback": ROLLBACK},
    ),
    ("production", "high", {"rules": [reviewers(2), COMPLIANCE], "checks": BUILT_IN}),
    (
        "archived",
        "",
        {"rules": [], "checks": [], "requester": "owner", "needs_reason": True},
    ),
)


def create(apps, schema_editor):
    policies = apps.get_model("approvals", "Policy").objects
    versions = apps.get_model("approvals", "PolicyVersion").objects
    for stage, tier, document in DEFAULTS:
        policy = policies.create(stage=stage, risk_tier=tier)
        versions.create(
            policy=policy,
            number=1,
            document=document,
            digest=digest(document),
            note="Ships with the portal",
            created_at=timezone.now(),
        )


class Migration(migrations.Migration):
    dependencies = (("approvals", "0002_append_only_records"),)

    operations = (migrations.RunPython(create, migrations.RunPython.noop),)
