"""Layered drawing of a directed graph, left to right, as positions and SVG paths; pure and deterministic.

After K. Sugiyama, S. Tagawa, M. Toda, "Methods for Visual Understanding of Hierarchical System Structures", IEEE Trans.
SMC 11(2), 1981: break cycles, put nodes into layers, lead long edges through dummies, order each layer by barycentres,
then place. All lengths are SVG user units.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise, repeat

WIDTH, HEIGHT = 208, 48
COLUMN_GAP, ROW_GAP, MARGIN = 72, 20, 16
DUMMY_HEIGHT = 12
LABEL_LENGTH = 28
ORDERINGS, PLACINGS = 6, 4


@dataclass(frozen=True)
class Box:
    """Where a node is drawn: its upper left corner and its size."""

    id: str
    x: float
    y: float
    width: float = WIDTH
    height: float = HEIGHT


@dataclass(frozen=True)
class Line:
    """How an edge is drawn: `d` of an SVG path; `backwards` where it closes a cycle."""

    source: str
    target: str
    d: str
    backwards: bool = False


@dataclass(frozen=True)
class Drawing:
    """A drawn graph; the width and height are those of the SVG's viewBox."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def shorten(text: str, length: int = LABEL_LENGTH) -> str:
    """Return at most `length` characters, the middle left out: both ends of a name tell it apart."""
    if len(text) <= length:
        return text
    head = length // 2
    return f"{text[:head]}…{text[len(text) - (length - head - 1) :]}"


def draw(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> Drawing:
    """Return the drawing of the nodes with these ids; edges to or from other ids are left out."""
    index = {name: number for number, name in enumerate(nodes)}
    given = [(index[a], index[b]) for a, b in dict.fromkeys(edges) if a in index and b in index and a != b]
    backwards = _closing(len(nodes), given)
    links = [(b, a) if (a, b) in backwards else (a, b) for a, b in given]
    layer = _layers(len(nodes), links)
    chains = _chains(layer, links)
    columns = _ordered(layer, chains)
    middle = _placed(columns, chains, len(nodes))
    x = [MARGIN + depth * (WIDTH + COLUMN_GAP) for depth in layer]
    boxes = tuple(Box(name, x[number], round(middle[number] - HEIGHT / 2, 1)) for name, number in index.items())
    lines = []
    for (a, b), run in zip(given, chains, strict=True):
        turned = (a, b) in backwards
        lines.append(Line(nodes[a], nodes[b], _path(run, x, middle, len(nodes), turned=turned), turned))
    lowest = max((box.y + HEIGHT for box in boxes), default=MARGIN)
    rows = max([lowest, *(round(middle[dummy] + DUMMY_HEIGHT / 2, 1) for dummy in range(len(nodes), len(middle)))])
    return Drawing(max(x[: len(nodes)], default=0) + WIDTH + MARGIN, rows + MARGIN, boxes, tuple(lines))


def _neighbours(size: int, links: Iterable[tuple[int, int]]) -> tuple[list[list[int]], list[list[int]]]:
    before: list[list[int]] = [[] for _ in range(size)]
    after: list[list[int]] = [[] for _ in range(size)]
    for a, b in links:
        after[a].append(b)
        before[b].append(a)
    return before, after


def _closing(size: int, edges: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return the edges that lead back to a node still open in a depth-first walk; without them there is no cycle."""
    _, after = _neighbours(size, edges)
    closing: set[tuple[int, int]] = set()
    state = [0] * size  # 0 not met, 1 open, 2 done
    for root in range(size):
        stack = [(root, iter(after[root]))] if not state[root] else []
        state[root] = state[root] or 1
        while stack:
            node, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                state[node] = 2
                stack.pop()
            elif state[following] == 1:
                closing.add((node, following))
            elif state[following] == 0:
                state[following] = 1
                stack.append((following, iter(after[following])))
    return closing


def _layers(size: int, links: list[tuple[int, int]]) -> list[int]:
    """Return each node's column: the longest way from a source, sources drawn up to what they first flow into."""
    before, after = _neighbours(size, links)
    layer, missing = [0] * size, [len(each) for each in before]
    ready = [node for node in range(size) if not missing[node]]
    for node in ready:
        for following in after[node]:
            layer[following] = max(layer[following], layer[node] + 1)
            missing[following] -= 1
            if not missing[following]:
                ready.append(following)
    for node in range(size):
        if not before[node] and after[node]:
            layer[node] = min(layer[following] for following in after[node]) - 1
    return layer


def _chains(layer: list[int], links: list[tuple[int, int]]) -> list[list[int]]:
    """Return each edge as the nodes it runs through, a new dummy in every column between; `layer` grows with them."""
    chains = []
    for a, b in links:
        dummies = range(len(layer), len(layer) + layer[b] - layer[a] - 1)
        layer.extend(range(layer[a] + 1, layer[b]))
        chains.append([a, *dummies, b])
    return chains


def _steps(chains: list[list[int]]) -> list[tuple[int, int]]:
    return list(dict.fromkeys(pair for run in chains for pair in pairwise(run)))


def _ordered(layer: list[int], chains: list[list[int]]) -> list[list[int]]:
    """Return the columns from top to bottom, with the fewest crossings that sweeps of barycentres found."""
    columns: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for node, depth in enumerate(layer):
        columns[depth].append(node)
    before, after = _neighbours(len(layer), _steps(chains))
    best, fewest = columns, _crossings(columns, after)
    for sweep in range(ORDERINGS):
        if not fewest:
            break
        columns = _swept(columns, after if sweep % 2 else before, reverse=bool(sweep % 2))
        crossings = _crossings(columns, after)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _swept(columns: list[list[int]], beside: list[list[int]], *, reverse: bool) -> list[list[int]]:
    row = _rows(columns)
    swept: list[list[int]] = [[] for _ in columns]
    for depth in range(len(columns))[:: -1 if reverse else 1]:
        # Sorting is stable, so nodes with the same barycentre keep the order they had.
        centre = dict(zip(columns[depth], _means(columns[depth], beside, row), strict=True))
        swept[depth] = sorted(columns[depth], key=centre.__getitem__)
        for place, node in enumerate(swept[depth]):
            row[node] = place
    return swept


def _means(column: list[int], beside: list[list[int]], value: Sequence[float]) -> list[float]:
    """Return for each node the mean of its neighbours' values, its own where it has no neighbour."""
    means = []
    for node in column:
        near = beside[node]
        if len(near) == 1:
            means.append(value[near[0]])
        else:
            means.append(sum([value[each] for each in near]) / len(near) if near else value[node])
    return means


def _crossings(columns: list[list[int]], after: list[list[int]]) -> int:
    """Count pairs of edges between neighbouring columns that cross."""
    row, crossings = _rows(columns), 0
    for column in columns:
        ends: list[float] = []
        for node in column:
            for end in sorted([row[following] for following in after[node]]):
                place = bisect_right(ends, end)
                crossings += len(ends) - place
                ends.insert(place, end)
    return crossings


def _rows(columns: list[list[int]]) -> list[float]:
    row = [0.0] * sum(map(len, columns))
    for column in columns:
        for place, node in enumerate(column):
            row[node] = place
    return row


def _placed(columns: list[list[int]], chains: list[list[int]], real: int) -> list[float]:
    """Return the middle height of every node: near the mean of its neighbours, in order, without overlap."""
    size = sum(map(len, columns))
    before, after = _neighbours(size, _steps(chains))
    height = [HEIGHT] * real + [DUMMY_HEIGHT] * (size - real)
    offsets = [_offsets(column, height) for column in columns]
    middle = [0.0] * size
    for column, distances in zip(columns, offsets, strict=True):
        _settle(column, distances, distances, middle)
    for placing in range(PLACINGS):
        turn = slice(None, None, -1 if placing % 2 else 1)
        for column, distances in zip(columns[turn], offsets[turn], strict=True):
            _settle(column, distances, _means(column, after if placing % 2 else before, middle), middle)
    top = min((middle[node] - height[node] / 2 for node in range(size)), default=0.0)
    return [each - top + MARGIN for each in middle]


def _offsets(column: list[int], height: list[int]) -> list[float]:
    """Return each node's least distance from the first one of its column."""
    steps = [(height[a] + height[b]) / 2 + ROW_GAP for a, b in pairwise(column)]
    return list(accumulate(steps, initial=0.0)) if column else []


def _settle(column: list[int], offsets: list[float], wanted: list[float], middle: list[float]) -> None:
    """Set the heights of a column closest to the wanted ones: isotonic regression by pooling adjacent violators."""
    pools: list[tuple[float, float, int]] = []  # mean, sum and number of the members of each pool
    for want, offset in zip(wanted, offsets, strict=True):
        mean = total = want - offset
        count = 1
        while pools and pools[-1][0] > mean:
            _, earlier, members = pools.pop()
            total, count = total + earlier, count + members
            mean = total / count
        pools.append((mean, total, count))
    means = chain.from_iterable(repeat(mean, count) for mean, _, count in pools)
    for node, mean, offset in zip(column, means, offsets, strict=True):
        middle[node] = mean + offset


def _path(run: list[int], x: Sequence[float], middle: list[float], real: int, *, turned: bool) -> str:
    points: list[tuple[float, float]] = [(x[run[0]] + WIDTH, middle[run[0]])]
    for node in run[1:]:
        points.append((x[node], middle[node]))
        if node >= real:
            points.append((x[node] + WIDTH, middle[node]))
    if turned:
        points.reverse()
    parts = [f"M{points[0][0]:g} {points[0][1]:.1f}"]
    for number, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        bend = (x0 + x1) / 2
        curve = f"C{bend:g} {y0:.1f} {bend:g} {y1:.1f} {x1:g} {y1:.1f}"
        parts.append(f"H{x1:g}" if number % 2 else curve)
    return " ".join(parts)
