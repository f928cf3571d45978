"""Stretches of time as an SVG chart: which version was in which stage when; pure Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

LABEL_WIDTH = 14.0
STEPS = 4


@dataclass(frozen=True)
class Stretch:
    """A version's time in a stage; `until` is None where it still is there."""

    version: str
    stage: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Band:
    """A stretch as a rectangle, in per cent of the chart's width; unlabelled where the word does not fit."""

    stretch: Stretch
    x: float
    width: float
    is_labelled: bool


@dataclass(frozen=True)
class Lane:
    """The bands of one version, oldest first."""

    version: str
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Tick:
    """A date on the axis, in per cent."""

    x: float
    label: str


@dataclass(frozen=True)
class Chart:
    """A lane for each version on one axis of time, the version that came last on top."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]


def chart(stretches: Sequence[Stretch], now: datetime) -> Chart | None:
    """Return the stretches (any order) on a time axis that ends now; None where there is none."""
    if not stretches:
        return None
    start = min(stretch.since for stretch in stretches)
    length = max((now - start).total_seconds(), 1.0)

    def x(moment: datetime) -> float:
        return round((moment - start).total_seconds() / length * 100, 2)

    lanes: dict[str, list[Band]] = {}
    for stretch in sorted(stretches, key=lambda each: each.since):
        left, right = x(stretch.since), x(stretch.until or now)
        width = max(round(right - left, 2), 0.3)
        lanes.setdefault(stretch.version, []).append(Band(stretch, left, width, width >= LABEL_WIDTH))
    return Chart(tuple(Lane(name, tuple(bands)) for name, bands in reversed(lanes.items())), _ticks(start, now))


def _ticks(start: datetime, now: datetime) -> tuple[Tick, ...]:
    pattern = "%H:%M" if (now - start).days < 1 else "%d %b" if (now - start).days < 300 else "%b %Y"
    moments = [start + (now - start) * step / STEPS for step in range(STEPS)]
    return tuple(Tick(round(100 * step / STEPS, 1), f"{m:{pattern}}".lstrip("0")) for step, m in enumerate(moments))
