"""The evidence of a population's promotions, in the bytes and with the digest that the product writes."""

from __future__ import annotations

from collections import defaultdict
from hashlib import sha256
from typing import Any

import psycopg

from apps.approvals import evidence
from apps.approvals.models import PolicyVersion, Promotion
from apps.approvals.requirements import Requirement
from apps.approvals.states import Kind
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import Stage

CHUNK = 1_000
TABLE = "CREATE TEMPORARY TABLE evidence_of (p bigint PRIMARY KEY, text text, digest text) ON COMMIT DROP"
POLICIES = """
    SELECT policy.risk_tier, held.document
    FROM approvals_policy AS policy JOIN approvals_policyversion AS held ON held.policy_id = policy.id
    WHERE policy.stage = 'production' AND policy.team_id IS NULL AND policy.registered_model_id IS NULL
    ORDER BY policy.id, held.number
"""
VERSIONS = """
    SELECT asked.p, asked.name, asked.tier, version.version, version.number, version.manifest_digest, version.metrics,
        version.parameters, version.metadata, version.lineage, version.card, before.version
    FROM promotion_of AS asked JOIN models_modelversion AS version ON version.id = asked.id
    LEFT JOIN models_modelversion AS before ON before.id = asked.id - 1 AND asked.k > 1
"""
CONTENT = ("version", "number", "manifest_digest", "metrics", "parameters", "metadata", "lineage", "card")


def write(connection: psycopg.Connection[Any]) -> None:
    """Fill the temporary table `evidence_of` for every row of `promotion_of`, whose versions have been written."""
    policies = defaultdict(list)
    for tier, document in connection.execute(POLICIES).fetchall():
        policies[tier].append(PolicyVersion(document=document))
    required = {
        tier: evidence.requirement_from([*policies[""], *policies[tier]], Kind.PROMOTION)
        for tier in ("low", "medium", "high")
    }
    connection.execute(TABLE)
    with connection.cursor("versions") as versions, connection.cursor() as cursor:
        versions.execute(VERSIONS)
        while rows := versions.fetchmany(CHUNK):
            with cursor.copy("COPY evidence_of FROM STDIN") as copy:
                for row in rows:
                    text = evidence.text_of(_document(row, required[row[2]]))
                    copy.write_row((row[0], text, sha256(text.encode()).hexdigest()))


def _document(row: tuple[Any, ...], requirement: Requirement) -> dict[str, Any]:
    _, name, tier, *content, before = row
    registered_model = RegisteredModel(name=name, risk_tier=tier)
    version = ModelVersion(registered_model=registered_model, **dict(zip(CONTENT, content, strict=True)))
    promotion = Promotion(
        registered_model=registered_model, version=version, target_stage=Stage.PRODUCTION, kind=Kind.PROMOTION
    )
    replaces = ModelVersion(version=before) if before else None
    return evidence.document_of(promotion, requirement, replaces, ())
