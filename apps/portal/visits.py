"""When a person last looked, kept in a signed cookie of their browser: nobody else's business, so in no table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse

from apps.accounts.models import User

COOKIE = "visit"
EPOCH = datetime.fromtimestamp(0, UTC)
KEPT = timedelta(days=365)
# Looking again within this time is the same visit.
PAUSE = timedelta(minutes=30)


@dataclass(frozen=True)
class Visit:
    """When the visit before this one ended (None: this is the first), and the present look."""

    before: datetime | None
    now: datetime


def visit_of(request: HttpRequest, user: User, now: datetime) -> Visit:
    """Return the present visit."""
    try:
        text = request.get_signed_cookie(COOKIE, salt=str(user.pk), max_age=KEPT)
        before, latest = (EPOCH + timedelta(microseconds=int(part)) for part in str(text).split("."))
    except (KeyError, ValueError, OverflowError, BadSignature):
        return Visit(None, now)
    if now - latest > PAUSE:
        return Visit(latest, now)
    return Visit(before if before > EPOCH else None, now)


def remember(response: HttpResponse, user: User, visit: Visit, *, secure: bool) -> None:
    """Keep the visit for the next look."""
    value = ".".join(
        str((moment - EPOCH) // timedelta(microseconds=1)) for moment in (visit.before or EPOCH, visit.now)
    )
    options = {"httponly": True, "samesite": "Lax", "secure": secure}
    response.set_signed_cookie(COOKIE, value, salt=str(user.pk), max_age=int(KEPT.total_seconds()), **options)
