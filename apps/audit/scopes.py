"""Names of scopes: apps above tell which object a reader means by `model:card-fraud`."""

from __future__ import annotations

from collections.abc import Callable

Resolver = Callable[[str], object | None]
_resolvers: dict[str, Resolver] = {}


def register(kind: str, resolver: Resolver) -> None:
    """Declare how a name becomes the id in a scope of this kind; None where nothing has the name."""
    _resolvers[kind] = resolver


def named(kind: str, name: str) -> str:
    """Return the scope of an object by its name or id, such as `model:7`; a scope of nothing for unknown names."""
    found = _resolvers[kind](name) if kind in _resolvers else None
    return f"{kind}:{name if found is None else found}"
