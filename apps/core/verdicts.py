"""What a policy answers: Allowed, or Denied with the reason a person reads."""

from __future__ import annotations

from dataclasses import dataclass

from apps.core.errors import Conflict, Forbidden


@dataclass(frozen=True)
class Allowed:
    """The act may be done."""

    reason: str = ""
    code: str = "allowed"

    def __bool__(self) -> bool:
        return True

    def require(self) -> None:
        """Do nothing: the act is allowed."""


@dataclass(frozen=True)
class Denied:
    """The act may not be done; `wrong_state` tells 409 from 403."""

    reason: str
    code: str = "forbidden"
    wrong_state: bool = False

    def __bool__(self) -> bool:
        return False

    def require(self) -> None:
        """Raise Conflict when the state forbids the act, Forbidden when the person may not do it."""
        raise (Conflict if self.wrong_state else Forbidden)(self.reason, code=self.code)


Verdict = Allowed | Denied
