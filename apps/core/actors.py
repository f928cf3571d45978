"""Who acts: people, service accounts and the portal itself share one small protocol."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol, runtime_checkable


@runtime_checkable
class Actor(Protocol):
    """Somebody who acts; `urn` is a pseudonym that says nothing about the person."""

    @property
    def urn(self) -> str:
        """Pseudonym written into the audit log."""


class ScopeHolder(Protocol):
    """Somebody who reads; `visible_scopes` is None for a reader of everything."""

    def visible_scopes(self) -> Collection[str] | None:
        """Return audit scopes such as `team:3` or `model:7`; None means all."""


class System:
    """The portal acting by itself: sweepers, expiry, automatic execution."""

    urn = "urn:portal:system"
    pk = None
    name = "Registry Portal"
    is_active = True
    is_service_account = True

    def __str__(self) -> str:
        return self.name


SYSTEM = System()
