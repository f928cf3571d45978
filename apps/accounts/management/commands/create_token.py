"""Print one new API token."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import transaction

from apps.accounts import actions, grants, policies
from apps.accounts.models import Team, User
from apps.accounts.roles import Role, Scope
from apps.core.actors import SYSTEM
from apps.core.errors import PortalError


class Command(BaseCommand):
    """Prints the token alone on standard output; what is wrong is one line on standard error."""

    help = (
        "Create an API token of a person, or of a service account that the person owns, and print it once. "
        "The service account is created where there is none of that name, as a contributor of the teams whose "
        "contributor or owner the person is. Without --scope the token carries every "
        "scope its account can use: all of them for a person; for a service account all but promotions:decide and "
        "accounts:manage, which are for people. It lives 90 days."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username", help="the person who will hold the token or own the service account")
        parser.add_argument("--service-account", metavar="NAME", help="user name of the service account")
        parser.add_argument("--scope", action="append", metavar="S", help=f"may be repeated: {', '.join(Scope.values)}")

    def handle(self, *_: Any, **options: Any) -> None:
        """Create the token as the portal itself."""
        try:
            with transaction.atomic():
                holder = _holder(options["username"], options["service_account"])
                scopes = options["scope"] or policies.usable_scopes(holder)
                plaintext = actions.create_token(holder, "created on the command line", scopes, actor=SYSTEM)[1]
        except PortalError as error:
            raise CommandError(error.detail) from None
        self.stdout.write(plaintext)


def _holder(username: str, name: str | None) -> User:
    person = User.objects.filter(username=username).first()
    if person is None:
        raise CommandError(f"There is no user {username}.")
    if name is None:
        if person.is_service_account:
            raise CommandError(f"{username} is a service account; name its owner and --service-account {username}.")
        return person
    account = User.objects.filter(username=name).first()
    if account is None:
        return _created(person, name)
    if account.owner_id != person.pk:
        raise CommandError(f"{name} is not a service account of {username}.")
    return account


def _created(person: User, name: str) -> User:
    account = actions.create_service_account(name, name, person, actor=SYSTEM)
    for team, roles in grants.held_by(person, Team):
        if {Role.CONTRIBUTOR, Role.OWNER} & set(roles):
            actions.give_role(account, Role.CONTRIBUTOR, team, actor=SYSTEM)
    return account
