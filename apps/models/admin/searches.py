"""Models and versions as admin lists are searched for them."""

from __future__ import annotations

from django.db.models import Q

from apps.core.admin.searching import Search
from apps.models.models import RegisteredModel

# Up to so many models are named one by one: the database then knows how few rows it looks for.
MOST = 1_000


def by_model(column: str = "registered_model") -> Search:
    """Search for what belongs to models whose names hold the text."""

    def search(text: str) -> Q | None:
        models = RegisteredModel.objects.called(text.strip()).order_by()
        found = list(models.values_list("pk", flat=True)[: MOST + 1])
        return Q(**{f"{column}__in": found if len(found) <= MOST else models.values("pk")}) if found else None

    return search


def by_version(column: str = "") -> Search:
    """Search for what belongs to one version, as in `card-fraud 1.4.0`."""
    before = f"{column}__" if column else ""

    def search(text: str) -> Q | None:
        name, _, version = text.strip().rpartition(" ")
        model = RegisteredModel.objects.named(name.strip()).first() if name else None
        return Q(**{f"{before}registered_model": model, f"{before}version": version}) if model else None

    return search
