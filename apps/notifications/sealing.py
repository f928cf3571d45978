"""Secrets at rest: encrypted with a key that only processes with SECRET_KEY can derive."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

PURPOSE = b"registry portal: webhook secrets"


class Unreadable(Exception):
    """The secret was sealed under a SECRET_KEY that is neither the present one nor among its fallbacks."""


def seal(plain: str) -> str:
    """Return the secret encrypted and authenticated (Fernet, key by HKDF-SHA256 of SECRET_KEY)."""
    return _box().encrypt(plain.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the secret; raises Unreadable."""
    try:
        return _box().decrypt(sealed).decode()
    except InvalidToken:
        raise Unreadable("The secret was stored under another SECRET_KEY.") from None


def _box() -> MultiFernet:
    return MultiFernet([_fernet(force_bytes(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(key: bytes) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key)
    return Fernet(base64.urlsafe_b64encode(derived))
