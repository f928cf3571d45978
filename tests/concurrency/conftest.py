"""One running portal with two web processes for the races, and its people.

CONCURRENCY_ROUNDS says how often each race is run: 200 unless given.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import psutil
import pytest

from registry_portal.embedded.postgres import Cluster
from tests.concurrency.clients import Client
from tests.concurrency.invariants import Ledger
from tests.concurrency.organisation import Organisation, filled
from tests.e2e.conftest import RunningPortal, started_portal

UNTHROTTLED = {"API_READS_PER_MINUTE": "0", "API_WRITES_PER_MINUTE": "0"}


@pytest.fixture(scope="session")
def rounds() -> int:
    """How often a race is run."""
    return int(os.environ.get("CONCURRENCY_ROUNDS", "200"))


@pytest.fixture(scope="session")
def raced_portal() -> Iterator[RunningPortal]:
    """Yield an otherwise empty portal that serves from two processes."""
    with started_portal(WEB_WORKERS="2", WEB_THREADS="4", **UNTHROTTLED) as portal:
        assert len(psutil.Process(portal.pid("web")).children()) == 2
        yield portal


@pytest.fixture(scope="session")
def organisation(raced_portal: RunningPortal) -> Organisation:
    """Return the people of the raced portal."""
    return filled(raced_portal.environment)


@pytest.fixture
def ledger(raced_portal: RunningPortal) -> Iterator[Ledger]:
    """Yield a reader of its database; what the portal logs meanwhile is told where the test fails."""
    reader, told = Ledger(Cluster(raced_portal.home).url("app")), len(raced_portal.lines)
    yield reader
    reader.close()
    print("".join(raced_portal.lines[told:]))


@pytest.fixture
def pipelines(raced_portal: RunningPortal, organisation: Organisation) -> list[Client]:
    """Return two programs that register and ask for promotions."""
    return [Client(raced_portal.base_url, token) for token in organisation.pipelines]


@pytest.fixture
def reviewers(raced_portal: RunningPortal, organisation: Organisation) -> list[Client]:
    """Return two people who decide."""
    return [Client(raced_portal.base_url, token) for token in organisation.reviewers]
