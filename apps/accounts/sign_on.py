"""How people get in: accounts are made by administrators or a provider, never by a sign-up page."""

from __future__ import annotations

from typing import Any, cast

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse

from apps.accounts import actions, policies
from apps.accounts.models import User

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth without self-registration; only people get in, and a new password is an audited action."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: nobody registers themselves."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Refuse whoever may not sign in, whatever credential they gave."""
        if not policies.can_sign_in(user):
            return cast(HttpResponse, self.respond_user_inactive(request, user))
        return cast(HttpResponse | None, super().pre_login(request, user, **kwargs))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Log the failure; what was typed as the user name may be a password, so it stays out."""
        log.warning("sign_in_failed")

    def set_password(self, user: User, password: str) -> None:
        """Change the password through the action, which records it."""
        changed = actions.change_password(user, password, actor=user)
        user.password = changed.password
