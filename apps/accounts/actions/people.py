"""Creating, deactivating and bringing back people and service accounts; creating teams."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts import events, policies
from apps.accounts.actions.saving import invalid, save_new
from apps.accounts.actions.sessions import forget_sessions
from apps.accounts.models import Team, User
from apps.accounts.policies import Acting
from apps.accounts.roles import InstanceRole
from apps.audit import actions as audit
from apps.core import clock
from apps.core.actors import SYSTEM
from apps.core.errors import Conflict

USERNAME_TAKEN = "This user name or e-mail address is taken; user names are never given twice."


@transaction.atomic
def create_user(
    username: str, name: str, email: str = "", password: str | None = None, *, actor: Acting, is_demo: bool = False
) -> User:
    """Create a person's account; without a password they sign in through a provider only."""
    policies.can_manage_accounts(actor).require()
    user = User(username=User.normalize_username(username), name=name, email=email.strip(), is_demo=is_demo)
    _set_password(user, password, checked=not is_demo)
    save_new(user, taken=USERNAME_TAKEN, code="username_taken", field="username")
    audit.record(events.USER_CREATED, actor=actor, subject=user, data={"name": name, "username": user.username})
    return user


@transaction.atomic
def create_service_account(username: str, name: str, owner: User, *, actor: Acting, is_demo: bool = False) -> User:
    """Create a program's account under a person who answers for it; it has no password and never signs in."""
    owner = User.objects.select_for_update().get(pk=owner.pk)
    policies.can_create_service_account(actor, owner).require()
    account = User(username=User.normalize_username(username), name=name, owner=owner, is_demo=is_demo)
    account.set_unusable_password()
    save_new(account, taken=USERNAME_TAKEN, code="username_taken", field="username")
    data = {"username": account.username, "owner": owner.urn}
    audit.record(events.SERVICE_ACCOUNT_CREATED, actor=actor, subject=account, data=data, audience=[owner.pk])
    return account


@transaction.atomic
def hand_over_service_account(account: User, owner: User, *, actor: Acting) -> User:
    """Give a service account another owner."""
    account = User.objects.select_for_update(of=("self",)).select_related("owner").get(pk=account.pk)
    if account.owner is None:
        raise Conflict("Only service accounts have an owner.", code="not_service_account")
    policies.can_manage_service_account(actor, account).require()
    policies.can_create_service_account(SYSTEM, owner).require()
    before, account.owner = account.owner, owner
    account.save(update_fields=["owner"])
    data = {"username": account.username, "name": str(owner), "before": before.urn, "after": owner.urn}
    audience = [before.pk, owner.pk]
    audit.record(events.SERVICE_ACCOUNT_HANDED_OVER, actor=actor, subject=account, data=data, audience=audience)
    return account


@transaction.atomic
def deactivate_user(user: User, *, actor: Acting, reason: str = "") -> User:
    """End an account: sessions and tokens stop at once, and no later reactivation revives them."""
    administrators = locked_administrators()
    user = _locked(user)
    policies.can_deactivate(actor, user).require()
    require_other_administrator(user, administrators)
    user.is_active = False
    # A new unusable password changes the session hash, so that no session outlives this.
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])
    forget_sessions(user)
    revoked = user.tokens.filter(revoked_at__isnull=True).update(revoked_at=clock.now())
    data = {"name": str(user), "reason": reason, "revoked_tokens": revoked}
    audit.record(events.USER_DEACTIVATED, actor=actor, subject=user, data=data, audience=_owner_of(user))
    return user


@transaction.atomic
def reactivate_user(user: User, password: str | None = None, *, actor: Acting) -> User:
    """Bring an account back with its roles, with a new password and new tokens."""
    user = _locked(user)
    policies.can_reactivate(actor, user).require()
    user.is_active = True
    _set_password(user, None if user.is_service_account else password)
    user.save(update_fields=["is_active", "password"])
    data = {"name": str(user)}
    audit.record(events.USER_REACTIVATED, actor=actor, subject=user, data=data, audience=[user.pk])
    return user


@transaction.atomic
def change_password(user: User, password: str, *, actor: Acting) -> User:
    """Set a new password, which ends all other sessions."""
    user = _locked(user)
    policies.can_change_password(actor, user).require()
    _set_password(user, password)
    user.save(update_fields=["password"])
    forget_sessions(user)
    data = {"name": str(user)}
    audit.record(events.PASSWORD_CHANGED, actor=actor, subject=user, data=data, audience=[user.pk])
    return user


@transaction.atomic
def create_team(slug: str, name: str, description: str = "", *, actor: Acting) -> Team:
    """Create a team that can own models."""
    policies.can_manage_accounts(actor).require()
    team = Team(slug=slug, name=name, description=description)
    save_new(team, taken=f"There is a team {slug} already.", code="team_exists", field="slug")
    audit.record(events.TEAM_CREATED, actor=actor, subject=team, data={"team_name": name})
    return team


def locked_administrators() -> set[int]:
    """Lock the active administrators in one order, before any other row, so that two cannot remove each other."""
    administrators = User.objects.people().holding(InstanceRole.ADMINISTRATOR)
    return {found.pk for found in administrators.select_for_update(of=("self",)).order_by("pk")}


def require_other_administrator(user: User, administrators: set[int]) -> None:
    """Refuse to lose the last administrator."""
    if administrators == {user.pk}:
        raise Conflict(f"{user} is the last administrator; name another one first.", code="last_administrator")


def _locked(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _owner_of(user: User) -> list[int]:
    return [user.owner_id] if user.owner_id else []


def _set_password(user: User, password: str | None, checked: bool = True) -> None:
    if password is None:
        user.set_unusable_password()
        return
    try:
        if checked:
            validate_password(password, user)
    except ValidationError as error:
        raise invalid(error, "password") from None
    user.set_password(password)
