"""Canonical JSON (RFC 8785) and its SHA-256, the only form that is hashed or signed."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785

from apps.core.errors import Invalid


def canonical(data: Any) -> bytes:
    """Return `data` as RFC 8785 bytes; raises Invalid where JSON cannot hold a value exactly."""
    try:
        return rfc8785.dumps(data)
    except rfc8785.CanonicalizationError as error:
        raise Invalid(f"Not representable as canonical JSON: {error}", code="not_canonical") from error


def digest(data: Any) -> str:
    """Return the SHA-256 of `data` in canonical form, 64 lower-case hex digits."""
    return hashlib.sha256(canonical(data)).hexdigest()
