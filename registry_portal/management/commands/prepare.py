"""Make the database ready to serve: tables, shared cache, and the role that web and worker use."""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from django.core.management import BaseCommand, call_command

from registry_portal import databases


class Command(BaseCommand):
    """Idempotent; run before every start and after every update."""

    help = "Migrate, create the cache table and give the app role its rights."

    def handle(self, *_: Any, **options: Any) -> None:
        """Prepare the database as its owner."""
        verbosity = options["verbosity"]
        with databases.as_owner(settings.PORTAL_HOME):
            call_command("migrate", interactive=False, verbosity=verbosity)
            call_command("createcachetable", verbosity=verbosity)
            call_command("rebuild_catalogue", missing=True, verbosity=0)
        owner, app = databases.owner_url(settings.PORTAL_HOME), databases.app_url(settings.PORTAL_HOME)
        with psycopg.connect(owner, autocommit=True) as connection:
            if not databases.is_embedded():
                databases.ensure_app_role(connection, app)
            databases.grant_app_role(connection, databases.parse(app)["USER"])
        if verbosity:
            self.stdout.write("The database is ready.")
