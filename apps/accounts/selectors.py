"""Answers that combine several reads of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from apps.accounts import browsers, grants
from apps.accounts.models import Team, User
from apps.accounts.roles import BUNDLES, InstanceRole, Permission, Role
from apps.core.errors import Invalid

MEANS: dict[str, str] = {
    InstanceRole.COMPLIANCE_OFFICER: "reads everything, sets policies and metadata standards",
    InstanceRole.AUDITOR: "reads everything, changes nothing",
    InstanceRole.ADMINISTRATOR: "manages people, teams and programs",
}


@dataclass(frozen=True)
class Grant:
    """Whose role it is on a team, and so on all its models, or on one model; and what it lets them do.

    `untold` where only the present is known of it.
    """

    user: User
    scope: str
    on: Any
    role: str
    may: tuple[str, ...]
    untold: bool = False

    @classmethod
    def of(cls, user: User, scope: str, on: Any, role: str, *, untold: bool = False) -> Grant:
        """Return the grant in words."""
        may = tuple(each.label for each in Permission if each in BUNDLES[role])
        return cls(user, scope, on, str(Role(role).label), may, untold)


def somebody(username: str, field: str = "username") -> User:
    """Return the account of this name; raises Invalid where there is none."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise Invalid(f"Nobody is called {username}.", code="unknown_user", field=field)
    return user


@dataclass(frozen=True)
class BrowserSession:
    """A browser in which somebody is signed in; `is_this` for the one that asks."""

    pk: int
    browser: str
    user_agent: str
    address: str
    signed_in_at: datetime
    last_seen_at: datetime
    is_this: bool


def sessions_of(user: User, here: str | None) -> list[BrowserSession]:
    """Return the sessions of a person that have not ended, the asking one first; `here` is its key; one query."""
    alive = Session.objects.filter(expire_date__gt=Now()).values("session_key")
    rows = UserSession.objects.filter(user=user, session_key__in=alive).order_by("-last_seen_at", "-pk")
    found = [
        BrowserSession(
            row.pk,
            browsers.named(row.user_agent),
            row.user_agent,
            row.ip,
            row.created_at,
            row.last_seen_at,
            row.session_key == here,
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: not each.is_this)


def roles_over_the_portal(user: User) -> list[tuple[str, str]]:
    """Return the roles a user holds over the whole portal, and what each means."""
    return [(InstanceRole(name).label, MEANS[name]) for name in sorted(user.instance_roles())]


def grants_of(user: User) -> list[Grant]:
    """Return what a user holds on teams and models; two queries."""
    return [
        Grant.of(user, scope, target, role)
        for scope, target, roles in grants.everything_held_by(user)
        for role in roles
    ]


def myself(user: User, auth: Any) -> dict[str, Any]:
    """Return who asks; `auth` is the token the request came with, None for a browser session."""
    memberships = grants.held_by(user, Team)
    return {
        "username": user.username,
        "name": str(user),
        "service_account": user.is_service_account,
        "owner": user.owner.username if user.owner else None,
        "roles": sorted(user.instance_roles()),
        "teams": [{"slug": team.slug, "name": team.name, "roles": roles} for team, roles in memberships],
        "authenticated_by": "token" if auth else "session",
        "token": auth.prefix if auth else None,
        "scopes": sorted(auth.scopes) if auth else None,
    }
