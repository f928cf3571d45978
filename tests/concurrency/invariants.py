"""What holds in the database after any history (the facts of record; SQL only, nothing of the portal's code).

Each statement of `CONTRADICTIONS` finds rows that must not be there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import psycopg
from psycopg.rows import dict_row

CONTRADICTIONS = {
    "two versions of a model in production": """
        SELECT registered_model_id FROM models_stageassignment WHERE stage = 'production' AND upper_inf(period)
        GROUP BY 1 HAVING count(*) > 1""",
    "a version in two stages": """
        SELECT version_id FROM models_stageassignment WHERE upper_inf(period) GROUP BY 1 HAVING count(*) > 1""",
    "executed, but the stage never moved": """
        SELECT p.id FROM approvals_promotion p WHERE p.state = 'executed' AND NOT EXISTS (
            SELECT FROM models_stageassignment s
            WHERE s.promotion_id = p.id AND s.version_id = p.version_id AND s.stage = p.target_stage)""",
    "the stage moved, but no promotion was executed": """
        SELECT s.id FROM models_stageassignment s LEFT JOIN approvals_promotion p ON p.id = s.promotion_id
        WHERE s.stage <> 'experimental' AND (p.id IS NULL OR p.state <> 'executed')""",
    "a promotion moved its version twice": """
        SELECT promotion_id FROM models_stageassignment s JOIN approvals_promotion p ON p.id = s.promotion_id
        WHERE s.version_id = p.version_id GROUP BY 1 HAVING count(*) > 1""",
    "two predecessors retired for one promotion": """
        SELECT promotion_id FROM models_stageassignment s JOIN approvals_promotion p ON p.id = s.promotion_id
        WHERE s.version_id <> p.version_id GROUP BY 1 HAVING count(*) > 1""",
    "rejected in force, but not ended": """
        SELECT p.id FROM approvals_promotion p JOIN approvals_decision d ON d.promotion_id = p.id
        WHERE d.verdict = 'reject' AND p.state <> 'rejected'""",
    "a decision of who may not decide": """
        SELECT d.id FROM approvals_decision d JOIN approvals_promotion p ON p.id = d.promotion_id
        JOIN models_modelversion v ON v.id = p.version_id
        JOIN accounts_user asked ON asked.id = p.requested_by_id JOIN accounts_user made ON made.id = v.registered_by_id
        WHERE d.actor_id IN (asked.id, asked.owner_id, made.id, made.owner_id)""",
    "version numbers with a gap": """
        SELECT registered_model_id FROM models_modelversion GROUP BY 1
        HAVING min(number) <> 1 OR max(number) <> count(*) OR count(DISTINCT version) <> count(*)""",
    "an event without a leaf": """
        SELECT e.id FROM audit_event e LEFT JOIN audit_leaf l ON l.event_id = e.id WHERE l.event_id IS NULL""",
    "an event without an outbox row": """
        SELECT e.id FROM audit_event e LEFT JOIN audit_outboxentry o ON o.event_id = e.id WHERE o.event_id IS NULL""",
    "a gap in the log": """
        SELECT count(*), min(leaf_index), max(leaf_index), h.size FROM audit_leaf, audit_head h GROUP BY h.size
        HAVING count(*) <> h.size OR min(leaf_index) <> 0 OR max(leaf_index) <> h.size - 1""",
    "leaves left half-way": "SELECT event_id FROM audit_pending",
}
# Each row of the left side is one change, and has exactly one event of these types about it.
CHANGES = {
    "SELECT id::text FROM approvals_promotion WHERE kind <> 'demotion'": "approvals.promotion.submitted",
    "SELECT id::text FROM approvals_promotion WHERE state = 'executed' AND kind <> 'demotion'": (
        "approvals.promotion.executed"
    ),
    "SELECT id::text FROM approvals_promotion WHERE state = 'executed' AND kind = 'demotion'": (
        "approvals.promotion.demoted"
    ),
    "SELECT id::text FROM approvals_promotion WHERE state = 'superseded'": "approvals.promotion.superseded",
    "SELECT id::text FROM approvals_promotion WHERE state = 'cancelled'": "approvals.promotion.withdrawn",
    "SELECT promotion_id::text FROM approvals_decision": "approvals.promotion.decided",
    "SELECT promotion_id::text FROM approvals_checkrun": "approvals.check.reported",
    "SELECT id::text FROM approvals_attachedevidence": "approvals.evidence.attached",
    "SELECT id::text FROM models_modelversion": "models.version.registered",
    "SELECT id::text FROM models_modelversion WHERE state = 'ready'": "models.version.sealed",
}
EXECUTED = """
    SELECT p.id, p.kind, e.body FROM approvals_promotion p
    JOIN audit_event e ON e.type = 'approvals.promotion.executed' AND e.subject_id = p.id::text
    WHERE p.state = 'executed' AND p.id > %s ORDER BY p.id
"""
APPROVALS = """
    SELECT DISTINCT ON (d.actor_id) d.id, d.actor_id, d.verdict, d.groups, d.evidence_digest, u.owner_id
    FROM approvals_decision d JOIN accounts_user u ON u.id = d.actor_id
    WHERE d.promotion_id = %s AND d.verdict <> 'dismiss' ORDER BY d.actor_id, d.id DESC
"""
ROUND = "SELECT evidence FROM approvals_round WHERE promotion_id = %s AND evidence_digest = %s"
LEAVES = """
    SELECT l.leaf_index, l.leaf_hash, e.body FROM audit_leaf l JOIN audit_event e ON e.id = l.event_id
    WHERE l.leaf_index >= %s ORDER BY l.leaf_index
"""


class Ledger:
    """A reader of the database who remembers how far it has verified the log and the executions."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)
        self.leaves = self.executions = 0

    def verify(self) -> None:
        """Fail with every contradiction there is."""
        with self.connection.transaction():
            self.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            found = [*self._contradictions(), *self._uncounted(), *self._unproven(), *self._misplaced()]
        assert not found, found

    def rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """Return the rows of a statement."""
        return self.connection.execute(statement, values or None).fetchall()

    def close(self) -> None:
        """Disconnect."""
        self.connection.close()

    def _contradictions(self) -> Iterator[str]:
        for name, statement in CONTRADICTIONS.items():
            if rows := self.rows(statement):
                yield f"{name}: {rows[:5]}"

    def _uncounted(self) -> Iterator[str]:
        """Yield changes that have no event or several, and events without their change."""
        for changes, event_type in CHANGES.items():
            statement = f"""
                SELECT * FROM (SELECT key, count(*) AS changes FROM ({changes}) AS c (key) GROUP BY key) AS c
                FULL JOIN (SELECT subject_id, count(*) AS events FROM audit_event WHERE type = %s GROUP BY 1) AS e
                ON e.subject_id = c.key WHERE changes IS DISTINCT FROM events"""
            if rows := self.rows(statement, event_type):
                yield f"not one {event_type} for each change: {rows[:5]}"

    def _unproven(self) -> Iterator[str]:
        """Yield executions whose counted decisions are no full assignment of distinct people on one digest."""
        for row in self.rows(EXECUTED, self.executions):
            self.executions = row["id"]
            data = json.loads(row["body"])["data"]
            digest, counted = data["evidence_digest"], {entry["decision"] for entry in data["decisions"]}
            kept = {d["id"]: d for d in self.rows(APPROVALS, row["id"]) if d["verdict"] == "approve"}
            if any(number not in kept or kept[number]["evidence_digest"] != digest for number in counted):
                yield f"promotion {row['id']} counted decisions that were made on other evidence or taken back"
                continue
            evidence = json.loads(self.rows(ROUND, row["id"], digest)[0]["evidence"])
            people = [frozenset(kept[number]["groups"]) for number in counted if kept[number]["owner_id"] is None]
            if not assignable(evidence["requirement"]["rules"], people):
                yield f"promotion {row['id']} was executed without enough distinct people"

    def _misplaced(self) -> Iterator[str]:
        """Yield leaves that are out of place or whose hash is not that of their event (RFC 6962, section 2.1)."""
        for row in self.rows(LEAVES, self.leaves):
            if row["leaf_index"] != self.leaves:
                yield f"leaf {row['leaf_index']} where {self.leaves} was expected"
                return
            if hashlib.sha256(b"\x00" + row["body"].encode()).digest() != bytes(row["leaf_hash"]):
                yield f"leaf {row['leaf_index']} is not the hash of its event"
            self.leaves += 1


def assignable(rules: list[dict[str, Any]], people: list[frozenset[str]]) -> bool:
    """Tell by trying every order whether distinct people fill every place; each is the set of groups they are in."""
    places = [rule["group"] for rule in rules for _ in range(rule["min_approvals"])]
    orders = permutations(people, len(places))
    return any(all(group in person for group, person in zip(places, order, strict=True)) for order in orders)
