"""The clock goes back for the told past of the demonstration alone: nothing else may record another time than now."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("apps", "registry_portal", "benchmarks", "clients", "examples")
TURNED_BACK = {"rewound", "_rewound", "Rewound"}
MAY = {"apps/core/clock.py", "apps/portal/demo/calendar.py"}


def names(source: str) -> set[str]:
    """Return every name that code uses or imports, however it was imported; and what it spells out as text."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.alias):
            found.add(node.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def test_only_the_demonstration_puts_the_clock_back() -> None:
    paths = [path for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix() for path in paths if names(path.read_text()) & TURNED_BACK}
    assert found == MAY


@pytest.mark.parametrize(
    "source",
    [
        "clock.rewound(span)",
        "from apps.core.clock import rewound as past",
        "from apps.core.clock import Rewound",
        "clock._rewound.set(hands)",
        'getattr(clock, "rewound")(span)',
    ],
)
def test_scan_notices_whoever_puts_the_clock_back(source: str) -> None:
    assert names(source) & TURNED_BACK
