"""Accounts in the admin: people, teams, roles, tokens, and who can do what through which grant."""

import allauth.account.admin
import allauth.usersessions.admin  # noqa: F401 - likewise
import django.contrib.auth.admin  # noqa: F401 - likewise
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group

from apps.accounts.admin import people, teams, tokens

# Changing these by hand would go past every rule: who is in a group, which address may reset whose password;
# and the key of a session opens it.
for model in (Group, EmailAddress, UserSession):
    if admin.site.is_registered(model):
        admin.site.unregister(model)

__all__ = ["people", "teams", "tokens"]
