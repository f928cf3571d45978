"""How things read on pages: times, sizes, values, initials, and the tone and shape of every state; pure Python."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MINUTE, HOUR, DAY = 60, 3600, 86400
SOON = timedelta(days=3)
HEX = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{20,}\b")


@dataclass(frozen=True)
class Look:
    """A state's word, tone and shape: never colour alone."""

    word: str
    tone: str
    shape: str


LOOKS: dict[str, Look] = {
    # stages
    "experimental": Look("Experimental", "blue", "circle"),
    "staging": Look("Staging", "amber", "circle-half"),
    "production": Look("Production", "green", "circle-fill"),
    "archived": Look("Archived", "grey", "dash-lg"),
    # promotions
    "open": Look("Open", "blue", "clock"),
    "changes_requested": Look("Changes requested", "amber", "pencil"),
    "blocked": Look("Blocked", "red", "cone-striped"),
    "approved": Look("Approved", "green", "check-lg"),
    "executed": Look("Executed", "green", "check-all"),
    "rejected": Look("Rejected", "red", "x-lg"),
    "cancelled": Look("Withdrawn", "grey", "slash-circle"),
    "expired": Look("Expired", "grey", "hourglass-bottom"),
    "superseded": Look("Superseded", "grey", "skip-forward"),
    # versions
    "ready": Look("Sealed", "green", "lock"),
    "failed": Look("Failed", "red", "x-circle-fill"),
    # checks and rules
    "pending": Look("Pending", "amber", "clock"),
    "passed": Look("Passed", "green", "check-circle-fill"),
    "error": Look("Error", "red", "exclamation-triangle"),
    "satisfied": Look("Satisfied", "green", "check-circle-fill"),
    "unsatisfied": Look("Waiting", "amber", "clock"),
    "unsatisfiable": Look("Cannot be satisfied", "red", "cone-striped"),
    # verdicts
    "approve": Look("Approved", "green", "check-circle-fill"),
    "request_changes": Look("Requested changes", "amber", "pencil"),
    "reject": Look("Rejected", "red", "x-circle-fill"),
    "retract": Look("Took a decision back", "grey", "slash-circle"),
    "dismiss": Look("Dismissed a request for changes", "grey", "skip-forward"),
    # scans
    "not_scanned": Look("Not scanned", "grey", "question-circle"),
    "clean": Look("Clean", "green", "shield-check"),
    "suspicious": Look("Suspicious", "amber", "exclamation-triangle"),
    "malicious": Look("Malicious", "red", "x-circle-fill"),
    # what is sent, and how webhooks and tokens fare
    "due": Look("Waiting", "amber", "clock"),
    "delivering": Look("Delivering", "blue", "arrow-up-right"),
    "delivered": Look("Delivered", "green", "check-lg"),
    "exhausted": Look("Given up", "red", "x-lg"),
    "failing": Look("Failing", "red", "exclamation-triangle"),
    "waiting": Look("Waiting", "amber", "clock"),
    "healthy": Look("Healthy", "green", "check-circle-fill"),
    "unused": Look("Nothing sent yet", "grey", "circle"),
    "disabled": Look("Disabled", "grey", "slash-circle"),
    "active": Look("Active", "green", "check-circle-fill"),
    "revoked": Look("Revoked", "grey", "slash-circle"),
    "deactivated": Look("Deactivated", "grey", "slash-circle"),
    # risk tiers
    "low": Look("Low tier", "grey", "circle"),
    "medium": Look("Medium tier", "amber", "circle-half"),
    "high": Look("High tier", "red", "circle-fill"),
}


def look_of(state: str) -> Look:
    """Return how a state looks; an unknown one is shown by its own word."""
    return LOOKS.get(state) or Look(state.replace("_", " ").capitalize(), "grey", "question-circle")


def relative(moment: datetime, now: datetime) -> str:
    """Return an instant as people say it: `5 min ago`, `in 3 days`; the date beyond a week ago or a month ahead."""
    distance = (moment - now).total_seconds()
    size = abs(distance)
    if size < 45:
        return "just now" if distance <= 0 else "now"
    if size > (7 if distance < 0 else 30) * DAY:
        return on_date(moment, now)
    count, unit = _largest(size)
    return f"{count} {unit} ago" if distance < 0 else f"in {count} {unit}"


def _largest(size: float) -> tuple[int, str]:
    if size < HOUR:
        return round(size / MINUTE), "min"
    if size < DAY:
        return round(size / HOUR), "h"
    return round(size / DAY), "day" if size < 1.5 * DAY else "days"


def on_date(moment: datetime, now: datetime) -> str:
    """Return a date without what is obvious: the present year."""
    moment = moment.astimezone(UTC)
    words = f"{moment.day} {moment:%b}"
    return words if moment.year == now.astimezone(UTC).year else f"{words} {moment.year}"


def exact(moment: datetime) -> str:
    """Return an instant in full, in UTC."""
    moment = moment.astimezone(UTC)
    return f"{moment:%a} {moment.day} {moment:%b %Y, %H:%M:%S} UTC"


def urgency(due: datetime, now: datetime) -> str:
    """Return the class of a due date: late, soon, or none."""
    if due <= now:
        return "is-late"
    return "is-soon" if due - now < SOON else ""


def size(count: int) -> str:
    """Return a number of bytes in decimal units."""
    value, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{count} B" if units[0] == "B" else f"{value:.1f} {units[0]}"


def number(value: object) -> str:
    """Return a measured value with at most five significant digits, a whole number with thin separators."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        return f"{int(value):,}".replace(",", "\u202f") if abs(value) >= 10_000 else str(int(value))
    return f"{value:.5g}"


def initials(name: str) -> str:
    """Return up to two initials of a name."""
    words = [word for word in name.replace("-", " ").replace(".", " ").split() if word]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def signed(value: float) -> str:
    """Return a difference with its sign, at most three significant digits."""
    return f"{value:+.3g}".replace("-", "\N{MINUS SIGN}", 1) if value < 0 else f"{value:+.3g}"


def signed_percent(value: float) -> str:
    """Return a difference in per cent with its sign and one decimal."""
    return f"{value:+.1f} %".replace("-", "\N{MINUS SIGN}", 1)


def ordinal_word(value: int) -> str:
    """Return `7` as `7th`."""
    suffix = "th" if 10 <= value % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{suffix}"


def words(name: str) -> str:
    """Return a key as words."""
    return str(name).replace("_", " ")


def plain(value: object) -> str:
    """Return a JSON value as a reader writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(plain(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{words(key)}: {plain(item)}" for key, item in value.items())
    return "" if value is None else number(value)


def brief(value: str) -> str:
    """Return text with digests and commits in it cut to their first twelve digits."""
    return HEX.sub(lambda found: found[1] + "…", value)


def is_web(uri: str | None) -> bool:
    """Tell whether an address may become a link: http and https only."""
    return str(uri or "").startswith(("https://", "http://"))
