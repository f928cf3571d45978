"""Instants in queries: RFC 3339 times with an offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from rest_framework.request import Request

from apps.core.errors import Invalid

# An unencoded + arrives as a space.
FORM = re.compile(r"^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[+ -]\d\d:\d\d)$", re.ASCII)


def asked_instant(request: Request) -> datetime | None:
    """Return `?at=`; None without one. Raises Invalid with an example (RFC 3339, section 5.6)."""
    text = request.query_params.get("at")
    if text is None:
        return None
    try:
        found = FORM.match(text)
        if found is None:
            raise ValueError
        date, time, fraction, offset = found.groups()
        plus = offset.upper().replace("Z", "+00:00").replace(" ", "+")
        moment = datetime.fromisoformat(f"{date}T{time}{(fraction or '')[:7]}{plus}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            f"{text[:50]!r} is not an RFC 3339 time with an offset, such as 2026-03-01T12:00:00Z.",
            code="invalid_time",
            field="at",
        ) from None
