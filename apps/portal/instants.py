"""The past instant that a page is asked about: `?at=` turns the page into that day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone

from apps.core.errors import Invalid
from apps.core.verdicts import Allowed, Denied, Verdict
from apps.portal import wording

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# An unencoded + arrives as a space.
LOST_PLUS = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:\d\d)\Z", re.ASCII)
# Where somebody is in a list, which another instant does not have.
PLACES = frozenset({"at", "page", "before", "after"})


@dataclass(frozen=True)
class AsOf:
    """Which instant a page shows, how to choose another, and the way back to the present."""

    at: datetime | None
    now: datetime
    path: str
    kept: tuple[tuple[str, str], ...]

    @property
    def moment(self) -> datetime:
        """The instant shown: the one asked for, or now."""
        return self.at or self.now

    @property
    def exact(self) -> str:
        """The instant shown, in full."""
        return wording.exact(self.moment)

    @property
    def value(self) -> str:
        """The instant shown as a date-and-time field writes it, in UTC; empty for the present."""
        return self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if self.at else ""

    @property
    def latest(self) -> str:
        """The last instant that may be chosen, as a field writes it."""
        return self.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")

    @property
    def present(self) -> str:
        """The address of the same page now."""
        return f"{self.path}?{urlencode(self.kept)}" if self.kept else self.path

    @property
    def suffix(self) -> str:
        """What a link to another page of the same day ends in; empty for the present."""
        at = self.at.astimezone(UTC).isoformat().replace("+00:00", "Z") if self.at else ""
        return f"?{urlencode({'at': at})}" if at else ""

    @property
    def reason(self) -> str:
        """Why nothing can be done on a page of the past."""
        return "This is how it was; acts are possible only on the page as it is now." if self.at else ""

    def allows(self, verdict: Verdict) -> Verdict:
        """Return the verdict on an act, denied with the reason on a page of the past."""
        return Denied(self.reason, code="past", wrong_state=True) if self.at else verdict

    @property
    def act(self) -> Verdict:
        """Whether the page offers acts at all."""
        return self.allows(Allowed())


def as_of(request: HttpRequest) -> AsOf:
    """Return the instant that the address asks about; raises Invalid for what is no time, or still to come."""
    now = timezone.now()
    text = request.GET.get("at", "").strip()
    at = _parsed(text, now) if text else None
    if at is not None and at > now:
        raise Invalid(
            f"{wording.exact(at)} is still to come; choose a time that has passed.", code="future_time", field="at"
        )
    kept = tuple((key, value) for key, values in request.GET.lists() for value in values if key not in PLACES)
    return AsOf(at, now, request.path, kept)


def _parsed(text: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(LOST_PLUS.sub(r"\1+\2", text))
        if DAY.fullmatch(text):
            # A day alone means how it stood at its end.
            last = datetime.combine(moment, time.max, tzinfo=UTC)
            return now if last.date() == now.astimezone(UTC).date() else last
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            f"“{text[:50]}” is not a time; write it as 2026-03-01 12:00 (UTC) or as 2026-03-01T12:00:00+01:00.",
            code="invalid_time",
            field="at",
        ) from None
