"""Every page of the portal, the people who use it, and the states it is looked at in: one line for each page.

Browser tests, budgets, `make screenshots` and `make bench` go through this table; tests/architecture fails for a page
that is not in it. Where a page is looked at (`at`) names a place of tests/e2e/places.py, or the first word of several.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.urls import get_resolver, reverse
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

# The demonstration organisation's people, each for one kind of reader.
PERSONAS = {
    "author": "ada",
    "owner": "priya",
    "reviewer": "yuki",
    "compliance": "iris",
    "auditor": "noor",
    "administrator": "greta",
}
EVERYBODY = tuple(PERSONAS)
MEMBERS = ("author", "reviewer", "compliance", "auditor")

Place = Mapping[str, Any]
Act = Callable[[Tab], None]


@dataclass(frozen=True)
class Page:
    """A page by the name of its address: the first persona sees every state, the others the first one."""

    name: str
    by: tuple[str, ...] = MEMBERS
    at: tuple[str, ...] = ("",)
    asked: tuple[str, ...] = ("",)
    acts: tuple[Act, ...] = ()
    pictured: bool = True


@dataclass(frozen=True)
class State:
    """A page as one person looks at it."""

    page: Page
    persona: str
    place: str
    address: str
    act: Act | None = None

    @property
    def label(self) -> str:
        """Return what tells this state from all others, as a file is named."""
        act = self.act.__name__ if self.act else ""
        place = "" if self.place == self.page.at[0] else self.place
        words = " ".join((self.page.name.removeprefix("portal:"), place, self.address.partition("?")[2], act))
        return "-".join(word for word, _ in groupby(re.findall(r"[a-z0-9]+", words.lower())))


def unfold(tab: Tab) -> None:
    """Open whatever is folded."""
    tab.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true })")


def open_menu(tab: Tab) -> None:
    """Open the menu of the person."""
    tab.locator("[popovertarget=person-menu]").click()
    expect(tab.locator("#person-menu")).to_be_visible()


def open_dialog(tab: Tab) -> None:
    """Open the first question that comes as a dialog."""
    tab.locator("a[data-dialog]:visible").first.click()
    expect(tab.get_by_role("dialog")).to_be_visible()


def send_empty(tab: Tab) -> None:
    """Send the page's last form without filling it in, past the browser's own questions, and get its errors."""
    unfold(tab)
    tab.evaluate("document.querySelectorAll('main form').forEach((each) => { each.noValidate = true })")
    tab.locator("main form[method=post] button[type=submit]:visible").last.click()
    expect(tab.locator(".field-error, .errors, [role=alert]").first).to_be_visible()


PAGES = (
    Page("portal:home", by=("reviewer", "author", "compliance", "auditor", "administrator"), acts=(open_menu,)),
    Page("portal:catalogue", by=EVERYBODY, asked=("", "q=digit&tier=low", "q=nothing-like-this"), acts=(unfold,)),
    Page("portal:model", at=("model", "crowded", "bare")),
    Page("portal:model-versions", at=("model", "crowded", "bare")),
    Page("portal:model-promotions", at=("model", "crowded", "bare")),
    Page("portal:model-people", at=("model", "crowded")),
    Page("portal:model-history", at=("model", "crowded"), acts=(unfold,)),
    Page("portal:model-lineage", at=("model", "crowded")),
    Page("lineage:search", asked=("", "q=digits&kind=dataset", "q=nothing-like-this")),
    Page("portal:model-use", at=("model", "crowded", "bare")),
    Page("portal:version", at=("model", "crowded", "pending"), acts=(unfold,)),
    Page("portal:ledger", by=("auditor", "compliance"), asked=("", "type=approvals&text=digit", "text=nothing")),
    Page("portal:export", by=("auditor", "author")),
    Page("portal:inventory", by=("auditor", "author", "administrator"), asked=("", "at=2020-01-01T00:00:00Z")),
    Page("portal:event", by=("auditor", "compliance"), at=("event",)),
    Page("approvals:promotions", by=EVERYBODY, asked=("", "state=pending", "q=nothing-like-this")),
    Page("approvals:departures", by=("compliance", "auditor")),
    Page("approvals:promotion", by=("reviewer", "author", "compliance", "auditor"), at=("crowded", "promotion"),
         acts=(unfold, send_empty)),
    Page("approvals:promotion", by=("author",), at=("crowded",), acts=(open_dialog,), pictured=False),
    Page("approvals:withdraw", by=("author",), at=("crowded",)),
    Page("approvals:execute", by=("author",), at=("crowded",)),
    Page("approvals:submit", by=("author",), at=("unasked",)),
    Page("approvals:demote", by=("owner", "author"), at=("model",)),
    Page("approvals:discussion", by=("reviewer", "author"), at=("crowded",), acts=(send_empty,)),
    Page("approvals:attach", by=("author",), at=("crowded",), acts=(send_empty,)),
    Page("models:edit", by=("owner",), at=("crowded",)),
    Page("models:alias", by=("owner", "author"), at=("model",), acts=(send_empty,)),
    Page("models:alias-remove", by=("owner",), at=("alias",), pictured=False),
    Page("portal:compare", at=("model", "crowded")),
    Page("portal:object-history", by=("auditor", "author"), at=("object",), acts=(unfold,)),
    Page("portal:person", by=("author", "auditor", "administrator"), at=("person",)),
    Page("webhooks:list", by=("owner", "author", "compliance", "administrator")),
    Page("webhooks:add", by=("owner",), acts=(send_empty,)),
    Page("webhooks:webhook", by=("owner", "auditor"), at=("webhook",), acts=(unfold,)),
    Page("webhooks:edit", by=("owner",), at=("webhook",)),
    Page("webhooks:rotate", by=("owner",), at=("webhook",)),
    Page("webhooks:disable", by=("owner",), at=("webhook",)),
    Page("webhooks:repeat-range", by=("owner",), at=("webhook",)),
    Page("webhooks:delivery", by=("owner", "auditor"), at=("webhook",), acts=(unfold,)),
    Page("accounts:tokens", by=EVERYBODY),
    Page("accounts:add-token", by=("author",), acts=(send_empty,)),
    Page("accounts:revoke-token", by=("author",), at=("own",)),
    Page("accounts:service-accounts", by=EVERYBODY),
    Page("accounts:add-service-account", by=("author",), acts=(send_empty,)),
    Page("accounts:service-account", by=("author",), at=("own",)),
    Page("accounts:hand-over-service-account", by=("author",), at=("own",)),
    Page("accounts:deactivate-service-account", by=("author",), at=("own",)),
    Page("portal:search", by=EVERYBODY, asked=("q=digit", "q=nothing-like-this", "")),
    Page("portal:save-search", by=("author",), asked=("q=digit",), acts=(send_empty,)),
    Page("portal:saved-search", by=("author",), at=("search",)),
    Page("portal:delete-search", by=("author",), at=("search",)),
    Page("lineage:node", at=("node",)),
    Page("inbox:preferences", by=("reviewer",)),
    Page("inbox:messages", by=("reviewer", "author", "administrator"), acts=(unfold,)),
    Page("accounts:profile", by=EVERYBODY),
    Page("account_change_password", by=("author",), acts=(send_empty,)),
    Page("account_reauthenticate", by=("author",)),
    Page("account_logout", by=("author",)),
)  # fmt: skip

# Pages that nobody has to sign in for.
OPEN = (
    Page("api-docs", by=("",)),
    Page("account_login", by=("",), acts=(send_empty,)),
    Page("account_signup", by=("",)),
    Page("account_inactive", by=("",)),
    Page("account_reset_password", by=("",)),
    Page("account_reset_password_done", by=("",)),
)


def states(places: Mapping[str, Place], pages: tuple[Page, ...] = PAGES) -> Iterator[State]:
    """Yield every state that the first persona of each page sees."""
    for page in pages:
        persona = page.by[0]
        found = [name for at in page.at for name in places if name == at or (at and name.startswith(f"{at} "))]
        assert found, f"{page.name}: there is no place named {page.at}"
        for name in found:
            for query in page.asked:
                yield State(page, persona, name, address(page, places[name], query))
        for act in page.acts:
            yield State(page, persona, found[0], address(page, places[found[0]], page.asked[0]), act)


def others(places: Mapping[str, Place], pages: tuple[Page, ...] = PAGES) -> Iterator[State]:
    """Yield the first state of each page for everybody else who uses it."""
    for page in pages:
        for persona in page.by[1:]:
            yield State(page, persona, page.at[0], address(page, places[page.at[0]], page.asked[0]))


def address(page: Page, place: Place, query: str = "") -> str:
    """Return the address of a page at a place."""
    wanted = parameters(page.name)
    return reverse(page.name, kwargs={name: place[name] for name in wanted}) + (f"?{query}" if query else "")


def parameters(name: str) -> set[str]:
    """Return what an address has to be given."""
    namespace, _, own = name.rpartition(":")
    resolver = get_resolver()
    if namespace:
        resolver = resolver.namespace_dict[namespace][1]
    return set(resolver.reverse_dict.getlist(own)[0][0][0][1])
