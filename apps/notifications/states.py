"""Kinds of what people are told, states of what is sent, and when it is tried again; pure data."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models


class Kind(models.TextChoices):
    """What a notice is about, in groups that people choose ways for."""

    WAITING = "waiting", "Decisions that wait for me"
    REQUESTS = "requests", "My requests and reviews"
    MENTIONS = "mentions", "Mentions"
    VERSIONS = "versions", "Versions"
    ROLES = "roles", "Roles"
    ACCOUNT = "account", "Account and tokens"
    WEBHOOKS = "webhooks", "Failing webhooks"
    OTHER = "other", "Other"


EXPLAINED: dict[str, str] = {
    Kind.WAITING: "Somebody asks for a promotion that you may decide on, or a new round begins.",
    Kind.REQUESTS: "Decided, executed, withdrawn, expired, superseded or demoted.",
    Kind.MENTIONS: "Somebody names you or answers in a discussion.",
    Kind.VERSIONS: "A version that you or your programs registered is given up.",
    Kind.ROLES: "You are given a role, or one is taken from you.",
    Kind.ACCOUNT: "Tokens made or revoked, a new password, a program handed over.",
    Kind.WEBHOOKS: "A delivery is given up, or a webhook is disabled.",
    Kind.OTHER: "Policies, metadata standards and the log itself.",
}

# Beginnings of event types; the longest that fits an event says its kind.
KINDS: dict[str, Kind] = {
    "approvals.promotion": Kind.REQUESTS,
    "approvals.promotion.submitted": Kind.WAITING,
    "approvals.promotion.reevaluated": Kind.WAITING,
    "approvals.thread": Kind.MENTIONS,
    "approvals.check": Kind.REQUESTS,
    "approvals.evidence": Kind.REQUESTS,
    "models": Kind.VERSIONS,
    "models.standard": Kind.OTHER,
    "lineage": Kind.VERSIONS,
    "accounts": Kind.ACCOUNT,
    "accounts.role": Kind.ROLES,
    "accounts.instance_role": Kind.ROLES,
    "accounts.team": Kind.ROLES,
    "notifications": Kind.WEBHOOKS,
}


def kind_of(event_type: str) -> Kind:
    """Return what an event of this type is about."""
    fitting = [beginning for beginning in KINDS if f"{event_type}.".startswith(f"{beginning}.")]
    return KINDS[max(fitting, key=len)] if fitting else Kind.OTHER


def next_digest(hour: int, moment: datetime) -> datetime:
    """Return the first full hour of this number (UTC) after an aware instant in UTC."""
    today = moment.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today > moment else today + timedelta(days=1)


class Sending(models.TextChoices):
    """Where a delivery or an e-mail is; `sending` rows whose time has come belong to a worker that died."""

    DUE = "due", "Due"
    SENDING = "delivering", "Delivering"
    SENT = "delivered", "Delivered"
    EXHAUSTED = "exhausted", "Given up"
    CANCELLED = "cancelled", "Cancelled"


# Why an endpoint is disabled without anybody having done it.
GONE = "The receiver answered 410 Gone."
OPEN = (Sending.DUE, Sending.SENDING)
CLOSED = (Sending.SENT, Sending.EXHAUSTED, Sending.CANCELLED)

# Standard Webhooks 1.0.0, "Deliverability and reliability": how long to wait before each attempt.
WAITS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
ATTEMPTS = len(WAITS)
# Classes of errors in words; what a receiver answered is told by its status.
PROBLEMS: dict[str, str] = {
    "Timeout": "No answer within 15 seconds",
    "gaierror": "The name of the host is not known",
    "ConnectionRefusedError": "The host refused the connection",
    "ConnectionResetError": "The host ended the connection",
    "RemoteDisconnected": "The host ended the connection",
    "ProtocolError": "The host did not speak HTTP",
    "SSLError": "The certificate is not trusted",
    "SSLCertVerificationError": "The certificate is not trusted",
    "Refused": "The address is not one that webhooks are sent to",
    "SecretUnreadable": "The secret was stored under another SECRET_KEY; rotate it",
}
LONGEST_WAIT = timedelta(hours=24)
JITTER = 0.1


def in_words(problem: str) -> str:
    """Return what kept a message from arriving; a status or an unknown class of error as it is."""
    return PROBLEMS.get(problem, problem)


def wait_after(attempts: int, asked: timedelta | None = None, luck: float = 0.0) -> timedelta | None:
    """Return how long to wait after this many failed attempts; None when no attempt is left.

    `asked` is what the receiver asked for by Retry-After, honoured up to a day; `luck` in [0, 1) spreads the waits.
    """
    if attempts >= ATTEMPTS:
        return None
    return max(WAITS[attempts] * (1 + JITTER * luck), min(asked or timedelta(0), LONGEST_WAIT))
