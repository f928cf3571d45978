"""Answers about lineage: the graph around a version, what used a dataset, paths, differences, completeness."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from apps.core.canonical import digest
from apps.lineage import comparison, graphs, layout
from apps.lineage.comparison import Completeness, Difference
from apps.lineage.graphs import NOTHING_HIDDEN, Hidden, Reached
from apps.lineage.inputs import read
from apps.lineage.models import Edge, Node
from apps.lineage.states import DEFAULT_DEPTH, MAX_DEPTH, MAX_NODES, Direction, NodeKind
from apps.models.models import ModelVersion

if TYPE_CHECKING:
    from apps.accounts.models import User

RECENT_VERSIONS, RECENT_DATASETS = 40, 12
BOTH = (Direction.UPSTREAM, Direction.DOWNSTREAM)


@dataclass(frozen=True)
class GraphNode:
    """One node as the asker may know it; `version` for model versions only, with its `stage`."""

    id: str
    kind: str
    label: str
    facts: dict[str, Any] = field(default_factory=dict, hash=False)
    depth: int = 0
    version: ModelVersion | None = field(default=None, repr=False)

    @property
    def kind_label(self) -> str:
        """The kind in words."""
        return NodeKind(self.kind).label


@dataclass(frozen=True)
class GraphEdge:
    """`source` flowed into `target`; both are ids of nodes in the same graph."""

    source: str
    target: str
    kind: str


@dataclass(frozen=True)
class Graph:
    """What lies around a version: nodes nearest first, edges among them, and how many nodes are hidden each way."""

    root: str
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...] = ()
    hidden: Hidden = NOTHING_HIDDEN
    truncated: bool = False

    @property
    def upstream(self) -> list[GraphNode]:
        """What the root came from, nearest first."""
        return self._reached((edge.target, edge.source) for edge in self.edges)

    @property
    def downstream(self) -> list[GraphNode]:
        """What came from the root, nearest first."""
        return self._reached((edge.source, edge.target) for edge in self.edges)

    def _reached(self, steps: Iterable[tuple[str, str]]) -> list[GraphNode]:
        following: dict[str, list[str]] = {}
        for here, there in steps:
            following.setdefault(here, []).append(there)
        queue = deque([self.root])
        found = {self.root}
        while queue:
            fresh = [each for each in following.get(queue.popleft(), []) if each not in found]
            found.update(fresh)
            queue.extend(fresh)
        return [node for node in self.nodes if node.id in found - {self.root}]


@dataclass(frozen=True)
class Uses:
    """Which versions datasets flowed into, directly or through others; `hidden` counts those not to be named."""

    datasets: tuple[GraphNode, ...]
    versions: tuple[ModelVersion, ...]
    hidden: int = 0
    truncated: bool = False


def graph(
    version: ModelVersion,
    user: User,
    depth: int = DEFAULT_DEPTH,
    directions: Sequence[Direction] = BOTH,
    at: datetime | None = None,
) -> Graph:
    """Return what a version, which the user must be allowed to see, came from and what came from it, now or by then."""
    root = Node.objects.filter(version=version).first()
    if root is None:
        return Graph(version_id(version.pk), tuple(_nodes([_unregistered(version)], {}, at)))
    return around(root, user, depth, directions, at)


def around(
    root: Node,
    user: User,
    depth: int = DEFAULT_DEPTH,
    directions: Sequence[Direction] = BOTH,
    at: datetime | None = None,
) -> Graph:
    """Return what a node, which the user must be allowed to see, came from and what came from it, now or by then."""
    walk = graphs.walk([root.pk], user, directions, min(depth, MAX_DEPTH), at=at)
    edges = [edge for edge in _edges(each.pk for each in walk.nodes) if at is None or edge.created_at <= at]
    ids = {each.pk: _id(each.kind, each.key) for each in walk.nodes}
    said = {edge.source_id: edge.facts for edge in reversed(edges) if edge.facts}
    return Graph(
        ids[root.pk],
        tuple(_nodes(walk.nodes, said, at)),
        tuple(GraphEdge(ids[edge.source_id], ids[edge.target_id], edge.kind) for edge in edges),
        walk.hidden,
        walk.truncated,
    )


def upstream(version: ModelVersion, user: User, depth: int = DEFAULT_DEPTH) -> Graph:
    """Return what a version came from."""
    return graph(version, user, depth, [Direction.UPSTREAM])


def downstream(version: ModelVersion, user: User, depth: int = DEFAULT_DEPTH) -> Graph:
    """Return what came from a version."""
    return graph(version, user, depth, [Direction.DOWNSTREAM])


def path(source: ModelVersion | Node, target: ModelVersion | Node, user: User) -> list[GraphNode]:
    """Return a shortest way downstream through what the user may see, both ends included; empty without one."""
    start, end = _node_pk(source, user), _node_pk(target, user)
    if start is None or end is None:
        return []
    nodes = {each.pk: each for each in graphs.walk([start], user, [Direction.DOWNSTREAM], MAX_DEPTH).nodes}
    before: dict[int, int] = {start: start}
    following: dict[int, list[int]] = {}
    for edge in _edges(nodes):
        following.setdefault(edge.source_id, []).append(edge.target_id)
    queue = deque([start])
    while queue and end not in before:
        here = queue.popleft()
        fresh = [each for each in following.get(here, []) if each not in before]
        before.update(dict.fromkeys(fresh, here))
        queue.extend(fresh)
    return _nodes([nodes[pk] for pk in _way(before, start, end)], {})


def dataset_uses(user: User, *, stage: str = "", depth: int = MAX_DEPTH, **facts: str) -> Uses:
    """Return the versions that datasets with exactly these facts flowed into: namespace, name, version, digest."""
    datasets = list(Node.objects.datasets(**facts).order_by("pk").values_list("pk", flat=True)[: MAX_NODES + 1])
    roots = datasets[:MAX_NODES]
    found, hidden = _below(roots, user, stage, depth)
    named = Node.objects.visible_to(user).filter(pk__in=roots).order_by("pk")
    return Uses(
        tuple(GraphNode(node.name, node.kind, node.label, node.facts) for node in named),
        tuple(found[:MAX_NODES]),
        hidden,
        len(datasets) > MAX_NODES or len(found) > MAX_NODES,
    )


def uses(node: Node, user: User, stage: str = "") -> Uses:
    """Return the versions, those in a stage where one is named, that a node flowed into, however far."""
    found, hidden = _below([node.pk], user, stage, MAX_DEPTH)
    return Uses((), tuple(found[:MAX_NODES]), hidden, len(found) > MAX_NODES)


def recent_datasets(user: User) -> list[Node]:
    """Return the datasets that the versions registered last, of those the user may know of, were trained on."""
    latest = ModelVersion.objects.visible_to(user).order_by("-pk").values_list("pk", flat=True)[:RECENT_VERSIONS]
    found = Node.objects.filter(kind=NodeKind.DATASET, downstream_edges__target__version__in=list(latest))
    return list(found.distinct().order_by("-pk")[:RECENT_DATASETS])


def _below(roots: list[int], user: User, stage: str, depth: int) -> tuple[list[ModelVersion], int]:
    seen, unseen = graphs.versions_below(roots, user, min(depth, MAX_DEPTH))
    versions, hidden = (
        rows.in_stage(stage) if stage else rows.with_stage()
        for rows in (ModelVersion.objects.filter(pk__in=pks) for pks in (seen, unseen))
    )
    ordered = versions.select_related("registered_model").order_by("registered_model__name", "-precedence", "-number")
    return list(ordered[: MAX_NODES + 1]), hidden.count() if unseen else 0


def completeness(version: ModelVersion) -> Completeness:
    """Return which of datasets, code and run a version names; no query."""
    return comparison.completeness(read(version.lineage))


def difference(old: ModelVersion, new: ModelVersion) -> list[Difference]:
    """Return which datasets, code, run and parents two versions do not share; no query."""
    return comparison.difference(read(old.lineage), read(new.lineage))


@dataclass(frozen=True)
class PlacedNode:
    """A node of the picture: where it stands, its label shortened to fit, and all that is known of it."""

    node: GraphNode
    box: layout.Box
    label: str
    is_root: bool


@dataclass(frozen=True)
class PlacedEdge:
    """An edge of the picture: `line.d` is its SVG path."""

    edge: GraphEdge
    line: layout.Line


@dataclass(frozen=True)
class Picture:
    """A graph ready to be drawn; width and height are those of the SVG's viewBox."""

    width: float
    height: float
    nodes: tuple[PlacedNode, ...]
    edges: tuple[PlacedEdge, ...]
    graph: Graph


def picture(graph: Graph) -> Picture:
    """Return a graph laid out from left to right; no query."""
    kinds = {(edge.source, edge.target): edge for edge in graph.edges}
    drawing = layout.draw([node.id for node in graph.nodes], kinds)
    return Picture(
        drawing.width,
        drawing.height,
        tuple(
            PlacedNode(node, box, layout.shorten(node.label), node.id == graph.root)
            for node, box in zip(graph.nodes, drawing.boxes, strict=True)
        ),
        tuple(PlacedEdge(kinds[line.source, line.target], line) for line in drawing.lines),
        graph,
    )


def version_key(pk: int) -> str:
    """Return the key of a model version's node."""
    return digest({"version": pk})


def version_id(pk: int) -> str:
    """Return the id of a model version in graphs."""
    return _id(NodeKind.MODEL_VERSION, version_key(pk))


def _id(kind: str, key: str) -> str:
    return f"{kind}-{key[:16]}"


def _unregistered(version: ModelVersion) -> Reached:
    return Reached(0, NodeKind.MODEL_VERSION, version_key(version.pk), str(version), {}, version.pk, 0, 0)


def _edges(pks: Iterable[int]) -> list[Edge]:
    within = list(pks)
    return list(Edge.objects.filter(source__in=within, target__in=within).order_by("pk"))


def _node_pk(thing: ModelVersion | Node, user: User) -> int | None:
    nodes = Node.objects.visible_to(user)
    found = nodes.filter(version=thing) if isinstance(thing, ModelVersion) else nodes.filter(pk=thing.pk)
    return found.values_list("pk", flat=True).first()


def _way(before: dict[int, int], start: int, end: int) -> list[int]:
    if end not in before:
        return []
    way = [end]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]


def _nodes(reached: Sequence[Reached], said: dict[int, dict[str, Any]], at: datetime | None = None) -> list[GraphNode]:
    pks = [each.version_id for each in reached if each.version_id is not None]
    found = ModelVersion.objects.filter(pk__in=pks).select_related("registered_model").with_stage(at)
    versions = {version.pk: version for version in found}
    nodes = []
    for each in reached:
        version = versions[each.version_id] if each.version_id is not None else None
        facts = {key: value for key, value in (each.facts | said.get(each.pk, {})).items() if value}
        if each.other_digests:
            facts["other_digests"] = each.other_digests
        label = str(version) if version is not None else each.label
        facts |= _version_facts(version) if version is not None else {}
        nodes.append(GraphNode(_id(each.kind, each.key), each.kind, label, facts, each.depth, version))
    return nodes


def _version_facts(version: ModelVersion) -> dict[str, Any]:
    model = version.registered_model
    stage = getattr(version, "stage", None)
    return {
        "model": model.name,
        "version": version.version,
        "number": version.number,
        "state": version.state,
        "stage": stage,
        "risk_tier": model.risk_tier,
    }
