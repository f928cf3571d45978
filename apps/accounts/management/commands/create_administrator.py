"""Create the first administrator, who creates everybody else."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import transaction

from apps.accounts import actions
from apps.accounts.models import User
from apps.accounts.roles import InstanceRole
from apps.core.actors import SYSTEM
from apps.core.errors import PortalError


class Command(BaseCommand):
    """Reads the password from the terminal, or one line from standard input."""

    help = "Make a person an administrator; creates the account, with a password asked for, where there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="full name, of a new account")
        parser.add_argument("--email", default="", help="e-mail address, of a new account")

    def handle(self, *_: Any, **options: Any) -> None:
        """Create the account if need be, and give it the role."""
        try:
            with transaction.atomic():
                user = User.objects.filter(username=options["username"]).first() or self._created(options)
                actions.give_instance_role(user, InstanceRole.ADMINISTRATOR, actor=SYSTEM)
        except PortalError as error:
            raise CommandError(error.detail) from None
        self.stdout.write(f"{user.username} is an administrator.")

    def _created(self, options: dict[str, Any]) -> User:
        password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        name = options["name"] or options["username"]
        return actions.create_user(options["username"], name, options["email"], password, actor=SYSTEM)
