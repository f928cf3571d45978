"""kill -9 of each process while versions are promoted: what was acknowledged is there, nothing is half done.

Afterwards the portal is ready again by itself, every approved promotion has come to its end, and every event about
promotions has reached the receiver under one webhook-id.
"""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable
from contextlib import closing, suppress

import psutil
import pytest

from registry_portal.embedded.postgres import Cluster
from tests.concurrency.invariants import Ledger
from tests.concurrency.registry import in_production
from tests.crash.conftest import Scene
from tests.crash.receiver import Receiver
from tests.crash.workload import Patient, Workload
from tests.e2e.conftest import RunningPortal, wait_until

KILLS, WORK_SECONDS, READY_SECONDS, SETTLED_SECONDS = 3, 2.0, 60, 90
ROLES = ("web", "worker", "scheduler", "postgres")
PENDING = """
    SELECT id, state, state_reason FROM approvals_promotion WHERE state NOT IN ('executed', 'superseded')
"""
UNDELIVERED = """
    SELECT e.id, e.type, d.state, d.attempts, d.last_error FROM audit_event e
    LEFT JOIN notifications_delivery d ON d.event_id = e.id
    WHERE starts_with(e.type, 'approvals.promotion.') AND d.state IS DISTINCT FROM 'delivered'
"""
VERSIONS = """
    SELECT v.version, v.state FROM models_modelversion v JOIN models_registeredmodel m ON m.id = v.registered_model_id
    WHERE m.name = %s ORDER BY v.number
"""
ASKED = """
    SELECT p.id FROM approvals_promotion p JOIN models_registeredmodel m ON m.id = p.registered_model_id
    WHERE m.name = %s ORDER BY p.id
"""
APPROVED = """
    SELECT p.id FROM approvals_promotion p JOIN models_registeredmodel m ON m.id = p.registered_model_id
    JOIN approvals_decision d ON d.promotion_id = p.id WHERE m.name = %s ORDER BY p.id
"""
LAST_EXECUTED = """
    SELECT v.version FROM approvals_promotion p JOIN models_modelversion v ON v.id = p.version_id
    JOIN models_registeredmodel m ON m.id = p.registered_model_id
    WHERE m.name = %s AND p.state = 'executed' ORDER BY p.closed_at DESC LIMIT 1
"""


Victims = Callable[[RunningPortal], list[psutil.Process]]


def those(*roles: str) -> Victims:
    """Return what finds the processes of roles: each is the one that looks after those who do the work."""
    return lambda portal: [psutil.Process(portal.pid(role)) for role in roles]


def one_of(role: str) -> Victims:
    """Return what finds one of the processes that do the work of a role."""
    return lambda portal: psutil.Process(portal.pid(role)).children()[:1]


VICTIMS: dict[str, Victims] = {role: those(role) for role in ROLES} | {
    "web-process": one_of("web"),
    "worker-process": one_of("worker"),
    "all-at-once": those(*ROLES),
}


@pytest.mark.parametrize("victim", VICTIMS)
def test_killed_while_promoting_loses_nothing(scene: Scene, victim: str) -> None:
    portal, begun = scene.portal, len(scene.portal.lines)
    workloads = begin(scene, victim)
    try:
        for _ in range(KILLS):
            time.sleep(WORK_SECONDS)
            kill(present(VICTIMS[victim], portal))
            assert wait_until(lambda: runs(portal), READY_SECONDS)
        for workload in workloads:
            workload.stop()
        with closing(Ledger(Cluster(portal.home).url("app"))) as ledger:
            wait_until(lambda: not ledger.rows(PENDING) and not ledger.rows(UNDELIVERED), SETTLED_SECONDS)
            assert ledger.rows(PENDING) == []
            assert ledger.rows(UNDELIVERED) == []
            ledger.verify()
            for workload in workloads:
                assert_kept(ledger, workload)
            assert_received(ledger, scene.receiver)
    finally:
        for workload in workloads:
            workload.stopping.set()
        print("".join(portal.lines[begun:]))


def begin(scene: Scene, name: str) -> list[Workload]:
    """Start a workload for each pipeline, each with a reviewer and a model of its own."""
    callers = zip(scene.organisation.pipelines, scene.organisation.reviewers, strict=True)
    return [
        Workload(Patient(scene.portal.base_url, pipeline), Patient(scene.portal.base_url, reviewer), f"{name}-{number}")
        for number, (pipeline, reviewer) in enumerate(callers)
    ]


def present(victims: Victims, portal: RunningPortal) -> list[psutil.Process]:
    """Return the victims once they are there: a worker that lost a process ends a little later, and starts anew."""
    found: list[psutil.Process] = []

    def there() -> bool:
        with suppress(AssertionError, ValueError, OSError, psutil.Error):
            found[:] = victims(portal)
        return bool(found)

    assert wait_until(there, READY_SECONDS)
    return found


def kill(victims: list[psutil.Process]) -> None:
    """Kill processes without warning and wait until they are gone."""
    for victim in victims:
        with suppress(psutil.NoSuchProcess):
            victim.kill()
    assert wait_until(lambda: not any(lives(victim) for victim in victims), READY_SECONDS)


def lives(process: psutil.Process) -> bool:
    """Tell whether a process is there and not just waiting to be noticed as dead."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def runs(portal: RunningPortal) -> bool:
    """Tell whether every process is there and the portal says that it is ready."""
    try:
        there = all(lives(psutil.Process(portal.pid(role))) for role in ROLES)
        with urllib.request.urlopen(f"{portal.base_url}/health/ready", timeout=5) as answer:
            return there and answer.status == 200
    except (AssertionError, ValueError, OSError, psutil.Error):
        return False


def assert_kept(ledger: Ledger, workload: Workload) -> None:
    """Prove that what the portal acknowledged is there, each act once however often it was sent."""
    assert workload.approved, "nothing was promoted"
    versions = [{"version": version, "state": "ready"} for version in workload.sealed]
    assert ledger.rows(VERSIONS, workload.model) == versions
    assert [row["id"] for row in ledger.rows(ASKED, workload.model)] == [p.id for p in workload.asked]
    assert [row["id"] for row in ledger.rows(APPROVED, workload.model)] == [p.id for p in workload.approved]
    (last,) = ledger.rows(LAST_EXECUTED, workload.model)
    assert in_production(workload.pipeline, workload.model) == last["version"]


def assert_received(ledger: Ledger, receiver: Receiver) -> None:
    """Prove that every delivery arrived, under its one webhook-id and with one body however often."""
    sent = {row["message_id"] for row in ledger.rows("SELECT message_id FROM notifications_delivery")}
    assert set(receiver.got) == sent
    assert all(len(set(bodies)) == 1 for bodies in receiver.got.values())
    repeated = sum(len(bodies) > 1 for bodies in receiver.got.values())
    print(f"{len(sent)} deliveries, {repeated} of them received more than once")
