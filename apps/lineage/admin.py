"""Lineage in the admin: to read."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q

from apps.core.admin.tables import ReadOnlyAdmin
from apps.lineage.models import Edge, Node
from apps.lineage.states import MAX_MATCHES


def by_words(text: str) -> Q:
    """Search for words of labels, and name the newest nodes that hold them one by one."""
    return Q(pk__in=list(Node.objects.matching(text).values_list("pk", flat=True)[:MAX_MATCHES]))


@admin.register(Node)
class NodeAdmin(ReadOnlyAdmin):
    """Nodes of the graph."""

    list_display = ("label", "kind", "key", "created_at")
    list_filter = ("kind",)
    searches = (by_words,)
    search_help_text = "Words of the label"
    raw_id_fields = ("version",)


@admin.register(Edge)
class EdgeAdmin(ReadOnlyAdmin):
    """Edges of the graph; each points downstream."""

    list_display = ("source", "kind", "target", "created_at")
    list_filter = ("kind",)
    list_select_related = ("source", "target")
    raw_id_fields = ("source", "target")
