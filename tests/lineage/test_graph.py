"""The graph around a version, against networkx as oracle: reach, depth, cycles, what is hidden, what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import networkx
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.models import Team, User
from apps.core.canonical import digest
from apps.lineage import graphs, selectors
from apps.lineage.models import Edge, Node
from apps.lineage.states import Direction, EdgeKind, NodeKind
from apps.models.models import RegisteredModel
from tests.lineage.conftest import Register, dataset, parent, pending_version, registered_model

DATASETS, SEEN, UNSEEN = 4, 5, 3
SIZE = DATASETS + SEEN + UNSEEN
PAIRS = st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)), max_size=30)
DEPTH = st.integers(1, 6)
relaxed = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def node(kind: NodeKind, name: str, **more: Any) -> Node:
    return Node(kind=kind, key=digest(name), label=name, created_at=timezone.now(), **more)


@pytest.fixture
def things(fraud: RegisteredModel, secret: RegisteredModel) -> list[Node]:
    """Nodes of the generated graphs: datasets, then versions a reviewer may see, then versions of another team."""
    made = [node(NodeKind.DATASET, f"dataset {number}") for number in range(DATASETS)]
    for model, number in ((fraud, SEEN), (secret, UNSEEN)):
        versions = [pending_version(model) for _ in range(number)]
        made += [node(NodeKind.MODEL_VERSION, str(version), version=version) for version in versions]
    return Node.objects.bulk_create(made)


@contextmanager
def edges_of(things: list[Node], pairs: list[tuple[int, int]]) -> Iterator[networkx.DiGraph[int]]:
    """Draw the pairs for the block only; edges are never deleted."""
    graph: networkx.DiGraph[int] = networkx.DiGraph([pair for pair in pairs if pair[0] != pair[1]])
    graph.add_nodes_from(range(SIZE))
    with transaction.atomic():
        Edge.objects.bulk_create(
            Edge(source=things[a], target=things[b], kind=EdgeKind.DERIVED_FROM, created_at=timezone.now())
            for a, b in graph.edges
        )
        yield graph
        transaction.set_rollback(True)


def is_seen(graph: networkx.DiGraph[int], number: int) -> bool:
    """Tell whether a reviewer sees a node: a version of their team, or a dataset that touches one."""
    around = {*graph.successors(number), *graph.predecessors(number)}
    mine = range(DATASETS, DATASETS + SEEN)
    return number in mine or (number < DATASETS and any(each in mine for each in around))


def reached(graph: networkx.DiGraph[int], root: int, depth: int) -> tuple[dict[int, int], set[int]]:
    """Return what the oracle sees downstream with the distance, and what it stops at."""
    seen = graph.subgraph([number for number in graph if is_seen(graph, number)])
    distance = networkx.single_source_shortest_path_length(seen, root, cutoff=depth)
    edge_of_sight = [number for number, steps in distance.items() if steps < depth]
    hidden = {other for number in edge_of_sight for other in graph.successors(number) if not is_seen(graph, other)}
    return dict(distance), hidden


@relaxed
@given(PAIRS, DEPTH)
def test_walk_reaches_what_networkx_reaches(
    things: list[Node], reviewer: User, pairs: list[tuple[int, int]], depth: int
) -> None:
    root = things[DATASETS].version
    assert root is not None
    with edges_of(things, pairs) as oracle:
        around = selectors.graph(root, reviewer, depth)
        down, hidden_below = reached(oracle, DATASETS, depth)
        up, hidden_above = reached(oracle.reverse(), DATASETS, depth)
    labels = {thing.label: number for number, thing in enumerate(things)}
    found = {labels[each.label]: each.depth for each in around.nodes}
    assert found == {number: min(down.get(number, 99), up.get(number, 99)) for number in {*down, *up}}
    assert (around.hidden.upstream, around.hidden.downstream) == (len(hidden_above), len(hidden_below))
    numbers = {each.id: labels[each.label] for each in around.nodes}
    drawn = {(numbers[edge.source], numbers[edge.target]) for edge in around.edges}
    assert drawn == set(oracle.subgraph(found).edges)


@relaxed
@given(PAIRS)
def test_list_of_nodes_holds_what_walks_may_show(
    things: list[Node], reviewer: User, auditor: User, pairs: list[tuple[int, int]]
) -> None:
    with edges_of(things, pairs) as oracle:
        listed = {each.label for each in Node.objects.visible_to(reviewer)}
        assert Node.objects.visible_to(auditor).count() == SIZE
    assert listed == {thing.label for number, thing in enumerate(things) if is_seen(oracle, number)}


@relaxed
@given(PAIRS, DEPTH)
def test_upstream_and_downstream_are_the_two_halves(
    things: list[Node], reviewer: User, pairs: list[tuple[int, int]], depth: int
) -> None:
    root = things[DATASETS].version
    assert root is not None
    with edges_of(things, pairs):
        both = selectors.graph(root, reviewer, depth)
        above, below = selectors.upstream(root, reviewer, depth), selectors.downstream(root, reviewer, depth)
    assert {each.id for each in both.nodes} == {each.id for each in (*above.nodes, *below.nodes)}
    assert (above.hidden.downstream, below.hidden.upstream) == (0, 0)
    assert (above.hidden.upstream, below.hidden.downstream) == (both.hidden.upstream, both.hidden.downstream)


@relaxed
@given(PAIRS, st.integers(DATASETS, DATASETS + SEEN - 1))
def test_path_is_a_shortest_one_through_what_is_seen(
    things: list[Node], reviewer: User, pairs: list[tuple[int, int]], end: int
) -> None:
    with edges_of(things, pairs) as oracle:
        way = selectors.path(things[DATASETS], things[end], reviewer)
        distance, _ = reached(oracle, DATASETS, 10)
    labels = {thing.label: number for number, thing in enumerate(things)}
    steps = [labels[each.label] for each in way]
    assert len(steps) == (distance[end] + 1 if end in distance else 0)
    assert all(oracle.has_edge(a, b) for a, b in pairwise(steps))


def test_other_teams_version_is_counted_but_neither_named_nor_passed(
    fraud: RegisteredModel, secret: RegisteredModel, team: Team, reviewer: User, auditor: User, drawn: Register
) -> None:
    first = drawn(fraud, datasets=[dataset()])
    middle = drawn(secret, auditor, parents=[parent(first)], datasets=[dataset("treasury-only")])
    last = drawn(fraud, auditor, parents=[parent(middle)])
    for_reviewer, for_auditor = selectors.graph(first, reviewer), selectors.graph(first, auditor)
    assert {each.label for each in for_reviewer.nodes} == {"card-fraud 1.1.0", "warehouse/cards 2026-10"}
    assert (for_reviewer.hidden.upstream, for_reviewer.hidden.downstream) == (0, 1)
    assert str(middle) not in repr(for_reviewer)
    assert "treasury" not in repr(for_reviewer)
    assert {str(middle), str(last)} <= {each.label for each in for_auditor.nodes}
    assert (for_auditor.hidden.upstream, for_auditor.hidden.downstream) == (0, 0)
    assert selectors.path(first, last, reviewer) == []
    assert [each.label for each in selectors.path(first, last, auditor)] == [str(first), str(middle), str(last)]


def test_address_that_another_team_gave_is_not_shown(
    fraud: RegisteredModel, secret: RegisteredModel, reviewer: User, auditor: User, drawn: Register
) -> None:
    drawn(secret, datasets=[dataset(uri="s3://treasury/cards")])
    version = drawn(fraud, datasets=[dataset()])
    assert "treasury" not in repr(selectors.graph(version, reviewer))
    assert "s3://treasury/cards" not in repr(selectors.upstream(version, auditor))


def test_own_address_is_shown(fraud: RegisteredModel, reviewer: User, drawn: Register) -> None:
    version = drawn(fraud, datasets=[dataset(uri="s3://cards")])
    facts = {each.label: each.facts for each in selectors.graph(version, reviewer).nodes}
    assert facts["warehouse/cards 2026-10"]["uri"] == "s3://cards"


@pytest.mark.parametrize(("mine", "others"), [("sha256:a", 1), ("sha256:b", 1), ("", 0)])
def test_same_name_with_other_digest_is_reported(
    fraud: RegisteredModel, reviewer: User, drawn: Register, mine: str, others: int
) -> None:
    drawn(fraud, datasets=[dataset(digest="sha256:a")])
    drawn(fraud, datasets=[dataset(digest="sha256:b")])
    drawn(fraud, datasets=[dataset("merchants", digest="sha256:c")])
    version = drawn(fraud, datasets=[dataset(digest=mine)])
    found = next(each for each in selectors.upstream(version, reviewer).nodes if each.kind == NodeKind.DATASET)
    assert found.facts.get("other_digests", 0) == others


def test_too_many_nodes_are_cut_at_the_far_end(fraud: RegisteredModel, reviewer: User, drawn: Register) -> None:
    version = drawn(fraud, datasets=[dataset(f"table-{number}") for number in range(9)])
    drawn(fraud, parents=[parent(version)])
    root = [Node.objects.get(version=version).pk]
    cut = graphs.walk(root, reviewer, [Direction.UPSTREAM], 3, limit=5)
    assert (len(cut.nodes), cut.truncated, cut.nodes[0].pk) == (5, True, root[0])
    assert not graphs.walk(root, reviewer, [Direction.UPSTREAM], 3, limit=10).truncated


def test_version_without_node_stands_alone(fraud: RegisteredModel, reviewer: User, drawn: Register) -> None:
    version = pending_version(fraud)
    alone = selectors.graph(version, reviewer)
    assert [(each.id, each.label) for each in alone.nodes] == [(alone.root, "card-fraud 1.1.0")]
    drawn(fraud, parents=[parent(version)])
    assert selectors.graph(version, reviewer).root == alone.root


def test_superuser_and_deactivated_see_no_more_than_anybody(
    fraud: RegisteredModel, reviewer: User, superuser: User, drawn: Register
) -> None:
    version = drawn(fraud, datasets=[dataset()])
    reviewer.is_active = False
    for nobody in (superuser, reviewer):
        assert not Node.objects.visible_to(nobody).exists()
        assert len(selectors.graph(version, nobody).nodes) == 1


def test_dense_layers_cost_nodes_not_paths(team: Team, owner: User, reviewer: User) -> None:
    model = registered_model(team, owner)
    layers = [
        [node(NodeKind.MODEL_VERSION, f"{a}.{b}", version=pending_version(model)) for b in range(12)] for a in range(9)
    ]
    Node.objects.bulk_create([each for layer in layers for each in layer])
    Edge.objects.bulk_create(
        Edge(source=a, target=b, kind=EdgeKind.DERIVED_FROM, created_at=timezone.now())
        for upper, lower in pairwise(layers)
        for a in upper
        for b in lower
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '2s'")
    root = layers[0][0].version
    assert root is not None
    assert len(selectors.downstream(root, reviewer, 10).nodes) == 1 + 8 * 12


@pytest.mark.parametrize("others", [1, 12])
def test_graph_takes_the_same_queries_whatever_its_size(
    fraud: RegisteredModel, reviewer: User, drawn: Register, others: int
) -> None:
    version = drawn(fraud, datasets=[dataset(f"table-{number}") for number in range(others)])
    for _ in range(others):
        drawn(fraud, datasets=[dataset(f"table-{others - 1}")], parents=[parent(version)])
    with CaptureQueriesContext(connection) as queries:
        selectors.picture(selectors.graph(version, User.objects.get(pk=reviewer.pk)))
    assert len(queries) == 6
