"""Small lines of a metric over versions, as SVG points; pure Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 64, 20, 3


@dataclass(frozen=True)
class Sparkline:
    """A metric's last value and its course: `points` of an SVG polyline, the last point apart."""

    name: str
    value: float
    points: str
    last: tuple[float, float]
    width: int = WIDTH
    height: int = HEIGHT


def sparkline(name: str, values: Sequence[float]) -> Sparkline:
    """Return the line through at least one value, oldest first; a single value is a point at the right."""
    low, high = min(values), max(values)
    spread = (high - low) or 1.0
    step = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)
    right = WIDTH - EDGE
    points = [
        (round(right - step * back, 1), round(HEIGHT - EDGE - (value - low) / spread * (HEIGHT - 2 * EDGE), 1))
        for back, value in enumerate(reversed(values))
    ]
    return Sparkline(name, values[-1], " ".join(f"{x},{y}" for x, y in reversed(points)), points[0])
