"""`make bench`: measures portals of its own in temporary homes, prints tables and keeps them under var/bench/.

BENCH names the parts, all of them unless given: `rates` (what programs do in a second) and `pages` (what people wait
for in a large portal, beside a small one).

Throttling is off (API_READS_PER_MINUTE=0, API_WRITES_PER_MINUTE=0). BENCH_SECONDS is the length of each phase: 3
unless given. Every rate stands beside the rate of a bare statement through psycopg in the same PostgreSQL, from the
same generator with as many clients; absolute numbers are this machine's and this moment's.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
import psycopg
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from benchmarks import acts, pages, uploads
from benchmarks.load import MakeAct, Rate, rate
from registry_portal.embedded.postgres import Cluster
from tests.concurrency import registry
from tests.concurrency.clients import Client
from tests.concurrency.organisation import Organisation, filled
from tests.e2e.conftest import RunningPortal, started_portal

CLIENTS = (1, 8, 32)
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
RESULTS = Path(__file__).resolve().parents[1] / "var" / "bench"
UNTHROTTLED = {"API_READS_PER_MINUTE": "0", "API_WRITES_PER_MINUTE": "0"}
TABLE = """
    CREATE TABLE benchmark (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL);
    INSERT INTO benchmark (body) SELECT repeat('x', 100) FROM generate_series(1, 1000)
"""
WAITING = """
    SELECT (SELECT count(*) FROM audit_outboxentry WHERE dispatched_at IS NULL)
        + (SELECT count(*) FROM notifications_email WHERE state IN ('due', 'delivering'))
"""
STRONG = "UPDATE accounts_user SET password = %s WHERE username LIKE 'other-%%'"


@dataclass(frozen=True)
class Line:
    """One line of the table: a rate, and its ratio to the bare statement beside it."""

    what: str
    rate: Rate
    against: str = ""
    ratio: float | None = None

    def text(self) -> str:
        """Return the line aligned."""
        ratio = "" if self.ratio is None else f"{self.ratio:.4f} of {self.against}"
        limit = "  the generator is the limit" if self.rate.generator_limits else ""
        numbers = f"{self.rate.clients:>8}{self.rate.per_second:>12,.1f}{self.rate.median_milliseconds:>12,.2f}"
        return f"{self.what:<34}{numbers}   {ratio:<26}{self.rate.generator_share:>5.0%}{limit}".rstrip()


class Bench:
    """Measures one phase after the other and prints each line as it is known."""

    def __init__(self, portal: RunningPortal) -> None:
        self.portal = portal
        self.lines: list[Line] = []

    def measure(self, what: str, make_act: MakeAct, against: str = "") -> None:
        """Measure with each number of clients, beside the lines of `against`."""
        for clients in CLIENTS:
            settle(self.portal)
            found = rate(make_act, clients, SECONDS)
            bare = next(
                (line.rate for line in self.lines if (line.what, line.rate.clients) == (against, clients)), None
            )
            line = Line(what, found, against, found.per_second / bare.per_second if bare else None)
            self.lines.append(line)
            print(line.text(), flush=True)


@dataclass(frozen=True)
class Stage:
    """What the measured portal holds: a model in production, and for each client a model with a promotion."""

    organisation: Organisation
    address: str
    served: str
    own: list[str]
    promotions: list[tuple[int, str]]


def main() -> None:
    """Run the parts asked for."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_portal.settings")
    django.setup()
    begun, parts = time.monotonic(), os.environ.get("BENCH", "rates pages").split()
    found: dict[str, Any] = {}
    failed: list[str] = []
    if "rates" in parts:
        found |= rates()
    if "pages" in parts:
        found["pages"] = page_times(failed)
    keep(found)
    say(f"done in {time.monotonic() - begun:.0f} s")
    if failed:
        sys.exit("\n".join(failed))


def rates() -> dict[str, Any]:
    """Measure what programs do, and return it."""
    begun = time.monotonic()
    say("starting a portal")
    with started_portal(**UNTHROTTLED) as portal:
        stage = prepared(portal)
        say(f"ready after {time.monotonic() - begun:.0f} s; each phase takes {SECONDS:g} s")
        bench = Bench(portal)
        print(f"{'':<34}{'clients':>8}{'per second':>12}{'median ms':>12}   {'ratio':<26}generator busy")
        measure(bench, portal, stage)
        transfer = uploads.measure(portal, stage.organisation.pipelines[0], stage.own[0])
        print(transfer.text())
    return {"rates": [asdict(line) for line in bench.lines], "upload": asdict(transfer)}


def page_times(failed: list[str]) -> list[dict[str, Any]]:
    """Measure what people wait for, and return it; `failed` is given a line for each page that has no time."""
    say(f"starting two portals and filling them with {pages.SMALL:,} and {pages.LARGE:,} models")
    found = []
    with started_portal(**UNTHROTTLED) as small, started_portal(**UNTHROTTLED) as large:
        print(f"{'page, reader':<52}{f'{pages.SMALL:,}':>10}{f'{pages.LARGE:,}':>12}{'ratio':>8}   median ms")
        for timing in pages.measure(small, large, failed):
            print(timing.text(), flush=True)
            found.append({**asdict(timing), "ratio": timing.ratio})
    return found


def measure(bench: Bench, portal: RunningPortal, stage: Stage) -> None:
    """Measure the bare statements and then what the portal does."""
    owner, people = Cluster(portal.home).url("owner"), stage.organisation
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(TABLE)
    bench.measure("bare SELECT", acts.bare_select(owner))
    bench.measure("bare INSERT", acts.bare_insert(owner))
    pipeline = people.pipelines[0]
    bench.measure("production look-ups", acts.look_up(stage.address, pipeline, stage.served), "bare SELECT")
    bench.measure("registrations", acts.register(stage.address, pipeline, stage.own), "bare INSERT")
    deciding = acts.decide(stage.address, people.others, stage.promotions, people.password)
    bench.measure("decisions, cheap password hash", deciding, "bare INSERT")
    strong = PBKDF2PasswordHasher().encode(people.password, "salt-of-this-run")
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(STRONG, (strong,))
    bench.measure("decisions, default password hash", deciding, "bare INSERT")


def prepared(portal: RunningPortal) -> Stage:
    """Fill the portal with people, a model in production, and for each client a promotion that needs two people."""
    organisation = filled(portal.environment, reviewers=1, pipelines=1, others=max(CLIENTS))
    pipeline, owner = (Client(portal.base_url, token) for token in (organisation.pipelines[0], organisation.owner))
    served = registry.register_model(pipeline, "served", "medium")
    promotion = registry.requested(pipeline, served, registry.sealed_version(pipeline, served))
    registry.decide(Client(portal.base_url, organisation.reviewers[0]), promotion, "approve").expect(201)
    registry.execute(pipeline, promotion).expect(200)
    own = [registry.register_model(pipeline, f"own-{number}", "high") for number in range(max(CLIENTS))]
    for number, model in enumerate(own):
        role = {"username": f"other-{number}", "role": "reviewer"}
        owner.post(f"/models/{model}/grants/", role).expect(200, 201)
    asked = [registry.requested(pipeline, model, registry.sealed_version(pipeline, model)) for model in own]
    promotions = [(promotion.id, promotion.etag) for promotion in asked]
    settle(portal)
    return Stage(organisation, urlsplit(portal.base_url).netloc, served, own, promotions)


def settle(portal: RunningPortal) -> None:
    """Wait until the workers have done what preparing left them."""
    with psycopg.connect(Cluster(portal.home).url("app"), autocommit=True) as connection:
        while connection.execute(WAITING).fetchone() != (0,):
            time.sleep(0.2)


def keep(found: dict[str, Any]) -> None:
    """Write the run as JSON beside those before it."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    moment = datetime.now(UTC)
    run = {
        "at": moment.isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "seconds_per_phase": SECONDS,
        **found,
    }
    path = RESULTS / f"{moment:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(run, indent=2) + "\n")
    say(f"kept in {path.relative_to(RESULTS.parents[1])}")


def say(text: str) -> None:
    """Tell what goes on, apart from the table."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
