"""Tables of lineage: nodes shared by everything that names the same thing, and edges that point downstream.

Both are append-only. A node holds nothing but the identity it is shared by; what one version alone says of its
input (where it lay, for example) stands on that version's edge, so that sharing a node tells nobody anything.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from apps.lineage.querysets import NodeQuerySet, Words
from apps.lineage.states import EdgeKind, NodeKind
from apps.models.models import ModelVersion


class Node(models.Model):
    """A dataset version, code commit, training run or model version; `key` is its identity within its kind."""

    kind = models.CharField(max_length=20, choices=NodeKind.choices)
    # SHA-256 of the identity in canonical form, 64 hex digits.
    key = models.CharField(max_length=64)
    label = models.CharField(max_length=500)
    facts = models.JSONField(default=dict)
    version = models.OneToOneField(ModelVersion, on_delete=models.PROTECT, null=True, related_name="lineage_node")
    created_at = models.DateTimeField()

    objects = NodeQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["kind", "key"], name="lineage_node_once"),
            models.CheckConstraint(
                condition=Q(kind=NodeKind.MODEL_VERSION, version__isnull=False)
                | ~Q(kind=NodeKind.MODEL_VERSION) & Q(version__isnull=True),
                name="lineage_node_version_kind",
            ),
        )
        indexes = (
            GinIndex(
                fields=["facts"],
                opclasses=["jsonb_path_ops"],
                name="lineage_dataset_facts",
                condition=Q(kind=NodeKind.DATASET),
            ),
            GinIndex(Words("label"), name="lineage_node_words"),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def name(self) -> str:
        """The id that graphs and addresses use."""
        return f"{self.kind}-{self.key[:16]}"


class Edge(models.Model):
    """`source` flowed into `target`; `facts` is what the target's registrant said of this use alone."""

    source = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="downstream_edges")
    target = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="upstream_edges")
    kind = models.CharField(max_length=20, choices=EdgeKind.choices)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["source", "target", "kind"], name="lineage_edge_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="lineage_edge_no_loop"),
        )

    def __str__(self) -> str:
        return f"{self.target} {self.get_kind_display()} {self.source}"
