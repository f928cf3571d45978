"""What an endpoint may be: the shape of its URL and of its event types; where it leads is decided at connect time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address

from django.conf import settings
from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from apps.audit.events import registered
from apps.core.errors import Invalid
from apps.notifications import addresses

LONGEST_URL = 500
PREFIX = re.compile(r"[a-z_]+(\.[a-z_]+){0,2}")


def checked_url(text: str) -> str:
    """Return the URL normalised; raises Invalid for what webhooks can never be sent to."""
    try:
        url = parse_url(text.strip())
    except LocationParseError:
        raise Invalid("This is not a URL.", field="url") from None
    if reason := _reason_against(url, text):
        raise Invalid(reason, field="url", code="invalid_url")
    return url.url


def _reason_against(url: Url, text: str) -> str:
    schemes = {"https", "http"} if addresses.opens_any() else {"https"}
    if url.scheme not in schemes or not url.host:
        return f"Give an absolute URL that begins with {' or '.join(f'{scheme}://' for scheme in sorted(schemes))}."
    if url.auth or url.fragment or re.search(r"[\s\x00-\x1f\x7f]", text.strip()):
        return "Leave out user names, passwords, fragments and white space."
    if len(url.url) > LONGEST_URL:
        return f"A URL has at most {LONGEST_URL} characters."
    return _reason_against_place(url)


def _reason_against_place(url: Url) -> str:
    port = url.port or (443 if url.scheme == "https" else 80)
    if port not in settings.WEBHOOK_PORTS and not addresses.opens_any():
        return f"Webhooks are sent to these ports only: {', '.join(map(str, settings.WEBHOOK_PORTS))}."
    try:
        address = ip_address((url.host or "").strip("[]"))
    except ValueError:
        return ""
    try:
        addresses.check(str(address), port, encrypted=url.scheme == "https")
    except addresses.Refused as refused:
        return str(refused)
    return ""


def checked_event_types(given: Iterable[str]) -> list[str]:
    """Return the beginnings of event types without their last dots; raises Invalid for those of no event."""
    prefixes = sorted({text.strip().removesuffix("*").rstrip(".") for text in given})
    for prefix in prefixes:
        known = any(f"{name}.".startswith(f"{prefix}.") for name in registered())
        if not PREFIX.fullmatch(prefix) or not known:
            raise Invalid(f"No event type begins with {prefix!r}.", field="event_types", code="unknown_event_type")
    return prefixes


# What people choose from, in words; programs may name any beginning of an event type.
OFFERED: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Promotions",
        (
            ("approvals.promotion.submitted", "Somebody asks for a promotion"),
            ("approvals.promotion.decided", "A reviewer signs a decision"),
            ("approvals.promotion.reevaluated", "A promotion changes its state or begins a new round"),
            ("approvals.promotion.executed", "A version moves to its stage"),
            ("approvals.promotion.demoted", "A version is taken down"),
            ("approvals.promotion.withdrawn", "A request is withdrawn"),
            ("approvals.promotion.expired", "A request expires"),
            ("approvals.promotion.superseded", "A request is overtaken by another"),
            ("approvals.check", "A check is reported"),
            ("approvals.evidence", "Evidence is attached"),
        ),
    ),
    (
        "Models and versions",
        (
            ("models.model", "A model is registered or changed"),
            ("models.version.registered", "A version is registered"),
            ("models.version.sealed", "A version is sealed"),
            ("models.version.failed", "A version is given up"),
            ("models.artifact", "A file is uploaded"),
            ("models.alias", "An alias is moved"),
        ),
    ),
    (
        "Rules",
        (
            ("approvals.policy", "A policy is set"),
            ("models.standard", "A metadata standard is set"),
        ),
    ),
    (
        "People and programs",
        (
            ("accounts.role", "A role on a team or model is given or taken"),
            ("accounts.instance_role", "A role over the portal is given or taken"),
            ("accounts.user", "An account is made, ended or brought back"),
            ("accounts.service_account", "A program is added or handed over"),
            ("accounts.token", "A token is made or revoked"),
        ),
    ),
)
WORDS = {name: words for _, choices in OFFERED for name, words in choices}


def in_words(prefix: str) -> str:
    """Return what a chosen beginning of event types means."""
    return WORDS.get(prefix) or f"Everything under {prefix}"
