"""What a token may be used for; browser sessions are bound by their person's rights alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:
    from rest_framework.views import APIView  # the settings of APIView name this module

    from apps.accounts.api.authentication import TokenAuth

Required = str | tuple[str, ...] | None


class HasScope(BasePermission):
    """Asks the view's `required_scopes`: method -> scope, a tuple for any of them, None for any token.

    HEAD follows GET, OPTIONS is free. A method that is not named is refused for tokens; one that the view does not
    have is left to the framework, which answers 405.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return True, or raise PermissionDenied `missing_scope` naming what the token lacks."""
        method = "GET" if request.method == "HEAD" else request.method or ""
        if request.auth is None or method == "OPTIONS" or method not in view.allowed_methods:
            return True
        scopes: Mapping[str, Required] = getattr(view, "required_scopes", {})
        if method not in scopes:
            raise PermissionDenied("Tokens cannot be used for this; sign in to the portal.", code="missing_scope")
        needed = scopes[method]
        wanted = (needed,) if isinstance(needed, str) else needed
        if wanted is None or set(wanted) & set(cast("TokenAuth", request.auth).scopes):
            return True
        raise PermissionDenied(f"This token lacks the scope {' or '.join(wanted)}.", code="missing_scope")
