"""What is known of the present request: its id and how its actor proved who they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Context:
    """Request id and authentication facts; no personal data."""

    request_id: str = ""
    auth: dict[str, str] = field(default_factory=dict)


NOTHING = Context()
_current: ContextVar[Context] = ContextVar("portal_context", default=NOTHING)


def current() -> Context:
    """Return the context of the request being served, empty outside one."""
    return _current.get()


@contextmanager
def acting(context: Context) -> Iterator[None]:
    """Make `context` current for the block."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)


def authenticated_by(**auth: str) -> None:
    """Add how the actor was authenticated to the present context."""
    _current.set(Context(_current.get().request_id, auth))
