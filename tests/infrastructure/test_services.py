"""A test whose service is missing is never passed over in silence, and fails in CI."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import conftest
from tests.e2e.conftest import free_port
from tests.infrastructure import services


@pytest.fixture(autouse=True)
def forget_services() -> Iterator[None]:
    """Look for services anew in every test of this file and after it."""
    services.missing.cache_clear()
    services.browser_path.cache_clear()
    yield
    services.missing.cache_clear()
    services.browser_path.cache_clear()


@pytest.mark.parametrize(
    ("mark", "variable", "value", "told"),
    [
        ("redis", "TEST_REDIS_URL", "redis://127.0.0.1:{port}/0", "Redis does not answer"),
        ("rabbitmq", "TEST_RABBITMQ_URL", "amqp://127.0.0.1:{port}", "RabbitMQ does not answer"),
        ("postgres_server", "TEST_POSTGRES_URL", "postgresql://127.0.0.1:{port}/x", "PostgreSQL does not answer"),
        ("browser", "BROWSER_PATH", "/nowhere/chromium-{port}", "no Chromium or Chrome found"),
    ],
)
@pytest.mark.parametrize(("in_ci", "outcome"), [(False, pytest.skip.Exception), (True, pytest.fail.Exception)])
def test_missing_service_is_told_and_fails_in_ci(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    mark: str,
    variable: str,
    value: str,
    told: str,
    in_ci: bool,
    outcome: type[BaseException],
) -> None:
    monkeypatch.setenv(variable, value.format(port=free_port()))
    monkeypatch.setattr(conftest, "IN_CI", in_ci)
    request.node.add_marker(mark)
    with pytest.raises(outcome, match=f"{services.MISSING}: .*{told}"):
        conftest.pytest_runtest_setup(request.node)
