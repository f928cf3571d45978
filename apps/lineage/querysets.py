"""Chainable reads of lineage."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from apps.accounts import grants
from apps.lineage.states import NodeKind
from apps.models.querysets import ModelVersionQuerySet

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.lineage.models import Node  # noqa: F401


WORD = re.compile(r"[^\W_]+")


class Words(models.Func):
    """The words of a label as the index of nodes keeps them: runs of letters and digits, as they are."""

    template = "to_tsvector('simple'::regconfig, regexp_replace(%(expressions)s, '[^[:alnum:]]+', ' ', 'g'))"
    output_field = SearchVectorField()


class NodeQuerySet(models.QuerySet["Node"]):
    """Nodes of the graph."""

    def datasets(self, **facts: str) -> Self:
        """Return the dataset nodes with exactly these facts: namespace, name, version, digest."""
        return self.filter(kind=NodeKind.DATASET, facts__contains=facts)

    def matching(self, text: str) -> Self:
        """Return the nodes whose labels hold words that begin like those of the text, newest first."""
        words = WORD.findall(text)
        if not words:
            return self.none()
        query = SearchQuery(" & ".join(f"{word}:*" for word in words), search_type="raw", config="simple")
        return self.alias(words=Words("label")).filter(words=query).order_by("-pk")

    def with_id(self, name: str) -> Self:
        """Return the nodes with the id that graphs and addresses use: kind and the key's first digits."""
        kind, _, digits = name.rpartition("-")
        if not re.fullmatch(r"[0-9a-f]{16}", digits) or "\x00" in kind:
            return self.none()
        return self.filter(kind=kind, key__gte=digits, key__lt=f"{digits}g").order_by("pk")

    def visible_to(self, user: User) -> Self:
        """Return nodes that are, or touch, a version the user may know of; for few nodes, each looked at by itself."""
        if grants.reads_everything(user):
            return self
        versions = ModelVersionQuerySet(apps.get_model("models.ModelVersion")).visible_to(user)
        edges = apps.get_model("lineage.Edge").objects

        def seen(version: str) -> Q:
            return Q(_any(versions.filter(pk=OuterRef(version))))

        onward = edges.filter(seen("target__version"), source=OuterRef("pk"))
        back = edges.filter(seen("source__version"), target=OuterRef("pk"))
        return self.filter(seen("version") | Q(version__isnull=True) & (Q(_any(onward)) | Q(_any(back))))


def _any(rows: models.QuerySet[Any]) -> Coalesce:
    """Tell whether there are rows, for each row anew; the database may answer EXISTS by a list of all that exists."""
    found = rows.order_by().values(found=Value(True))[:1]
    return Coalesce(Subquery(found, output_field=models.BooleanField()), False)
