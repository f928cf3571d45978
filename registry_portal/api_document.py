"""What the API's document says beside its operations: how to begin, what errors mean, and the order of its sections."""

from __future__ import annotations

import re
from typing import Any

DESCRIPTION = """\
Register, review, promote and account for machine-learning models. Every call below is shown as a command that runs
once `REGISTRY_URL` and `REGISTRY_TOKEN` are set, and in Python where the client in `clients/python` has it.

## Authentication

Send an API token as `Authorization: Bearer <token>`, or with HTTP Basic as the password of any user name. Make one
on your profile, for yourself or for a service account that you own. A token has scopes; each operation names the
one it needs. What its holder may not do, the token may not do either. Who asks and what for is answered by `GET
/api/v1/me/`.

## Requests and answers

Bodies are JSON with the fields that are documented; unknown ones are refused. Artifacts are raw bytes. Times are
RFC 3339 with an offset. Lists answer `{"next", "previous", "results"}`: follow `next` until it is null, 50 rows at
a time or `page_size` up to 200.

A POST takes an `Idempotency-Key`. Sent again within seven days with the same body, it answers what it answered the
first time, with `Idempotency-Replayed: true`, and does nothing: a pipeline may repeat whatever it did not hear back
from.

`GET` of models, promotions and production answers an `ETag`. Deciding names it in `If-Match`, so nobody decides on
a state they did not see; asking for production again with `If-None-Match` costs next to nothing.

## Errors

A refusal is `application/problem+json` (RFC 9457) with a stable `code`, a sentence in `detail`, and the wrong
fields in `errors`, each with `field`, `message` and `code`. Nothing was changed. What you may not know of is
answered as if it did not exist.

| status | code, for example | what to do |
|---|---|---|
| 400 | `invalid`, `malformed_json`, `digest_mismatch`, `invalid_path` | correct the fields that are named |
| 401 | `not_authenticated`, `invalid_token` | send a token that is neither expired nor revoked |
| 403 | `forbidden`, `missing_scope`, `separation_of_duties` | read the reason; take a token with the scope |
| 404 | `not_found`, `unknown_version`, `nothing_in_production` | look at the name, and whether you may see it |
| 409 | `version_exists`, `version_sealed`, `promotion_exists`, `stale_subject` | read the present state first |
| 411, 413 | `length_required`, `artifact_too_large`, `too_large` | announce the length; send less |
| 416 | `range_not_satisfiable` | ask for a range within the file |
| 422 | `idempotency_key_reused` | take a new key for a new request |
| 428 | `precondition_required` | send `If-Match` with the `ETag` that you read |
| 429 | `throttled` | wait as long as `Retry-After` says |
| 503 | `unavailable`, `storage_full`, `storage_unavailable` | try again later; nothing that was answered is lost |
"""

VERSION = r"/models/\{name\}/versions/"
# In the order in which a pipeline needs them; the first pattern that fits takes an operation.
SECTIONS: tuple[tuple[str, str, str], ...] = (
    ("Who am I", r"/me/", "Whether a token works, and what for."),
    ("Artifacts", rf"{VERSION}\{{version\}}/artifacts/", "The files of a version, streamed in and out."),
    ("Lineage", r"/lineage/", "What a version came from, and what came from it."),
    (
        "Promotions",
        rf"/promotions/|{VERSION}\{{version\}}/(demote|evidence)/",
        "Ask for a stage, follow the review, report checks, decide, execute; attach later evidence.",
    ),
    ("Versions", VERSION, "Open, fill, seal: immutable from then on."),
    (
        "Production and stages",
        r"/(production|stages|inventory|aliases)/",
        "What runs now, what ran at any past instant, and movable names.",
    ),
    ("Teams and roles", r"/teams/|/grants/", "Who may do what."),
    ("Models", r"/models/", "Named lines of versions, owned by a team."),
    ("Policies and standards", r"/(policies|metadata-standards)/", "What a promotion needs, and what must be said."),
    ("Audit log", r"/audit/", "Every change, in the order in which it was committed."),
    ("Webhooks", r"/webhooks/", "Be told at once, signed by Standard Webhooks."),
    ("Inbox", r"/inbox/", "Your notices."),
    ("Tokens and service accounts", r"/(tokens|service-accounts)/", "How programs come in."),
)
ORDER = (
    *("Who am I", "Models", "Versions", "Artifacts", "Promotions", "Production and stages", "Lineage", "Webhooks"),
    *("Audit log", "Inbox", "Policies and standards", "Teams and roles", "Tokens and service accounts"),
)


def in_sections(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Sort operations into sections, as a hook of drf-spectacular; raises LookupError for a path without one."""
    result["paths"] = dict(sorted(result["paths"].items(), key=lambda item: _place(item[0])))
    for path, operations in result["paths"].items():
        for operation in operations.values():
            operation["tags"] = [section_of(path)]
    about = {name: said for name, _, said in SECTIONS}
    result["tags"] = [{"name": name, "description": about[name]} for name in ORDER]
    return result


def section_of(path: str) -> str:
    """Return the section that a path belongs to; raises LookupError."""
    for name, pattern, _ in SECTIONS:
        if re.search(pattern, path):
            return name
    raise LookupError(f"no section of the API's document takes {path}; see registry_portal/api_document.py")


def _place(path: str) -> tuple[int, int, str]:
    """Return what to sort a path by: its section, then from the whole to the part."""
    return ORDER.index(section_of(path)), path.count("/"), path
