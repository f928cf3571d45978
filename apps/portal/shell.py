"""What the frame of every page shows: navigation, inbox count, colour theme."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.roles import InstanceRole
from apps.notifications import selectors as inbox

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"
# Pages that belong to a place although their addresses do not begin like its own.
BELOW = {"portal:ledger": ("/inventory/", "/people/")}


@dataclass(frozen=True)
class Place:
    """One line of the main navigation."""

    label: str
    url: str
    icon: str
    current: bool


class Shell:
    """Answers the frame's questions when a template asks them; pages without a frame cost nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def user(self) -> User | None:
        """Who is signed in; None on error pages that failed before anybody was recognised."""
        user = getattr(self._request, "user", None)
        return user if isinstance(user, User) else None

    @cached_property
    def places(self) -> list[Place]:
        """The main navigation; compliance officers also find the policies."""
        if self.user is None:
            return []
        found = [
            ("Home", "portal:home", "house"),
            ("Models", "portal:catalogue", "box-seam"),
            ("Promotions", "approvals:promotions", "arrow-up-right"),
            ("Lineage", "lineage:search", "diagram-3"),
            ("Audit", "portal:ledger", "journal-check"),
        ]
        if InstanceRole.COMPLIANCE_OFFICER in self.user.instance_roles():
            found.append(("Policies", "admin:approvals_policy_changelist", "shield-check"))
        return [self._place(*line) for line in found]

    def _place(self, label: str, name: str, icon: str) -> Place:
        url, path = reverse(name), self._request.path
        return Place(label, url, icon, path == url if url == "/" else path.startswith((url, *BELOW.get(name, ()))))

    @cached_property
    def inbox_count(self) -> int:
        """How many messages wait unread."""
        return inbox.unread_count(self.user) if self.user else 0

    @cached_property
    def theme(self) -> str:
        """The reader's choice of colours; `auto` follows the system."""
        chosen = self._request.COOKIES.get(THEME_COOKIE, "auto")
        return chosen if chosen in THEMES else "auto"

    @property
    def themes(self) -> tuple[str, ...]:
        """The colours to choose from."""
        return THEMES


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Give templates `shell`."""
    return {"shell": Shell(request)}
