"""Walking the graph in PostgreSQL: one recursive statement, cycle-safe, that stops at what the asker may not see.

The walk keeps distinct (node, direction, depth) instead of paths: a path is never longer than the depth limit, so
cycles end, and a dense graph costs nodes x depth. PostgreSQL's CYCLE clause would carry every path separately, which
in ten layers of twenty nodes that all touch is 20^10 rows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from apps.accounts import grants
from apps.lineage.states import MAX_DEPTH, MAX_NODES, Direction
from apps.models.models import RegisteredModel

if TYPE_CHECKING:
    from apps.accounts.models import User

# Parameters: those of {seen_models}, directions, roots, the instant twice, depth. A node is seen under
# NodeQuerySet.visible_to's rule.
WALK = """
WITH RECURSIVE seen_model (id) AS MATERIALIZED ({seen_models}),
walk (node_id, version_id, direction, depth, visible) AS (
    SELECT root.id, root.version_id, direction, 0, TRUE
    FROM lineage_node AS root CROSS JOIN unnest(%s::text[]) AS direction
    WHERE root.id = ANY(%s)
  UNION
    SELECT following.id, following.version_id, walk.direction, walk.depth + 1, {visible}
    FROM walk
    CROSS JOIN LATERAL (
        SELECT target_id AS id FROM lineage_edge WHERE source_id = walk.node_id AND walk.direction = 'downstream'
            AND created_at <= %s::timestamptz
        UNION ALL
        SELECT source_id AS id FROM lineage_edge WHERE target_id = walk.node_id AND walk.direction = 'upstream'
            AND created_at <= %s::timestamptz
    ) AS step
    JOIN lineage_node AS following ON following.id = step.id
    WHERE walk.visible AND walk.depth < %s
)
"""

EVERYTHING = "TRUE"
SEEN_OR_TOUCHING_SEEN = """
CASE WHEN following.version_id IS NOT NULL THEN (
    SELECT registered_model_id IN (SELECT id FROM seen_model) FROM models_modelversion WHERE id = following.version_id
) ELSE EXISTS (
    SELECT FROM (
        SELECT target_id AS id FROM lineage_edge WHERE source_id = following.id
        UNION ALL
        SELECT source_id AS id FROM lineage_edge WHERE target_id = following.id
    ) AS edge
    JOIN lineage_node AS beside ON beside.id = edge.id
    JOIN models_modelversion AS version ON version.id = beside.version_id
    WHERE version.registered_model_id IN (SELECT id FROM seen_model)
) END
"""

# Parameter: how many nodes at most. Other datasets of the same name and version but another digest are counted only.
NODES = """
SELECT node.id, node.kind, node.key, node.label, node.facts, node.version_id, reached.depth,
    CASE WHEN node.kind = 'dataset' AND node.facts ->> 'version' <> '' AND node.facts ->> 'digest' <> '' THEN (
        SELECT count(*) FROM lineage_node AS other
        WHERE other.kind = 'dataset' AND other.facts - 'digest' = node.facts - 'digest'
        AND other.facts ->> 'digest' NOT IN ('', node.facts ->> 'digest')
    ) ELSE 0 END,
    (SELECT count(DISTINCT node_id) FROM walk WHERE NOT visible AND direction = 'upstream'),
    (SELECT count(DISTINCT node_id) FROM walk WHERE NOT visible AND direction = 'downstream')
FROM (SELECT node_id, min(depth) AS depth FROM walk WHERE visible GROUP BY node_id) AS reached
JOIN lineage_node AS node ON node.id = reached.node_id
ORDER BY reached.depth, node.id
LIMIT %s
"""

VERSIONS = "SELECT version_id, bool_or(visible) FROM walk WHERE version_id IS NOT NULL GROUP BY version_id"


@dataclass(frozen=True)
class Reached:
    """A visible node that a walk came to, and how far from its start."""

    pk: int
    kind: str
    key: str
    label: str
    facts: dict[str, Any]
    version_id: int | None
    depth: int
    other_digests: int


@dataclass(frozen=True)
class Hidden:
    """How many nodes the asker may not see the walk stopped at, each way."""

    upstream: int = 0
    downstream: int = 0


NOTHING_HIDDEN = Hidden()


@dataclass(frozen=True)
class Walk:
    """What a walk found: visible nodes nearest first, how many hidden ones, and whether there were too many."""

    nodes: tuple[Reached, ...] = ()
    hidden: Hidden = NOTHING_HIDDEN
    truncated: bool = False


def walk(
    roots: Sequence[int],
    user: User,
    directions: Sequence[str],
    depth: int,
    limit: int = MAX_NODES,
    at: datetime | None = None,
) -> Walk:
    """Return the nodes within `depth` steps of the roots, which the asker must be allowed to see, now or by then."""
    rows = _rows(NODES, roots, user, directions, depth, limit + 1, at=at)
    nodes = tuple(_reached(*row[:8]) for row in rows[:limit])
    return Walk(nodes, Hidden(*rows[0][8:]) if rows else NOTHING_HIDDEN, len(rows) > limit)


def versions_below(roots: Sequence[int], user: User, depth: int = MAX_DEPTH) -> tuple[set[int], set[int]]:
    """Return the ids of versions that something flowed into: those the asker may see, and those to be counted only."""
    rows = _rows(VERSIONS, roots, user, [Direction.DOWNSTREAM], depth)
    return {pk for pk, visible in rows if visible}, {pk for pk, visible in rows if not visible}


def _seen_models(user: User) -> tuple[str, tuple[Any, ...]]:
    try:
        return RegisteredModel.objects.visible_to(user).order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint WHERE FALSE", ()


def _reached(pk: int, kind: str, key: str, label: str, facts: str, *rest: Any) -> Reached:
    return Reached(pk, kind, key, label, json.loads(facts), *rest)


def _rows(
    tail: str,
    roots: Sequence[int],
    user: User,
    directions: Sequence[str],
    depth: int,
    *rest: int,
    at: datetime | None = None,
) -> list[tuple[Any, ...]]:
    visible = EVERYTHING if grants.reads_everything(user) else SEEN_OR_TOUCHING_SEEN
    models, parameters = _seen_models(user)
    until = at.isoformat() if at else "infinity"
    values = [*parameters, [str(each) for each in directions], list(roots), until, until, depth, *rest]
    with connection.cursor() as cursor:
        cursor.execute(WALK.format(seen_models=models, visible=visible) + tail, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
