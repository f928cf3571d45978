"""What production refuses to serve with, beyond what the settings refuse."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError

from registry_portal import environment


def refuse_demonstration_users() -> None:
    """End the process with one line where production would serve people whose password is known."""
    if not settings.PRODUCTION:
        return
    try:
        found = get_user_model()._default_manager.filter(is_demo=True, is_active=True).exists()
    except DatabaseError:
        # An absent database is told by the readiness probe; it must not keep the process from waiting for it.
        return
    if found:
        raise environment.Refused(
            "there are demonstration users in the database; production needs a database of its own."
        )
