"""A metric over versions as an SVG line with its axis; pure Python."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from apps.models.metrics import lower_is_better
from apps.portal import wording

WIDTH, HEIGHT = 320, 132
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 10, 24


@dataclass(frozen=True)
class Point:
    """One version's value, and where it is drawn."""

    version: str
    value: float
    x: float
    y: float


@dataclass(frozen=True)
class Plot:
    """A metric over versions, oldest first: points, the line through them, and the axis' marks as (y, label)."""

    name: str
    points: tuple[Point, ...]
    line: str
    marks: tuple[tuple[float, str], ...]
    lower_is_better: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT

    @property
    def last(self) -> Point:
        """The newest value."""
        return self.points[-1]

    @property
    def first(self) -> Point:
        """The oldest value shown."""
        return self.points[0]

    @property
    def best(self) -> Point:
        """The best value, the newest of several."""
        sign = -1 if self.lower_is_better else 1
        return max(reversed(self.points), key=lambda point: sign * point.value)

    @property
    def data(self) -> str:
        """The values as JSON, for the script that makes the picture answer to a pointer."""
        versions, values = zip(*((point.version, point.value) for point in self.points), strict=True)
        return json.dumps({"name": self.name, "versions": versions, "values": values})


def plot(name: str, values: Sequence[tuple[str, float]]) -> Plot:
    """Return the plot of at least one (version, value), oldest first."""
    numbers = [value for _, value in values]
    low, high = min(numbers), max(numbers)
    spread = (high - low) or abs(high) or 1.0
    low, high = (low - spread / 2, high + spread / 2) if low == high else (low, high)

    def x(place: int) -> float:
        room = WIDTH - LEFT - RIGHT
        return round(LEFT + (room / 2 if len(values) == 1 else room * place / (len(values) - 1)), 1)

    def y(value: float) -> float:
        return round(TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    points = tuple(Point(version, value, x(place), y(value)) for place, (version, value) in enumerate(values))
    marks = tuple((y(value), wording.number(float(f"{value:.4g}"))) for value in (high, (high + low) / 2, low))
    return Plot(name, points, " ".join(f"{p.x},{p.y}" for p in points), marks, lower_is_better(name))
