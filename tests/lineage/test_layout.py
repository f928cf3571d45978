"""The drawing: nothing overlaps, edges run left to right, the same graph gives the same picture, quickly."""

from __future__ import annotations

import random
import re
import time
from itertools import combinations

import networkx
from hypothesis import given
from hypothesis import strategies as st

from apps.lineage import layout

PAIRS = st.lists(st.tuples(st.integers(0, 24), st.integers(0, 24)), max_size=70)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def graph_of(pairs: list[tuple[int, int]]) -> tuple[list[str], list[tuple[str, str]]]:
    nodes = sorted({str(end) for pair in pairs for end in pair})
    return nodes, [(str(a), str(b)) for a, b in pairs]


def ends(line: layout.Line) -> tuple[float, float]:
    numbers = [float(each) for each in NUMBER.findall(line.d)]
    return numbers[0], float(NUMBER.findall(re.findall(r"[HC][^HC]*", line.d)[-1])[-2])


@given(PAIRS)
def test_boxes_never_overlap_and_stay_inside(pairs: list[tuple[int, int]]) -> None:
    drawing = layout.draw(*graph_of(pairs))
    for one, other in combinations(drawing.boxes, 2):
        assert one.x != other.x or abs(one.y - other.y) >= layout.HEIGHT
    for box in drawing.boxes:
        assert box.x >= layout.MARGIN
        assert box.y >= layout.MARGIN
        assert box.x + box.width + layout.MARGIN <= drawing.width
        assert box.y + box.height + layout.MARGIN <= drawing.height


@given(PAIRS)
def test_edges_run_from_right_side_to_left_side(pairs: list[tuple[int, int]]) -> None:
    drawing = layout.draw(*graph_of(pairs))
    boxes = {box.id: box for box in drawing.boxes}
    for line in drawing.lines:
        source, target = boxes[line.source], boxes[line.target]
        left, right = (target, source) if line.backwards else (source, target)
        assert left.x + left.width < right.x
        start, end = ends(line)
        assert {start, end} == {left.x + left.width, right.x}
        assert (start < end) is not line.backwards


@given(PAIRS)
def test_every_edge_is_drawn_once_and_only_cycles_run_backwards(pairs: list[tuple[int, int]]) -> None:
    nodes, edges = graph_of(pairs)
    drawing = layout.draw(nodes, edges)
    assert {(line.source, line.target) for line in drawing.lines} == {(a, b) for a, b in edges if a != b}
    assert len(drawing.lines) == len({(a, b) for a, b in edges if a != b})
    forward = networkx.DiGraph([(line.source, line.target) for line in drawing.lines if not line.backwards])
    assert networkx.is_directed_acyclic_graph(forward)
    if networkx.is_directed_acyclic_graph(networkx.DiGraph([(a, b) for a, b in edges if a != b])):
        assert not any(line.backwards for line in drawing.lines)


@given(PAIRS)
def test_same_graph_gives_same_drawing(pairs: list[tuple[int, int]]) -> None:
    assert layout.draw(*graph_of(pairs)) == layout.draw(*graph_of(pairs))


def test_crossing_that_can_be_avoided_is_avoided() -> None:
    drawing = layout.draw(["a", "b", "x", "y"], [("a", "y"), ("b", "x")])
    y = {box.id: box.y for box in drawing.boxes}
    assert (y["a"] < y["b"]) == (y["y"] < y["x"])


def test_long_edge_leads_around_the_boxes_between() -> None:
    drawing = layout.draw(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")])
    between = next(box for box in drawing.boxes if box.id == "b")
    long = next(line for line in drawing.lines if line.target == "c" and line.source == "a")
    height = float(re.findall(r"([\d.]+) H", long.d)[0].split()[-1])
    assert not between.y <= height <= between.y + between.height


def test_source_stands_beside_what_it_flows_into() -> None:
    drawing = layout.draw(["v1", "v2", "v3", "data"], [("v1", "v2"), ("v2", "v3"), ("data", "v3")])
    x = {box.id: box.x for box in drawing.boxes}
    assert x["data"] == x["v2"]


def test_empty_graph_has_a_size() -> None:
    assert layout.draw([], []).width > 0


def test_edge_to_unknown_node_is_left_out() -> None:
    assert layout.draw(["a"], [("a", "gone"), ("gone", "a")]).lines == ()


def test_five_hundred_nodes_are_drawn_quickly() -> None:
    chance = random.Random(7)
    names = [f"n{number}" for number in range(500)]
    edges = [(names[chance.randrange(max(0, at - 100), at)], names[at]) for at in range(1, 500)]
    edges += [(names[at - 40], names[at]) for at in range(300, 500)]
    taken = []
    for _ in range(5):
        started = time.process_time()
        layout.draw(names, edges)
        taken.append(time.process_time() - started)
    assert min(taken) < 0.05


def test_short_label_stays_as_it_is() -> None:
    assert layout.shorten("cards 2026-10") == "cards 2026-10"


@given(st.text(min_size=layout.LABEL_LENGTH + 1))
def test_long_label_keeps_both_ends(text: str) -> None:
    short = layout.shorten(text)
    assert len(short) == layout.LABEL_LENGTH
    half = layout.LABEL_LENGTH // 2
    assert short[half] == "…"
    assert text.startswith(short[:half])
    assert text.endswith(short[half + 1 :])
