"""Tables of accounts: users and service accounts, teams, object grants, API tokens, idempotency records."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from apps.accounts import grants
from apps.accounts.querysets import ApiTokenQuerySet, TeamQuerySet, UserQuerySet
from apps.accounts.roles import PERMISSIONS, InstanceRole, Scope, TokenState

SLUG = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", "Use lower-case letters, digits and single hyphens.")


UserManager = DjangoUserManager.from_queryset(UserQuerySet)
# Migrations do without it.
UserManager.use_in_migrations = False


class User(AbstractUser):
    """A person, or a service account owned by one. Deactivated, never deleted; user names are never reused."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField("full name", max_length=150, blank=True)
    pseudonym = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="service_accounts")
    is_demo = models.BooleanField(default=False, editable=False)

    objects = UserManager()  # type: ignore[misc]  # the stubs declare it as a class variable

    audit_type = "user"

    class Meta:
        ordering = ("username",)
        constraints = (
            models.UniqueConstraint(Lower("username"), name="accounts_username_once_any_case"),
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="accounts_email_once_any_case"),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(is_staff=False, is_superuser=False),
                name="accounts_service_account_never_staff",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def is_service_account(self) -> bool:
        """A service account has a person as owner, and no password."""
        return self.owner_id is not None

    @property
    def urn(self) -> str:
        """The pseudonym that stands in the audit log."""
        return f"urn:portal:user:{self.pseudonym}"

    @property
    def audit_label(self) -> str:
        """The pseudonym again: a user's name is personal data."""
        return self.urn

    @property
    def audit_scopes(self) -> list[str]:
        """Events about a user are seen by that user, a service account's owner and readers of everything."""
        return [f"user:{self.pk}", *([f"user:{self.owner_id}"] if self.owner_id else [])]

    def get_full_name(self) -> str:
        """Return the printed name."""
        return str(self)

    def get_short_name(self) -> str:
        """Return the printed name."""
        return str(self)

    def instance_roles(self) -> frozenset[str]:
        """Return the instance-wide roles, read once per loaded user."""
        if not hasattr(self, "_instance_roles"):
            names = self.groups.filter(name__in=InstanceRole.values).values_list("name", flat=True)
            self.remember_instance_roles(names)
        return self._instance_roles

    def remember_instance_roles(self, names: Iterable[str]) -> None:
        """Keep the roles that were read with the user."""
        known = frozenset(names) & frozenset(InstanceRole.values)
        self._instance_roles: frozenset[str] = known if self.is_active else frozenset()

    def visible_scopes(self) -> Collection[str] | None:
        """Return the audit scopes this user may read; None means everything."""
        return grants.scopes_of(self)


class Team(models.Model):
    """Owns registered models; roles granted here hold on all of them."""

    slug = models.CharField(max_length=60, unique=True, validators=[SLUG])
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet.as_manager()

    audit_type = "team"

    class Meta:
        ordering = ("slug",)
        default_permissions = ()
        permissions = PERMISSIONS

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        """The team's slug."""
        return self.slug

    @property
    def audit_scopes(self) -> list[str]:
        """Readers of the team."""
        return [f"team:{self.pk}"]


class TeamUserObjectPermission(UserObjectPermissionBase):
    """django-guardian's grant of one permission on a team to a user."""

    id = models.BigAutoField(primary_key=True)
    content_object = models.ForeignKey(Team, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False


class TeamGroupObjectPermission(GroupObjectPermissionBase):
    """django-guardian's grant of one permission on a team to a group; guardian asks for the table, it stays empty."""

    id = models.BigAutoField(primary_key=True)
    content_object = models.ForeignKey(Team, on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False


class ApiToken(models.Model):
    """A bearer credential: shown once, stored as SHA-256 of its high-entropy secret, scoped and expiring."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=30, choices=Scope.choices))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    audit_type = "token"

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @property
    def state(self) -> str:
        """How it stands by this machine's clock: active, expired or revoked; authentication asks the database's."""
        if self.revoked_at is not None:
            return TokenState.REVOKED
        return TokenState.ACTIVE if self.expires_at > timezone.now() else TokenState.EXPIRED

    @property
    def audit_label(self) -> str:
        """The public prefix."""
        return self.prefix

    @property
    def audit_scopes(self) -> list[str]:
        """Readers of the token's holder."""
        return self.user.audit_scopes


class IdempotentAnswer(models.Model):
    """The first answer to a request that carried an `Idempotency-Key`; committed with what the request did."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=255)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=1000)
    body_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers: Any = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "key"], name="accounts_idempotency_key_once"),)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.key}"


grants.register("team", Team, named_by="slug")
