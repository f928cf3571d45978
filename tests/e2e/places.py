"""Where pages are looked at: objects of the demonstration organisation, and some that are harder to show than those.

`crowded` has forty versions, long names and a promotion that waits for a reviewer; `bare` is a model without versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.urls import reverse

from apps.approvals.states import State
from tests.e2e.admin_pages import ADMIN
from tests.e2e.clients import SECONDS, Client, signed_in, signed_in_session
from tests.e2e.conftest import RunningPortal
from tests.e2e.pages import PERSONAS, Place, address

CROWDED = "crowded-" + "a-name-that-goes-on-and-on-" * 3 + "end"
BARE = "bare"
MODEL, TEAM = "digit-reader", "operations"
WORDS = "Says in many words what it is for, for whom, and under which conditions it must not be used at all. "
ROWS = 40
KEPT = r"/searches/(\d+)/"
CONTENT = {
    "metrics": {f"metric number {number} on a slice with a long name": 0.5 + number / 100 for number in range(ROWS)},
    "parameters": {f"parameter-{number}": "value " * 8 for number in range(ROWS)},
    "metadata": {"intended_use": WORDS * 4, "task": "scoring"},
    "lineage": {
        "datasets": [{"namespace": "warehouse", "name": "a-data-set-with-a-long-name-" * 3, "version": "2026-10-31"}],
        "code": {"repository": "https://git.example.org/operations/a-repository", "commit": "a1b2c3d4" * 5},
        "run": {"system": "airflow", "id": "run-" * 12},
    },
}


def prepared(portal: RunningPortal, *, hard: bool = True) -> dict[str, Place]:
    """Make what is hard to show, and return every place by its name; else the demonstration's in its stead."""
    author = person(portal, "author", "models:read", "models:write", "promotions:request", "audit:read")
    if hard and CROWDED not in [row["name"] for row in author.get("models/?q=crowded").json()["results"]]:
        crowd(author, person(portal, "owner", "models:write"))
    endpoint = webhook(person(portal, "owner", "webhooks:manage"))
    harder = crowded(author) if hard else easy(author)
    rows = dict(administered(portal))
    return {**rows, **dict(found(author)), **dict(harder), **dict(own(portal)), "webhook": endpoint}


def person(portal: RunningPortal, persona: str, *scopes: str) -> Client:
    """Return a persona with a token of these scopes."""
    return signed_in(portal.base_url, PERSONAS[persona], portal.demo_password, *scopes)


def crowd(author: Client, owner: Client) -> None:
    """Register the bare and the crowded model; the newest version but one waits for reviewers."""
    for name in (BARE, CROWDED):
        author.post("models/", {"name": name, "team": TEAM, "risk_tier": "low", "description": WORDS.strip()})
    for _ in range(ROWS):
        author.post(f"models/{CROWDED}/versions/", {"bump": "minor", **CONTENT})
    for number in (ROWS, ROWS - 1):
        version = f"models/{CROWDED}/versions/{number}/"
        for file in range(ROWS):
            path = f"a/folder/that/is/deep/{'long-' * 12}{file}.bin"
            author.send("PUT", f"{version}artifacts/{path}", 201, data=f"{number} {file}".encode())
        author.post(f"{version}seal/", {}, 200)
    owner.send("PUT", f"models/{CROWDED}/aliases/champion/", 200, json={"version": str(ROWS)})
    asked = {"model": CROWDED, "version": str(ROWS - 1), "target_stage": "production", "reason": WORDS * 3}
    author.post("promotions/", asked)


def found(author: Client) -> Iterable[tuple[str, Place]]:
    """Yield every place; the author's teams are also the reviewer's."""
    yield "", {}
    yield "model", {"name": MODEL, "version": author.get(f"models/{MODEL}/production/").json()["version"]}
    for state in State:
        rows = author.get(f"promotions/?state={state}").json()["results"]
        if demo := [row for row in rows if row["model"] != CROWDED]:
            yield f"promotion {state}", {"pk": demo[0]["id"]}
    event = author.get(f"audit/events/?model={MODEL}").json()["results"][0]
    yield "event", {"event": event["id"]}
    yield "object", {"kind": event["subject"]["type"], "key": event["subject"]["id"]}
    yield "person", {"username": PERSONAS["owner"]}


def easy(author: Client) -> Iterable[tuple[str, Place]]:
    """Yield places of the demonstration under the names of those that are harder to show."""
    waiting = author.get(f"promotions/?model={MODEL}&state=open").json()["results"][0]
    yield "crowded", {"name": MODEL, "version": waiting["version"], "pk": waiting["id"]}
    yield "unasked", {"name": MODEL, "version": "2.0.0"}
    yield "alias", {"name": MODEL, "alias": "champion"}


def crowded(author: Client) -> Iterable[tuple[str, Place]]:
    """Yield the crowded model and the bare one."""
    waiting = author.get(f"promotions/?model={CROWDED}").json()["results"][0]
    yield "crowded", {"name": CROWDED, "version": waiting["version"], "pk": waiting["id"]}
    versions = {row["number"]: row["version"] for row in author.get(f"models/{CROWDED}/versions/").json()["results"]}
    yield "unasked", {"name": CROWDED, "version": versions[ROWS]}
    yield "pending", {"name": CROWDED, "version": versions[ROWS - 2]}
    yield "alias", {"name": CROWDED, "alias": "champion"}
    yield "bare", {"name": BARE}


def webhook(owner: Client) -> Place:
    """Return a webhook that has had something to deliver."""
    for endpoint in owner.get("webhooks/").json()["results"]:
        if deliveries := owner.get(f"webhooks/{endpoint['id']}/deliveries/").json()["results"]:
            return {"pk": endpoint["id"], "delivery_pk": deliveries[0]["id"]}
    raise AssertionError("no webhook has had anything to deliver")


def administered(portal: RunningPortal) -> Iterable[tuple[str, Place]]:
    """Yield the first row of each table of the admin under the table's name, of tables that have any."""
    session = signed_in_session(portal.base_url, PERSONAS["compliance"], portal.demo_password)
    yield "app", {"app_label": "approvals"}
    for page in ADMIN:
        if page.name.endswith("_changelist"):
            path = address(page, {})
            shown = session.get(f"{portal.base_url}{path}", timeout=SECONDS).text
            if row := re.search(rf'"{path}([^/"]+)/change/', shown):
                yield page.name.partition(":")[2].removesuffix("_changelist"), {"object_id": row[1], "pk": row[1]}


def own(portal: RunningPortal) -> Iterable[tuple[str, Place]]:
    """Yield what the author keeps, made where it is missing, and what the lineage shows first."""
    session = signed_in_session(portal.base_url, PERSONAS["author"], portal.demo_password)

    def linked(name: str, pattern: str) -> list[str]:
        return re.findall(pattern, session.get(f"{portal.base_url}{reverse(name)}", timeout=SECONDS).text)

    if not linked("portal:catalogue", KEPT):
        body = {"name": "Readers of digits", "csrfmiddlewaretoken": session.cookies["csrftoken"]}
        address = f"{portal.base_url}{reverse('portal:save-search')}?q=digit"
        session.post(address, data=body, headers={"Referer": address}, timeout=SECONDS)
    yield "search", {"pk": int(linked("portal:catalogue", KEPT)[0])}
    yield "node", {"node": linked("lineage:search", r"/lineage/([^/?\"]+)/")[0]}
    token = linked("accounts:tokens", r"/tokens/([^/?\"]+)/revoke/")[0]
    yield (
        "own",
        {"prefix": token, "username": linked("accounts:service-accounts", r"/service-accounts/([\w-]+-bot)/")[0]},
    )
