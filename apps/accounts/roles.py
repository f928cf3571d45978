"""Roles as data: named bundles of object permissions, and the instance-wide roles."""

from __future__ import annotations

from django.db import models


class Permission(models.TextChoices):
    """What a grant on a team or on one registered model lets its holder do."""

    VIEW = "view_models", "see models and their versions"
    REGISTER = "register_versions", "register versions and upload artifacts"
    REQUEST = "request_promotions", "ask for promotions"
    REVIEW = "review_promotions", "decide on promotions"
    MANAGE = "manage_models", "manage models, aliases, grants and webhooks, and demote"


PERMISSIONS = tuple((permission.value, f"May {permission.label}") for permission in Permission)


class Role(models.TextChoices):
    """A bundle granted on a team (and so on all its models) or on one registered model."""

    CONTRIBUTOR = "contributor", "Contributor"
    OWNER = "owner", "Owner"
    REVIEWER = "reviewer", "Reviewer"


BUNDLES: dict[str, frozenset[str]] = {
    Role.CONTRIBUTOR: frozenset({Permission.VIEW, Permission.REGISTER, Permission.REQUEST}),
    Role.OWNER: frozenset({Permission.VIEW, Permission.REGISTER, Permission.REQUEST, Permission.MANAGE}),
    Role.REVIEWER: frozenset({Permission.VIEW, Permission.REVIEW}),
}


class InstanceRole(models.TextChoices):
    """A role over the whole portal, held as membership of the Django group of that name."""

    COMPLIANCE_OFFICER = "compliance_officer", "Compliance officer"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"


# What each of them lets people do, in the words of "who can do what"; the policies decide.
DUTIES: dict[str, tuple[str, ...]] = {
    InstanceRole.COMPLIANCE_OFFICER: (
        "see every team, model and promotion",
        "fill the places that policies keep for compliance officers",
        "set policies and metadata standards",
        "change the risk tier of any model",
        "attach evidence to any version",
        "manage the webhooks of the organisation",
        "erase personal data from the log",
    ),
    InstanceRole.AUDITOR: ("see every team, model and promotion",),
    InstanceRole.ADMINISTRATOR: (
        "create, deactivate and reactivate people and programs",
        "create teams, and give and take roles on them",
        "give and take roles over the portal",
        "revoke any token",
        "manage the webhooks of the organisation",
    ),
}

# Those of them that are about a single team or model, rather than about the portal as a whole.
ABOUT_OBJECTS = frozenset(
    {
        *("see every team, model and promotion", "fill the places that policies keep for compliance officers"),
        *("change the risk tier of any model", "attach evidence to any version"),
        "create teams, and give and take roles on them",
    }
)


class Scope(models.TextChoices):
    """What an API token may be used for, whatever its holder may do."""

    MODELS_READ = "models:read", "Read models, versions, lineage and promotions"
    MODELS_WRITE = "models:write", "Register models and versions, upload artifacts"
    PROMOTIONS_REQUEST = "promotions:request", "Ask for, execute and withdraw promotions"
    PROMOTIONS_DECIDE = "promotions:decide", "Decide on promotions"
    CHECKS_REPORT = "checks:report", "Report the result of checks"
    AUDIT_READ = "audit:read", "Read the audit log"
    WEBHOOKS_MANAGE = "webhooks:manage", "Manage webhook endpoints, see and repeat their deliveries"
    ACCOUNTS_MANAGE = "accounts:manage", "Manage tokens, service accounts and roles"


class TokenState(models.TextChoices):
    """How a token stands."""

    ACTIVE = "active", "Active"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"


# What a program may never do is no use in its token.
PEOPLE_ONLY: frozenset[str] = frozenset({Scope.PROMOTIONS_DECIDE, Scope.ACCOUNTS_MANAGE})


def roles_held(permissions: set[str]) -> list[str]:
    """Return the roles that a set of permissions on one object amounts to; owner includes contributor."""
    held = [role.value for role in Role if BUNDLES[role] <= permissions]
    return [role for role in held if not (role == Role.CONTRIBUTOR and Role.OWNER in held)]
