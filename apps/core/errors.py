"""The one family of errors; each face maps it once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One wrong field: its dotted path, what is wrong with it, and a stable code."""

    field: str
    message: str
    code: str = "invalid"

    def as_dict(self) -> dict[str, str]:
        """Return the field error as plain JSON data."""
        return {"field": self.field, "message": self.message, "code": self.code}


class PortalError(Exception):
    """Base of everything the domain refuses; carries an HTTP status and a stable code."""

    status = 400
    code = "bad_request"
    title = "Bad request"

    def __init__(
        self, detail: str, *, code: str | None = None, field: str | None = None, errors: list[FieldError] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.errors = errors or ([FieldError(field, detail, self.code)] if field else [])


class Invalid(PortalError):
    """The input is wrong; the errors name each field."""

    code = "invalid"
    title = "Invalid input"


class Forbidden(PortalError):
    """The actor can see the object but may not do this."""

    status = 403
    code = "forbidden"
    title = "Not allowed"


class NotFound(PortalError):
    """The object does not exist, or the actor may not know that it does."""

    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(PortalError):
    """The object is in a state that does not admit this act."""

    status = 409
    code = "conflict"
    title = "Conflict"


class Stale(Conflict):
    """The actor looked at an older state than the present one."""

    code = "stale_subject"
    title = "Out of date"


class TooLarge(PortalError):
    """The body is larger than accepted."""

    status = 413
    code = "too_large"
    title = "Too large"


class Unprocessable(PortalError):
    """Well formed but contradictory, such as an idempotency key used for another body."""

    status = 422
    code = "unprocessable"
    title = "Cannot be processed"


class PreconditionRequired(PortalError):
    """The request must say which state it saw (RFC 6585, section 3)."""

    status = 428
    code = "precondition_required"
    title = "Precondition required"


class Unavailable(PortalError):
    """Something the act depends on does not answer; trying again later is right."""

    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"
