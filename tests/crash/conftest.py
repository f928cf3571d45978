"""A running portal whose processes are killed, its people, and a receiver of its webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.concurrency.clients import Client
from tests.concurrency.organisation import Organisation, filled
from tests.crash.receiver import Receiver, receiving
from tests.e2e.conftest import RunningPortal, started_portal

ENVIRONMENT = {
    "API_READS_PER_MINUTE": "0",
    "API_WRITES_PER_MINUTE": "0",
    "WEBHOOK_ALLOW_PRIVATE": "1",
    "DELIVERY_LEASE_SECONDS": "2",
}


@dataclass(frozen=True)
class Scene:
    """Everybody who takes part."""

    portal: RunningPortal
    organisation: Organisation
    receiver: Receiver


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Yield a fresh portal, for one that lost many processes waits longer and longer, and who takes part."""
    with started_portal(**ENVIRONMENT) as portal, receiving() as receiver:
        organisation = filled(portal.environment)
        body = {"name": "deployments", "url": receiver.url, "team": organisation.team}
        owner = Client(portal.base_url, organisation.owner)
        owner.post("/webhooks/", {**body, "event_types": ["approvals.promotion"]}).expect(201)
        yield Scene(portal, organisation, receiver)
