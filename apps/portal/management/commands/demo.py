"""Fill the portal with the demonstration organisation."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from apps.core.errors import PortalError
from apps.models.models import ModelVersion
from apps.portal.demo import loader, people


class Command(BaseCommand):
    """Prints no secret: the people's password is the one in DEMO_PASSWORD."""

    help = (
        "Load the demonstration organisation: people, programs, eight models with 40 trained versions, and promotions "
        "in every state, all by the portal's own actions. The people share the password in "
        "DEMO_PASSWORD. Refused in production."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there is any user or model")
        parser.add_argument("--list", action="store_true", help="only print the demonstration users, as JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        """List, or load."""
        if options["list"]:
            self.stdout.write(json.dumps(people.listing(), indent=2, ensure_ascii=False))
            return
        if settings.PRODUCTION:
            raise CommandError("Production takes no demonstration users: their password is known to many.")
        if options["if_empty"] and not loader.is_empty():
            self.stdout.write("There are users or models already; nothing was loaded.")
            return
        self._load()

    def _load(self) -> None:
        password = os.environ.get("DEMO_PASSWORD", "")
        if not password:
            raise CommandError("Set DEMO_PASSWORD to the password that the demonstration users are to share.")
        try:
            organisation = loader.load(password)
        except PortalError as error:
            raise CommandError(f"Nothing was loaded: {error.detail}") from None
        versions = ModelVersion.objects.filter(registered_by__is_demo=True).count()
        self.stdout.write(f"Loaded {len(organisation.users)} demonstration users and {versions} model versions.")
