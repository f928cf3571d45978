"""Request headers that say something about bytes: digests sent ahead and ranges asked for."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from django.http import HttpRequest

from apps.core.errors import Invalid, PortalError

# RFC 9530, section 3 (a dictionary of byte sequences), and RFC 3230, section 4.3.2, which it replaces.
MEMBER = re.compile(
    r"^\s*(?P<name>[A-Za-z0-9_.*-]+)=(?P<quote>:?)(?P<value>[A-Za-z0-9+/]+={0,2})(?P=quote)\s*(;[^,]*)?$"
)
HEADERS = ("Repr-Digest", "Content-Digest", "Digest")
RANGE = re.compile(r"^bytes=(?P<first>\d{0,40})-(?P<last>\d{0,40})$")
LONGEST = 2_000


@dataclass(frozen=True)
class Span:
    """Bytes from `start` up to, not including, `stop`."""

    start: int
    stop: int


class LengthRequired(PortalError):
    """Nothing tells a whole body from one that broke off (RFC 9110, section 15.5.12)."""

    status = 411
    code = "length_required"
    title = "Length required"


class Unsatisfiable(PortalError):
    """The range begins behind the end (RFC 9110, section 15.5.17)."""

    status = 416
    code = "range_not_satisfiable"
    title = "Range not satisfiable"


def announced_sha256(request: HttpRequest) -> str | None:
    """Return the SHA-256 that the sender announced, in hexadecimal; None without a digest header.

    Raises Invalid for a header that cannot be read, names no SHA-256, or contradicts another.
    """
    found = {_sha256(name, request.headers[name]) for name in HEADERS if name in request.headers}
    if len(found) > 1:
        raise Invalid("The digest headers contradict one another.", code="digest_mismatch", field="Repr-Digest")
    return found.pop() if found else None


def require_measure(size: int | None, sha256: str | None) -> None:
    """Raise LengthRequired for a body in chunks without a digest: servers pass a broken one on as if it had ended."""
    if size is None and sha256 is None:
        raise LengthRequired("Send Content-Length, or Repr-Digest with a chunked body, so that a cut upload shows.")


def announced_size(request: HttpRequest) -> int | None:
    """Return Content-Length; None where the body comes in chunks of unknown number."""
    text = request.META.get("CONTENT_LENGTH") or ""
    if not text:
        return None if "HTTP_TRANSFER_ENCODING" in request.META else 0
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Invalid("Content-Length is not a number.", code="invalid_length", field="Content-Length")
    return int(text)


def repr_digest(sha256: str) -> str:
    """Return the value of Repr-Digest (RFC 9530, section 3)."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"


def asked_span(request: HttpRequest, etag: str, size: int) -> Span | None:
    """Return the one range that is asked for; None for all of it, as for several ranges or ones not understood.

    Raises Unsatisfiable (RFC 9110, sections 14.2 and 13.1.5 for If-Range, which compares strongly).
    """
    asked = RANGE.match(request.headers.get("Range", "").replace(" ", ""))
    if asked is None or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = asked["first"], asked["last"]
    if (not first and not last) or (first and last and int(last) < int(first)):
        return None
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    if start >= size or stop <= start:
        raise Unsatisfiable(f"The file has {size:,} bytes; ask for a range within it.", field="Range")
    return Span(start, stop)


def _sha256(header: str, value: str) -> str:
    members = [MEMBER.match(member) for member in value[:LONGEST].split(",")]
    named = [found for found in members if found and found["name"].lower() == "sha-256"]
    if not named:
        raise Invalid(
            f"{header} names no SHA-256; write `Repr-Digest: sha-256=:<base64>:`.", code="invalid_digest", field=header
        )
    try:
        digest = base64.b64decode(named[-1]["value"], validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != 32:
        raise Invalid(f"{header} does not hold 32 bytes in base64.", code="invalid_digest", field=header)
    return digest.hex()
