"""Homes for whole portals and clusters: outside pytest's own folder, which other runs close to other users."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry_portal.embedded.postgres import Cluster


@pytest.fixture
def home() -> Iterator[Path]:
    """Yield a folder that does not exist yet, for one test."""
    yield from make_home()


@pytest.fixture(scope="module")
def lasting_home() -> Iterator[Path]:
    """Yield a folder that does not exist yet, for the tests of one file."""
    yield from make_home()


def make_home() -> Iterator[Path]:
    """Yield a home; whatever database server still runs in it is stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="portal-test-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "home"
        yield path
        Cluster(path).stop()
