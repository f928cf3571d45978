"""Tokens as credentials: found, checked and noted as used in one SQL statement."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from apps.accounts.models import ApiToken, User
from apps.accounts.tokens import SHAPE, digest_of
from apps.core import context

USER_COLUMNS = [str(field.column) for field in User._meta.concrete_fields]
USER_FIELDS = [field.attname for field in User._meta.concrete_fields]

# A token that another request is noting just now is skipped: nobody waits for last_used_at.
FIND = f"""
WITH found AS (
    SELECT token.id AS token_id, token.prefix, token.scopes, token.last_used_at,
           ARRAY(SELECT auth_group.name FROM auth_group
                 JOIN accounts_user_groups member ON member.group_id = auth_group.id
                 WHERE member.user_id = holder.id) AS roles,
           {", ".join(f"holder.{column}" for column in USER_COLUMNS)}
    FROM accounts_apitoken token
    JOIN accounts_user holder ON holder.id = token.user_id AND holder.is_active
    LEFT JOIN accounts_user owner ON owner.id = holder.owner_id
    WHERE token.digest = %s AND token.revoked_at IS NULL AND token.expires_at > now()
      AND (holder.owner_id IS NULL OR owner.is_active)
), used AS (
    UPDATE accounts_apitoken SET last_used_at = now() WHERE id IN (
        SELECT token.id FROM accounts_apitoken token JOIN found ON found.token_id = token.id
        WHERE token.last_used_at IS NULL OR token.last_used_at < now() - interval '1 minute'
        FOR NO KEY UPDATE OF token SKIP LOCKED)
)
SELECT token_id, prefix, scopes, roles, {", ".join(USER_COLUMNS)} FROM found
"""  # noqa: S608 - column names come from our own model


@dataclass(frozen=True)
class TokenAuth:
    """What `request.auth` is for a request that came with a token."""

    pk: int
    prefix: str
    scopes: frozenset[str]


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`, or Basic with any user name and the token as the password."""

    def authenticate(self, request: Request) -> tuple[User, TokenAuth] | None:
        """Return the holder and the token; None without an Authorization header of either kind."""
        plaintext = _credential(request.headers.get("Authorization", ""))
        if plaintext is None:
            return None
        found = find(plaintext) if SHAPE.fullmatch(plaintext) else None
        if found is None:
            raise exceptions.AuthenticationFailed(
                "The token is unknown, expired or revoked, or its holder is deactivated.", code="invalid_token"
            )
        context.authenticated_by(method="token", token=found[1].prefix)
        return found

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 (RFC 6750, section 3)."""
        return 'Bearer realm="Registry Portal"'


def find(plaintext: str) -> tuple[User, TokenAuth] | None:
    """Return a usable token with its holder, and note the use at most once a minute."""
    with prepared_cursor() as cursor:
        cursor.execute(FIND, [digest_of(plaintext)])
        row = cursor.fetchone()
    if row is None:
        return None
    token_id, prefix, scopes, roles, *values = row
    user = User.from_db(connection.alias, USER_FIELDS, values)
    user.remember_instance_roles(roles)
    return user, TokenAuth(token_id, prefix, frozenset(scopes))


def require_still_valid(request: Request) -> None:
    """Ask again at the end of a long request; raises AuthenticationFailed where its token or holder is no longer good.

    Whoever revokes a token that leaked must not find what a running upload brought in afterwards.
    """
    if isinstance(request.auth, TokenAuth):
        found = ApiToken.objects.usable().filter(pk=request.auth.pk).exists()
    else:
        found = User.objects.active().filter(username=request.user.get_username()).exists()
    if not found:
        raise exceptions.AuthenticationFailed(
            "The token was revoked or has expired, or its holder was deactivated, before all bytes were there.",
            code="invalid_token",
        )


def prepared_cursor() -> Any:
    """Return a cursor with server-side binding, so that the statement is planned once per connection."""
    connection.ensure_connection()
    raw: Any = psycopg.Cursor(connection.connection)
    return connection.make_debug_cursor(raw) if connection.queries_logged else connection.make_cursor(raw)


def _credential(header: str) -> str | None:
    """Return what was given as a token; None where the header names another scheme."""
    scheme, _, rest = header.partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip()
        case "basic":
            return _password(rest.strip())
        case _:
            return None


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
