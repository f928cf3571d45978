"""Rows for tests, made directly: what the actions would have made, without their checks and events."""

from __future__ import annotations

from itertools import count

from django.contrib.auth.models import Group
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts import actions, grants, policies
from apps.accounts.models import Team, User
from apps.accounts.roles import InstanceRole
from apps.core.actors import SYSTEM

PASSWORD = "correct horse battery staple"
_numbers = count(1)


def person(username: str = "", *, roles: tuple[str, ...] = (), is_active: bool = True) -> User:
    """Return a person with `PASSWORD`, holding instance-wide roles."""
    username = username or f"person-{next(_numbers)}"
    user = User(
        username=username,
        name=username.replace("-", " ").replace("_", " ").title(),
        email=f"{username}@example.org",
        is_active=is_active,
        is_staff=bool(roles),
    )
    user.set_password(PASSWORD)
    user.save()
    user.groups.set(Group.objects.filter(name__in=[str(role) for role in roles]))
    return user


def service_account(owner: User, username: str = "") -> User:
    """Return a program's account under its owner."""
    account = User(username=username or f"program-{next(_numbers)}", name="Program", owner=owner)
    account.set_unusable_password()
    account.save()
    return account


def team(slug: str = "") -> Team:
    """Return a team."""
    slug = slug or f"team-{next(_numbers)}"
    return Team.objects.create(slug=slug, name=slug.replace("-", " ").title())


def member(role: str, target: object, username: str = "") -> User:
    """Return a new person with a role on a team or registered model."""
    user = person(username)
    grants.give(role, user, target)  # type: ignore[arg-type]
    return user


def administrator(username: str = "") -> User:
    """Return a new administrator."""
    return person(username, roles=(InstanceRole.ADMINISTRATOR,))


def token(user: User, *scopes: str) -> str:
    """Return the plaintext of a new token, with every scope the account could use unless some are named."""
    chosen = scopes or tuple(policies.usable_scopes(user))
    return actions.create_token(user, "test", chosen, actor=SYSTEM)[1]


def api(user: User | None, *scopes: str) -> APIClient:
    """Return an API client with a new token of the account; None asks without credentials."""
    client = APIClient()
    if user is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token(user, *scopes)}")
    return client


def browser(user: User | None) -> Client:
    """Return a browser's client, signed in unless the user is None."""
    client = Client()
    if user is not None:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
