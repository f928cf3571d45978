"""What manage.py does before Django: chooses the database role and keeps the embedded server running meanwhile."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext

from django.core.management import execute_from_command_line

OWNER_COMMANDS = {
    "prepare", "migrate", "makemigrations", "squashmigrations", "sqlmigrate", "showmigrations", "createcachetable",
    "remove_stale_contenttypes", "test", "dbshell", "flush",
}  # fmt: skip
WITHOUT_DATABASE = {
    "help", "version", "check", "collectstatic", "findstatic", "spectacular", "makemessages", "compilemessages",
    "diffsettings", "--help", "-h", "--version",
}  # fmt: skip


def main(arguments: list[str]) -> None:
    """Run one management command; ends with one line where the portal cannot start."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_portal.settings")
    command = arguments[1] if len(arguments) > 1 else "help"
    if command in OWNER_COMMANDS:
        os.environ.setdefault("PORTAL_DATABASE_ROLE", "owner")
    with nullcontext() if command in WITHOUT_DATABASE else database():
        execute_from_command_line(arguments)


def database() -> AbstractContextManager[None]:
    """Keep the embedded server running for the block, or make sure that the given one answers."""
    from django.conf import settings

    from registry_portal import databases
    from registry_portal.embedded import postgres

    if databases.is_embedded():
        return postgres.Cluster(settings.PORTAL_HOME).running()
    databases.require_answer(databases.owner_url(settings.PORTAL_HOME))
    return nullcontext()
