"""API tokens: `rp_<prefix>_<secret>`, shown once, stored as SHA-256, scoped and expiring."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts import events, policies
from apps.accounts.models import ApiToken, User
from apps.accounts.policies import Acting
from apps.accounts.roles import Scope
from apps.accounts.tokens import PREFIX_ALPHABET, PREFIX_LENGTH, digest_of
from apps.audit import actions as audit
from apps.core import clock
from apps.core.errors import FieldError, Invalid

DEFAULT_LIFETIME = timedelta(days=90)
LONGEST_LIFETIME = timedelta(days=365)


@transaction.atomic
def create_token(
    user: User,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    *,
    lifetime: timedelta | None = None,
    actor: Acting,
) -> tuple[ApiToken, str]:
    """Create a token and return it with its plaintext, which is never to be had again."""
    holder = User.objects.select_related("owner").select_for_update(of=("self",)).get(pk=user.pk)
    policies.can_create_token(actor, holder).require()
    moment = clock.now()
    expires_at = expires_at or moment + (DEFAULT_LIFETIME if lifetime is None else lifetime)
    chosen = _checked(holder, name, scopes, expires_at - moment)
    prefix = "".join(secrets.choice(PREFIX_ALPHABET) for _ in range(PREFIX_LENGTH))
    plaintext = f"rp_{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=holder, name=name.strip(), prefix=prefix, digest=digest_of(plaintext), scopes=chosen, expires_at=expires_at
    )
    data = {"scopes": chosen, "expires_at": expires_at.isoformat(), "holder": holder.urn}
    audit.record(events.TOKEN_CREATED, actor=actor, subject=token, data=data, audience=_audience(holder))
    return token, plaintext


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: Acting) -> ApiToken:
    """End a token: the next request with it is refused."""
    token = ApiToken.objects.select_related("user").select_for_update(of=("self",)).get(pk=token.pk)
    policies.can_revoke_token(actor, token).require()
    token.revoked_at = clock.now()
    token.save(update_fields=["revoked_at"])
    data = {"holder": token.user.urn}
    audit.record(events.TOKEN_REVOKED, actor=actor, subject=token, data=data, audience=_audience(token.user))
    return token


def _checked(holder: User, name: str, scopes: Iterable[str], lifetime: timedelta) -> list[str]:
    """Return the scopes in their canonical order; raises Invalid with every wrong field."""
    asked, usable = set(scopes), policies.usable_scopes(holder)
    errors = []
    if not 0 < len(name.strip()) <= 100 or not name.isprintable():
        errors.append(FieldError("name", "Give a name of 1 to 100 printable characters."))
    if not asked:
        errors.append(FieldError("scopes", f"Choose at least one of {', '.join(usable)}.", "empty"))
    errors += [_scope_error(scope, usable) for scope in sorted(asked - set(usable))]
    if lifetime <= timedelta(0):
        errors.append(FieldError("expires_at", "A token expires in the future.", "in_the_past"))
    if lifetime > LONGEST_LIFETIME:
        errors.append(FieldError("expires_at", f"A token lives {LONGEST_LIFETIME.days} days at most.", "too_long"))
    if errors:
        raise Invalid("; ".join(f"{error.field}: {error.message}" for error in errors), errors=errors)
    return [scope for scope in usable if scope in asked]


def _scope_error(scope: str, usable: list[str]) -> FieldError:
    known = scope in Scope.values
    says = f"A service account cannot use {scope}" if known else f"{scope!r} is no scope"
    code = "scope_not_usable" if known else "unknown_scope"
    return FieldError("scopes", f"{says}; choose from {', '.join(usable)}.", code)


def _audience(holder: User) -> list[int]:
    return [holder.owner_id or holder.pk]
