"""Writing the graph: what a version names as its origin, drawn in the transaction that registers it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from apps.core import clock
from apps.lineage import inputs, selectors
from apps.lineage.inputs import Parent
from apps.lineage.models import Edge, Node
from apps.lineage.states import EdgeKind, NodeKind
from apps.models.models import ModelVersion

if TYPE_CHECKING:
    from apps.audit.models import Event


def provenance_of(event: Event) -> None:
    """Draw the origin of the version that an event says was registered; called while the event is recorded."""
    record_provenance(ModelVersion.objects.select_related("registered_model").get(pk=event.subject_id))


@transaction.atomic
def record_provenance(version: ModelVersion) -> Node:
    """Add a version, its inputs and the edges between them to the graph.

    Part of the registration, so it asks no policy and records no event of its own.
    """
    named = inputs.read(version.lineage)
    parents = {parent.pk: parent for parent in _parents(named.parents, version)}
    drafts = [_draft_of(each) for each in (version, *parents.values())]
    drafts += [Node(kind=each.kind, key=each.key, label=each.label, facts=each.facts) for each in named.nodes]
    nodes = _created_or_found(drafts)
    node = nodes[NodeKind.MODEL_VERSION, selectors.version_key(version.pk)]
    edges = [
        Edge(source=nodes[each.kind, each.key], kind=each.edge, facts={"uri": each.uri} if each.uri else {})
        for each in named.nodes
    ]
    for pk in parents:
        parent_node = nodes[NodeKind.MODEL_VERSION, selectors.version_key(pk)]
        edges.append(Edge(source=parent_node, kind=EdgeKind.DERIVED_FROM))
    for edge in edges:
        edge.target, edge.created_at = node, node.created_at
    Edge.objects.bulk_create(edges, ignore_conflicts=True)
    return node


def _parents(named: Iterable[Parent], version: ModelVersion) -> Iterable[ModelVersion]:
    """Return the versions meant, the registrant's rights deciding: a hidden parent must not differ from none."""
    meant = Q(pk__in=[])
    for parent in named:
        meant |= Q(registered_model__name=parent.model, version=parent.version)
    visible = ModelVersion.objects.visible_to(version.registered_by)
    return visible.filter(meant).exclude(pk=version.pk).select_related("registered_model")


def _draft_of(version: ModelVersion) -> Node:
    key = selectors.version_key(version.pk)
    return Node(kind=NodeKind.MODEL_VERSION, key=key, label=str(version), version=version)


def _created_or_found(drafts: list[Node]) -> dict[tuple[str, str], Node]:
    """Return the nodes by kind and key, those that others made at the same moment included.

    Every transaction inserts in the same order, so two that share nodes wait for each other but never deadlock.
    """
    moment = clock.now()
    wanted = {(draft.kind, draft.key): draft for draft in drafts}
    for draft in wanted.values():
        draft.created_at = moment
    Node.objects.bulk_create([wanted[each] for each in sorted(wanted)], ignore_conflicts=True)
    rows = Node.objects.filter(kind__in={kind for kind, _ in wanted}, key__in={key for _, key in wanted})
    return {(row.kind, row.key): row for row in rows}
