"""What the roles over the whole portal mean to Django: reading admin pages, never changing rows there."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from apps.accounts import grants
from apps.accounts.roles import InstanceRole

MANAGED_BY_ADMINISTRATORS = frozenset({"accounts"})


class InstanceRoleBackend(BaseBackend):
    """Grants `view_…` on every table to readers of everything, and on accounts to administrators."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Tell whether a role includes a permission on a whole table."""
        app, _, codename = perm.partition(".")
        return obj is None and codename.startswith("view_") and self.has_module_perms(user_obj, app)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Tell whether a role reads the tables of an app."""
        if not user_obj.is_active or user_obj.is_anonymous:
            return False
        administers = InstanceRole.ADMINISTRATOR in user_obj.instance_roles()
        return grants.reads_everything(user_obj) or (administers and app_label in MANAGED_BY_ADMINISTRATORS)
