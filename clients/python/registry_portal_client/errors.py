"""What can go wrong, each with the exit code that the command line ends with and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

DONE = 0
FAILED = 1
WRONG_USE = 2
ENDED = 3
STILL_WAITING = 4
NOT_ALLOWED = 5
CONFLICT = 6
NOT_FOUND = 7
INVALID = 8
CORRUPT = 9

EXIT_CODES: dict[int, str] = {
    DONE: "done",
    FAILED: "the registry did not answer, or failed itself, after several attempts",
    WRONG_USE: "wrong use: options, settings, files that are not there",
    ENDED: "the promotion ended without moving the version: rejected, cancelled, expired or superseded",
    STILL_WAITING: "the promotion still waits when the time is over",
    NOT_ALLOWED: "not allowed: token unknown, scope missing, or not the role for it",
    CONFLICT: "conflict with what is there: other content under this version, closed or older state",
    NOT_FOUND: "no such thing, or not for this token to see",
    INVALID: "the registry refused the input; the fields are named",
    CORRUPT: "bytes do not match their digest, or a path would leave its folder",
}
BY_STATUS = {401: NOT_ALLOWED, 403: NOT_ALLOWED, 404: NOT_FOUND, 409: CONFLICT, 412: CONFLICT, 422: CONFLICT}
# A stable code of the registry -> what to do about it.
ADVICE = {
    "invalid_token": "create a token in the portal (Profile) and set REGISTRY_TOKEN, or `registry-portal login`",
    "not_authenticated": "set REGISTRY_TOKEN to an API token, or `registry-portal login`",
    "missing_scope": "create a token that has this scope; `registry-portal whoami` shows what this one has",
    "version_exists": "give a higher --version, or let the registry count with --bump",
    "version_failed": "this version was given up; register the next one",
    "version_not_sealed": "finish it: run the same `registry-portal register` again",
    "nothing_in_production": "ask for it: `registry-portal request MODEL VERSION --to production --reason TEXT`",
    "promotion_exists": "follow the one that is open: `registry-portal promote-status MODEL VERSION`",
    "stale_subject": "read it again; somebody changed it since",
    "unknown_team": "give the slug of one of your teams; `registry-portal whoami` lists them",
    "digest_mismatch": "the file changed while it was sent, or was damaged on the way; run the command again",
    "storage_full": "tell the registry's administrators; nothing was lost, the same command continues",
}


class RegistryError(Exception):
    """Base of everything this package raises on purpose."""

    exit_code: int = FAILED

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


class WrongUse(RegistryError):
    """Options, settings or files that cannot be right."""

    exit_code = WRONG_USE


class Unreachable(RegistryError):
    """The registry did not answer after several attempts."""


class Different(RegistryError):
    """What is in the registry, or in the folder, is not what this command would put there."""

    exit_code = CONFLICT


class Ended(RegistryError):
    """The promotion ended without moving the version."""

    exit_code = ENDED


class StillWaiting(RegistryError):
    """The promotion was still open when the waiting time was over."""

    exit_code = STILL_WAITING


class Corrupt(RegistryError):
    """Bytes that are not what their digest says, or a path that would leave its folder."""

    exit_code = CORRUPT


class Refused(RegistryError):
    """The registry answered with a problem (RFC 9457); `code` is stable, `errors` name the wrong fields."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.status = status
        self.retry_after = retry_after
        self.code = str(problem.get("code") or "unknown")
        self.detail = str(problem.get("detail") or problem.get("title") or "no reason given")
        self.errors = [error for error in problem.get("errors") or [] if isinstance(error, dict)]
        self.exit_code = BY_STATUS.get(status, INVALID if status < 500 else FAILED)
        super().__init__("\n".join(self._lines()), advice=ADVICE.get(self.code, ""))

    def _lines(self) -> Iterator[str]:
        yield f"{self.detail} ({self.status} {self.code})"
        for error in self.errors:
            field, message, code = (str(error.get(name) or "") for name in ("field", "message", "code"))
            if field:
                yield f"  {field}: {message}" + (f" ({code})" if code else "")
