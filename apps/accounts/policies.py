"""Who may manage people, service accounts, roles and tokens; superusers are like anybody else."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models

from apps.accounts import grants
from apps.accounts.models import ApiToken, User
from apps.accounts.roles import PEOPLE_ONLY, InstanceRole, Permission, Role, Scope
from apps.core.actors import System
from apps.core.verdicts import Allowed, Denied, Verdict

Acting = User | System
ADMINISTRATORS_ONLY = Denied("Only administrators may do this.", code="not_administrator")
PEOPLE_MANAGE = Denied("Service accounts cannot manage accounts or roles; a person must.", code="service_account")


def is_administrator(actor: Acting) -> bool:
    """Tell whether somebody is an active administrator now; asks the database, not the loaded user."""
    if isinstance(actor, System):
        return True
    return User.objects.people().holding(InstanceRole.ADMINISTRATOR).filter(pk=actor.pk).exists()


def can_manage_accounts(actor: Acting) -> Verdict:
    """Create and change people and teams: administrators."""
    return Allowed() if is_administrator(actor) else ADMINISTRATORS_ONLY


def can_deactivate(actor: Acting, user: User) -> Verdict:
    """Administrators anybody but themselves; an owner their service account."""
    if not user.is_active:
        return Denied(f"{user} is deactivated already.", code="already_deactivated", wrong_state=True)
    if user.pk == actor.pk:
        return Denied("You cannot deactivate yourself; ask another administrator.", code="self_deactivation")
    if user.is_service_account:
        return can_manage_service_account(actor, user)
    return can_manage_accounts(actor)


def can_reactivate(actor: Acting, user: User) -> Verdict:
    """Administrators; a service account's owner theirs."""
    if user.is_active:
        return Denied(f"{user} is active.", code="already_active", wrong_state=True)
    return can_manage_service_account(actor, user) if user.is_service_account else can_manage_accounts(actor)


def can_change_password(actor: Acting, user: User) -> Verdict:
    """People their own; administrators anybody's; service accounts have none."""
    if user.is_service_account:
        return Denied("Service accounts have no password; they use tokens.", code="service_account")
    if user.pk == actor.pk and user.is_active:
        return Allowed()
    return can_manage_accounts(actor)


def can_end_sessions(actor: Acting, user: User) -> Verdict:
    """People their own; an administrator who wants somebody out deactivates the account."""
    if user.pk == actor.pk and user.is_active:
        return Allowed()
    return Denied("People end their own sessions; deactivating an account ends them all.")


def can_sign_in(user: User) -> Verdict:
    """Open a browser session: active people."""
    if user.is_service_account:
        return Denied("Service accounts cannot sign in; they use tokens.", code="service_account")
    if not user.is_active:
        return Denied("This account is deactivated.", code="deactivated", wrong_state=True)
    return Allowed()


def can_create_service_account(actor: Acting, owner: User) -> Verdict:
    """People for themselves, administrators for others; the owner is an active person."""
    if owner.is_service_account:
        return Denied("A service account is owned by a person.", code="service_account")
    if not owner.is_active:
        return Denied(f"{owner} is deactivated and cannot own a service account.", code="deactivated", wrong_state=True)
    return Allowed() if owner.pk == actor.pk else can_manage_accounts(actor)


def can_manage_service_account(actor: Acting, account: User) -> Verdict:
    """Its active owner, or an administrator."""
    if account.owner_id == actor.pk and actor.is_active:
        return Allowed()
    if is_administrator(actor):
        return Allowed()
    return Denied("Only its owner or an administrator manages a service account.", code="not_owner")


def can_manage_roles(actor: Acting, target: models.Model) -> Verdict:
    """Give and take roles: on a team its owners and administrators, on a model its or its team's owners."""
    if isinstance(actor, System):
        return Allowed()
    if actor.is_service_account:
        return PEOPLE_MANAGE
    if grants.holds(actor, Permission.MANAGE, levels(target)):
        return Allowed()
    if not hasattr(target, "team") and is_administrator(actor):
        return Allowed()
    return Denied(f"Only owners of {target} may say who does what there.", code="not_owner")


def can_give_role(actor: Acting, user: User, role: str, target: models.Model) -> Verdict:
    """As can_manage_roles; nobody makes themselves reviewer, and programs never are."""
    verdict = can_manage_roles(actor, target)
    if not verdict:
        return verdict
    if not user.is_active:
        return Denied(f"{user} is deactivated.", code="deactivated", wrong_state=True)
    if role == Role.REVIEWER and same_person(actor, user):
        return Denied("Nobody makes themselves or an account they own a reviewer.", code="self_grant")
    if role == Role.REVIEWER and user.is_service_account:
        return Denied("A service account cannot be a reviewer.", code="service_account_reviewer")
    return verdict


def can_take_role(actor: Acting, user: User, target: models.Model) -> Verdict:
    """As can_manage_roles; everybody may lay down their own."""
    return Allowed() if user.pk == actor.pk and actor.is_active else can_manage_roles(actor, target)


def can_give_instance_role(actor: Acting, user: User) -> Verdict:
    """Administrators to other active people."""
    if not is_administrator(actor):
        return ADMINISTRATORS_ONLY
    if user.pk == actor.pk:
        return Denied("Nobody gives themselves a role over the whole portal.", code="self_grant")
    if user.is_service_account:
        return Denied("A service account cannot hold a role over the whole portal.", code="service_account")
    if not user.is_active:
        return Denied(f"{user} is deactivated.", code="deactivated", wrong_state=True)
    return Allowed()


def can_take_instance_role(actor: Acting, user: User) -> Verdict:
    """Administrators; everybody may lay down their own."""
    return Allowed() if user.pk == actor.pk and actor.is_active else can_manage_accounts(actor)


def can_create_token(actor: Acting, holder: User) -> Verdict:
    """People for themselves; for a service account its owner or an administrator."""
    if not is_usable(holder):
        return Denied(f"{holder} or its owner is deactivated.", code="deactivated", wrong_state=True)
    if isinstance(actor, System):
        return Allowed()
    if holder.is_service_account:
        return can_manage_service_account(actor, holder)
    if holder.pk == actor.pk:
        return Allowed()
    return Denied("A person's token is created by that person alone.", code="not_holder")


def can_pass_on(scopes: Collection[str], held: Collection[str] | None) -> Verdict:
    """A token creates tokens of its own scopes at most; a signed-in person (None) any."""
    beyond = sorted(set(scopes) - set(held)) if held is not None else []
    if beyond:
        return Denied(f"This token lacks {', '.join(beyond)} and cannot pass it on.", code="missing_scope")
    return Allowed()


def can_revoke_token(actor: Acting, token: ApiToken) -> Verdict:
    """The holder, a service account's owner, administrators."""
    if token.revoked_at is not None:
        return Denied("This token is revoked already.", code="already_revoked", wrong_state=True)
    if actor.pk is not None and actor.pk in (token.user_id, token.user.owner_id) and actor.is_active:
        return Allowed()
    if is_administrator(actor):
        return Allowed()
    return Denied("Only its holder, their owner or an administrator revokes a token.", code="not_holder")


def usable_scopes(user: User) -> list[str]:
    """Return the scopes a token of this account may carry: a program neither decides nor manages accounts."""
    return [scope.value for scope in Scope if not (user.is_service_account and scope in PEOPLE_ONLY)]


def is_usable(user: User) -> bool:
    """Tell whether an account and, for a service account, its owner are active."""
    return user.is_active and (user.owner is None or user.owner.is_active)


def same_person(one: Acting, other: Acting) -> bool:
    """Tell whether two accounts belong to one person, themselves or through a service account."""
    return person_id(one) is not None and person_id(one) == person_id(other)


def person_id(actor: Acting) -> int | None:
    """Return the id of the person behind an account: the owner of a service account, else the account itself."""
    return None if isinstance(actor, System) else actor.owner_id or actor.pk


def levels(target: models.Model) -> list[models.Model]:
    """Return the objects whose grants hold on a target: itself, and its team where it has one."""
    team = getattr(target, "team", None)
    return [target] if team is None else [target, team]
