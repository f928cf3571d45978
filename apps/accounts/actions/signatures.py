"""Proving anew who somebody is, for a signature; wrong passwords are counted even where the act rolls back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

import structlog
from django.contrib.auth.hashers import check_password
from django.core.cache import cache
from django.db import connection, connections

from apps.accounts.models import User
from apps.core import clock
from apps.core.errors import Forbidden

log = structlog.get_logger(__name__)
ATTEMPTS = 10
WINDOW_SECONDS = 15 * 60
Answer = TypeVar("Answer")


def verify_password(user: User, password: str) -> datetime:
    """Return the database time at which an active person gave their password.

    Raises Forbidden `signature_refused` for a wrong one, `signature_locked` after 10 within 15 minutes.
    """
    signer = User.objects.active().people().filter(pk=user.pk).first()
    if signer is None or not signer.has_usable_password():
        raise Forbidden("This account has no password to sign with.", code="signature_refused")
    # The place is taken before the password is looked at: attempts in parallel cannot outrun the limit.
    if not _outside_transaction(lambda: _take_place(signer)):
        log.warning("signature_locked", user=signer.urn)
        raise Forbidden(
            f"Too many wrong passwords; try again in {WINDOW_SECONDS // 60} minutes.", code="signature_locked"
        )
    # Not user.check_password: renewing an old hash would end the very session that signs.
    if not check_password(password, signer.password):
        log.warning("signature_refused", user=signer.urn)
        raise Forbidden("The password is wrong; nothing was signed.", code="signature_refused")
    _outside_transaction(lambda: cache.delete_many(_places(signer)))
    return clock.now()


def _take_place(user: User) -> bool:
    return any(cache.add(place, True, timeout=WINDOW_SECONDS) for place in _places(user))


def _places(user: User) -> list[str]:
    return [f"accounts:signature:{user.pseudonym}:{number}" for number in range(ATTEMPTS)]


def _outside_transaction(act: Callable[[], Answer]) -> Answer:
    """Run on a connection of its own where a transaction is open, as the shared cache may be a database table."""
    if not connection.in_atomic_block:
        return act()

    def alone() -> Answer:
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as executor:
        return executor.submit(alone).result()
