"""The suite's ground: real PostgreSQL, real services where they are there, and a loud line where they are not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.core.cache import caches
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker
from xdist.scheduler import LoadScopeScheduling

from apps.core import context
from tests.infrastructure import databases, services

pytest_plugins = ["tests.personas"]

SERVER = pytest.StashKey[ExitStack]()
NOT_RUN = pytest.StashKey[set[str]]()
TOGETHER = ("tests/e2e/", "tests/infrastructure/test_supervisor.py")
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}


def is_worker(config: pytest.Config) -> bool:
    """Return whether this process is one of xdist's workers."""
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """Name the marks, and start the database server once for all workers."""
    for mark in sorted(services.MARKS):
        config.addinivalue_line("markers", f"{mark}: needs what the mark names; fails in CI where it is missing")
    config.stash[NOT_RUN] = set()
    config.stash[SERVER] = ExitStack()
    if is_worker(config) or config.option.collectonly or config.option.help:
        return
    databases.run_name()
    config.stash[SERVER].enter_context(databases.server())
    databases.drop_leftovers()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, and say in the last line what did not run."""
    if SERVER not in config.stash:
        return
    config.stash[SERVER].close()
    if config.stash[NOT_RUN] and not is_worker(config):
        print(f"{services.MISSING}: {'; '.join(sorted(config.stash[NOT_RUN]))}", file=sys.stderr)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose service is missing; in CI let it fail."""
    for mark in services.MARKS:
        if item.get_closest_marker(mark) and (reason := services.missing(mark)):
            if IN_CI:
                pytest.fail(f"{services.MISSING}: {reason}", pytrace=False)
            pytest.skip(f"{services.MISSING}: {reason}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Carry the reason of a test that did not run to the process that reports."""
    report: Any = yield
    if isinstance(report.longrepr, tuple) and services.MISSING in report.longrepr[2]:
        report.user_properties.append((services.MISSING, report.longrepr[2].partition(f"{services.MISSING}: ")[2]))
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that asks for a browser page."""
    for item in items:
        if {"page", "context", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Share tests among workers one by one, but keep those of one running portal together: it is started once."""
    return PortalScheduling(config, log)


class PortalScheduling(LoadScopeScheduling):
    """Scopes are single tests, except that the end-to-end tests, and those of the supervisor, are one scope each."""

    def _split_scope(self, nodeid: str) -> str:
        return next((whole for whole in TOGETHER if nodeid.startswith(whole)), nodeid)


class Reporter:
    """Collects in the reporting process what the workers could not run."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the reasons of one test."""
        reasons = {str(value) for name, value in report.user_properties if name == services.MISSING}
        self.config.stash[NOT_RUN].update(reasons)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Listen to the reports of all workers."""
    session.config.pluginmanager.register(Reporter(session.config))


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Give each worker its own copy of the migrated template, and transactional tests the quick way back to it."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    with django_db_blocker.unblock(), databases.database_of(worker), pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: databases.restore_pristine())
        yield


@pytest.fixture(autouse=True)
def fresh_local_cache() -> None:
    """Start every test with an empty in-process cache: throttles count from zero."""
    caches["local"].clear()


@pytest.fixture(autouse=True)
def no_request() -> Iterator[None]:
    """Start every test outside of a request, whatever one before it was left in."""
    with context.acting(context.NOTHING):
        yield


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Return a Redis database for tests; marked `redis`."""
    return services.SERVERS["redis"].url


@pytest.fixture(scope="session")
def rabbitmq_url() -> str:
    """Return the RabbitMQ for tests; marked `rabbitmq`."""
    return services.SERVERS["rabbitmq"].url


@pytest.fixture(scope="session")
def postgres_server_url() -> str:
    """Return a PostgreSQL server's URL with the right to create databases and roles; marked `postgres_server`."""
    return services.SERVERS["postgres_server"].url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the installed browser; Chromium's sandbox cannot be used by root."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": services.browser_path(), "args": [*quiet, *root]}
