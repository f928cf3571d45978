"""The examples as a user runs them, and a registry on loopback that speaks the API's published shapes."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples.stub_registry import StubRegistry

EXAMPLES = Path(__file__).parents[2] / "examples"
# What Python itself does for `python examples/train_and_register.py`.
sys.path.insert(0, str(EXAMPLES))


@pytest.fixture
def registry() -> Iterator[StubRegistry]:
    """A registry on loopback, empty at first."""
    with StubRegistry() as stub:
        yield stub


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of the examples."""
    return EXAMPLES
