"""A browser that looks at pages: signed in without typing, and unforgiving."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage
from playwright.sync_api import Page as Tab

from tests.e2e.clients import signed_in_session
from tests.e2e.conftest import RunningPortal
from tests.e2e.pages import PERSONAS, State

MILLISECONDS = 30_000
WIDTHS = {1440: 900, 390: 844}
THEMES = ("light", "dark")
# Layout shifts add up to this at most: below it nobody sees anything move (web.dev, "Cumulative Layout Shift").
SHIFT = 0.02
# The rules of axe whose answer depends on colours.
COLOUR = ("color-contrast", "link-in-text-block")

# Layout shifts that no act of the reader explains, reported once the page has been painted.
SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  const watch = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  });
  watch.observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => done(sum), 30));
})"""
# What must be moved sideways to be read: the whole page, or a part of it other than code and pictures.
SIDEWAYS = """() => {
  const wide = (each) => each.scrollWidth > each.clientWidth + 1;
  const moves = (each) => ["auto", "scroll"].includes(getComputedStyle(each).overflowX);
  const parts = [...document.querySelectorAll("main *, dialog, dialog *")];
  return [document.documentElement, ...parts.filter((each) => moves(each) && !each.closest("pre, code, textarea, svg")
    && !each.querySelector(":scope > svg, :scope > pre"))].filter(wide)
    .map((each) => `wider than its place: ${each.tagName.toLowerCase()}.${each.className}`);
}"""

Cookies = dict[str, Any]


def signed_in_people(portal: RunningPortal) -> dict[str, Cookies]:
    """Return the session cookie of every persona, and none for somebody who has not signed in."""
    found: dict[str, Cookies] = {"": {}}
    for persona, username in PERSONAS.items():
        session = signed_in_session(portal.base_url, username, portal.demo_password)
        found[persona] = {"name": "sessionid", "value": session.cookies["sessionid"], "url": portal.base_url}
    return found


@contextmanager
def looking(browser: Browser, portal: RunningPortal, cookies: Cookies, **look: Any) -> Iterator[tuple[Tab, list[str]]]:
    """Yield a tab of a person's own browser and the list of what its console complains of."""
    context = browser.new_context(base_url=portal.base_url, reduced_motion="reduce", **look)
    context.set_default_timeout(MILLISECONDS)
    if cookies:
        context.add_cookies([cookies])  # type: ignore[list-item]
    try:
        yield watched(context)
    finally:
        context.close()


def watched(context: BrowserContext) -> tuple[Tab, list[str]]:
    """Return a new tab and the list of its complaints, which grows."""
    tab, wrong = context.new_page(), []
    tab.on("console", lambda message: wrong.append(message.text) if is_wrong(message) else None)
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    return tab, wrong


def is_wrong(message: ConsoleMessage) -> bool:
    """Tell whether the browser complains, of more than a form that was not accepted."""
    return message.type in ("error", "warning") and "400 (Bad Request)" not in message.text


def visit(tab: Tab, state: State) -> list[str]:
    """Open a state; return what is wrong with how the page came and how it lies."""
    answer = tab.goto(state.address)
    assert answer is not None, state.address
    wrong = [] if answer.ok else [f"answered {answer.status}"]
    if (shift := tab.evaluate(SHIFTS)) > SHIFT:
        wrong.append(f"layout shift of {shift:.3f}")
    if tab.locator("h1").count() != 1:
        wrong.append("has not one heading of the first level")
    if state.act is not None:
        state.act(tab)
    return [*wrong, *tab.evaluate(SIDEWAYS)]


def inaccessible(tab: Tab, *rules: str) -> list[str]:
    """Return what axe finds wrong, by the rules named or by all of them."""
    only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    options: dict[str, Any] = {"resultTypes": ["violations"], **only}
    violations = Axe().run(tab, options=options).response["violations"]
    return [f"{each['id']}: {[node['target'] for node in each['nodes']][:3]}" for each in violations]
