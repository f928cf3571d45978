"""How long every page takes in a large portal, beside the same page in a small one, asked in turns.

The pages are those of tests/e2e/pages.py, each as the kind of reader who uses it, over HTTP with a session. Both
portals run at once and are asked one after the other, so that other work on the machine slows down both.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
from django.apps import apps
from psycopg.rows import dict_row

from benchmarks.acts import Connection
from benchmarks.population import Population, populate
from registry_portal.embedded.postgres import Cluster
from tests.e2e.admin_pages import ADMIN
from tests.e2e.clients import signed_in_session
from tests.e2e.conftest import RunningPortal
from tests.e2e.pages import OPEN, PAGES, Page, Place, address

SMALL, LARGE, VERSIONS, EVENTS = 100, 10_000, 5, 20
ROUNDS, LIMIT = 15, 1.5
# Readers of the population for the personas of the pages: `compliance` and `auditor` read everything.
READERS = {"compliance": "compliance", "auditor": "auditor", "owner": "owner-1", "author": "contributor-1"}
# What is searched for instead of the demonstration's names: what fills the page in the small portal too, so that the
# ratio is not about more lines on a page. Then searches that find much, little and nothing.
WORDS = {"portal:catalogue": "estimates", "lineage:search": "record"} | {
    page.name: "-00" for page in ADMIN if page.name != "admin:audit_event_changelist"
}
OTHERWISE = "fraud"
# In the log: a word of many events, one of many old events and no new one, a phrase whose words never stand together.
MORE = {
    "portal:catalogue": ("q=estimates", "q=loan-fraud-00001"),
    "portal:ledger": ("text=fraud", "text=1.1.0", "text=%22portal+version%22"),
}


# The population has no administrator; whoever keeps the rules reads every list of the admin.
LOOKED_AT = (*PAGES, *OPEN, *(page for page in ADMIN if "compliance" in page.by))

# What is looked at where addresses do not name a model, a promotion or a person.
OBJECTS = {
    "app": "SELECT 'approvals' AS app_label",
    "event": "SELECT event_id AS event FROM audit_leaf ORDER BY leaf_index DESC LIMIT 1",
    "node": "SELECT kind || '-' || left(key, 16) AS node FROM lineage_node WHERE kind = 'dataset' ORDER BY id LIMIT 1",
    "own": """SELECT prefix, program.username FROM accounts_user AS program JOIN accounts_user AS owner
        ON owner.id = program.owner_id JOIN accounts_apitoken AS token ON token.user_id = owner.id
        WHERE owner.username = 'contributor-1' ORDER BY program.id, token.id LIMIT 1""",
    "search": """SELECT kept.id AS pk FROM models_savedsearch AS kept JOIN accounts_user AS person
        ON person.id = kept.user_id WHERE person.username = 'contributor-1' ORDER BY kept.id LIMIT 1""",
    "webhook": """SELECT endpoint_id AS pk, max(id) AS delivery_pk FROM notifications_delivery
        GROUP BY endpoint_id ORDER BY endpoint_id LIMIT 1""",
}


@dataclass(frozen=True)
class Timing:
    """Median milliseconds of a page in the small and in the large portal."""

    page: str
    small: float
    large: float

    @property
    def ratio(self) -> float:
        """How much longer the page takes in the large portal."""
        return self.large / self.small

    def text(self) -> str:
        """Return the line aligned."""
        slow = "  slower than it may be" if self.ratio > LIMIT else ""
        return f"{self.page:<52}{self.small:>10,.1f}{self.large:>12,.1f}{self.ratio:>8.2f}{slow}"


class Filled:
    """A running portal with a population, and a connection for each reader who signed in."""

    def __init__(self, portal: RunningPortal, models: int) -> None:
        self.portal = portal
        self.population = populate(
            Cluster(portal.home).url("owner"), models=models, versions=VERSIONS, events=EVENTS * models
        )
        self.cookies: dict[str, str] = {}
        self.connect()

    def connect(self) -> None:
        """Begin a new connection: one that was idle for long, or that a failure broke, concerns no other page."""
        self.connection = Connection(urlsplit(self.portal.base_url).netloc)

    def place(self, at: str = "") -> Place:
        """Return the objects that addresses name."""
        return place(Cluster(self.portal.home).url("owner"), self.population, at)

    def milliseconds(self, path: str, username: str) -> float:
        """Ask for a page as somebody, or as nobody; return how long the answer took."""
        try:
            if username and username not in self.cookies:
                session = signed_in_session(self.portal.base_url, username, self.population.password)
                self.cookies[username] = session.cookies["sessionid"]
            headers = {"Cookie": f"sessionid={self.cookies[username]}"} if username else {}
            request = self.connection.prepare("GET", path, headers)
            begun = time.perf_counter()
            self.connection.ask(request, b"200")
        except (RuntimeError, OSError, AssertionError) as error:
            raise RuntimeError(f"{error} {''.join(self.portal.lines[-40:])}") from error
        return (time.perf_counter() - begun) * 1000


def place(url: str, population: Population, at: str) -> Place:
    """Return what the addresses of a kind of place of tests/e2e/pages.py name in a filled database."""
    about = {"kind": "model", "key": "1", "username": population.member, "alias": "champion"}
    model = {"name": population.model, "version": population.version, "pk": population.open_promotion}
    with psycopg.connect(url, row_factory=dict_row) as connection:
        wanted = OBJECTS.get(at) or newest(at)
        more = connection.execute(wanted).fetchone() if wanted else None
    return {**about, **model, **(more or {})}


def newest(table: str) -> str:
    """Return how the newest row of a table is found that the admin shows, by the name it has there."""
    found = {f"{each._meta.app_label}_{each._meta.model_name}": each._meta for each in apps.get_models()}.get(table)
    if found is None or found.pk.column is None:
        return ""
    return (
        f"SELECT {found.pk.column} AS object_id, {found.pk.column} AS pk FROM {found.db_table} ORDER BY 1 DESC LIMIT 1"
    )


def measure(small: RunningPortal, large: RunningPortal, failed: list[str]) -> Iterator[Timing]:
    """Fill both portals, and yield the timing of each page; `failed` is given a line for each that has none."""
    few, many = Filled(small, SMALL), Filled(large, LARGE)
    for page in {page.name: page for page in reversed(LOOKED_AT)}.values():
        places = few.place(page.at[0]), many.place(page.at[0])
        for query in dict.fromkeys((*page.asked, *MORE.get(page.name, ()))):
            try:
                yield timing(page, query, (few, many), places)
            except (RuntimeError, KeyError) as error:
                failed.append(f"{page.name}?{query} was not measured: {str(error).splitlines()[0]}")


def reader(page: Page) -> str:
    """Return who asks for a page; nobody where nobody has to sign in."""
    persona = "compliance" if page in ADMIN else page.by[0]
    return READERS.get(persona, Population.member) if persona else ""


def timing(page: Page, query: str, portals: tuple[Filled, Filled], places: tuple[Place, Place]) -> Timing:
    """Ask both portals for a page in turns; the first answers do not count."""
    username = reader(page)
    query = query.replace("digit", WORDS.get(page.name, OTHERWISE))
    for portal in portals:
        portal.connect()
    took: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS + 2):
        for portal, place, times in zip(portals, places, took, strict=True):
            spent = portal.milliseconds(address(page, place, query), username)
            if number > 1:
                times.append(spent)
    name = f"{page.name}?{query}" if query else page.name
    return Timing(f"{name}, {page.by[0] or 'nobody'}", statistics.median(took[0]), statistics.median(took[1]))
