"""The shape of a token and how it is stored; pure Python."""

from __future__ import annotations

import hashlib
import re
from string import ascii_lowercase, digits

PREFIX_ALPHABET = ascii_lowercase + digits
PREFIX_LENGTH = 10
SHAPE = re.compile(rf"rp_[{PREFIX_ALPHABET}]{{{PREFIX_LENGTH}}}_[A-Za-z0-9_-]{{43}}")


def digest_of(plaintext: str) -> str:
    """Return SHA-256 of a token, 64 hex digits; 256 random bits need no slow hash."""
    return hashlib.sha256(plaintext.encode()).hexdigest()
