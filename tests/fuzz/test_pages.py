"""Hostile addresses and questions to every page, as people of two teams: no failure, and nothing of the other team."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote_plus, urlencode

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.architecture import url_table
from tests.architecture.test_urls import ROUTES, methods
from tests.factories import browser
from tests.fuzz.conftest import EXAMPLES, Side, undone

TRIES = EXAMPLES or 12
PAGES = sorted(name for name in (*url_table.READ, *url_table.WRITE_ONLY) if not name.startswith("api-"))
HOSTILE = (
    *("", " ", "0", "-1", "1", "2147483648", "9223372036854775808", "9" * 400, "1e400", "NaN", "-inf", "true", "null"),
    *("\x00", "a\x00b", "\ufffe", "\u202e", "é", "ﬀ", "💥" * 50, "a" * 5000, "\r\nSet-Cookie: a=b"),
    *("'; DROP TABLE x;--", "../../etc/passwd", "..", "%", "%00", "%25", "_", "*", "<script>alert(1)</script>"),
    *("{{ 7 * 7 }}", "\\", '"', "@", "@latest", "1.0.0", "999.0.0", "1.0.0-" + "a." * 90, "name[]", "pending", "[]"),
    *("2026-02-30", "2026-13-01T00:00:00Z", "0001-01-01", "9999-12-31T23:59:59Z", "2026-10-25T02:30:00+99:99"),
    *("1628-06-02T13:29:07+23:17", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
    *("auc > 0.9", "auc > ", "auc > 1e999", "((((", "a & | b", "cD0xMA==", "cD0="),
)
# What pages ask for and link to; every page gets those of all.
ASKED = re.compile(r"""(?:[?&](?:amp;)?|name=")([a-z_]+)(?==|")""")
Leaked = Callable[[Side, str, str], list[str]]


def arguments(name: str, of: Side) -> dict[str, Any]:
    """Return the arguments by which an address names the side's object."""
    wanted = ROUTES[name].pattern.converters
    group = next(word for word in of.objects if word in name and wanted.keys() <= of.objects[word].keys())
    return {key: of.objects[group][key] for key in wanted}


def hostile(name: str, own: Side, other: Side, chance: random.Random) -> str | None:
    """Return an address of own, foreign and hostile arguments; None where it is none of the portal's."""
    given = {}
    for key in ROUTES[name].pattern.converters:
        place = chance.choice((own, own, other, None))
        given[key] = arguments(name, place)[key] if place else chance.choice(HOSTILE)
    try:
        return reverse(name, kwargs=given)
    except NoReverseMatch:
        return None


def questions(names: list[str], chance: random.Random) -> str:
    """Return a query of some known fields with hostile values."""
    chosen = [(field, chance.choice(HOSTILE)) for field in names if chance.random() < 0.4]
    return urlencode(chosen) if chance.random() < 0.9 else quote("\udcff=\udc80&a", errors="surrogateescape")


def fields(client: Client, own: Side) -> list[str]:
    """Return the names of all fields that own pages have or link to."""
    found: set[str] = set()
    for name in PAGES:
        if name in url_table.READ:
            with undone():
                answer = client.get(reverse(name, kwargs=arguments(name, own)))
            found |= set(ASKED.findall(answer.content.decode())) - {"csrfmiddlewaretoken", "viewport"}
    return sorted(found)


def ask(client: Client, method: str, address: str, query: str) -> tuple[HttpResponse, str]:
    """Send the query in the address, or as a form; return the answer and the whole question, decoded."""
    with undone():
        if method == "get":
            answer = client.get(f"{address}?{query}")
        else:
            answer = client.post(address, query, content_type="application/x-www-form-urlencoded")
        if not answer.streaming:
            answer.render() if hasattr(answer, "render") else None
    return answer, unquote_plus(f"{address}?{query}")


def body(answer: HttpResponse) -> str:
    """Return the whole text of an answer, and where it leads."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode(errors="replace") + answer.get("Location", "")


@pytest.mark.parametrize("asker", ["north", "south"])
def test_hostile_addresses_and_questions_break_no_page_and_show_nothing_of_another_team(
    sides: dict[str, Side], leaked: Leaked, asker: str
) -> None:
    own, other = sides[asker], next(side for name, side in sides.items() if name != asker)
    client = browser(own.owner)
    client.raise_request_exception = False
    names, chance, wrong = fields(client, own), random.Random(f"pages {asker} {EXAMPLES}"), {}
    for name in PAGES:
        for number in range(TRIES):
            method = "get" if name in url_table.READ and number % 3 else "post" if "post" in methods(name) else "get"
            address = hostile(name, own, other, chance)
            if address is None:
                continue
            answer, question = ask(client, method, address, questions(names, chance))
            found = leaked(own, question, body(answer))
            if answer.status_code >= 500 or found:
                wrong.setdefault(name, (method, question[:600], answer.status_code, found))
    assert wrong == {}


@pytest.mark.parametrize("asker", ["north", "south"])
def test_pages_of_another_team_are_as_if_they_were_not(sides: dict[str, Side], leaked: Leaked, asker: str) -> None:
    own, other = sides[asker], next(side for name, side in sides.items() if name != asker)
    client, wrong = browser(own.owner), {}
    for name in PAGES:
        if not ROUTES[name].pattern.converters:
            continue
        address = reverse(name, kwargs=arguments(name, other))
        for method in ("get", "post"):
            answer, question = ask(client, method, address, "")
            found = leaked(own, question, body(answer))
            if answer.status_code not in (404, 405) or found:
                wrong[f"{method} {name}"] = (answer.status_code, found)
    assert wrong == {}
