"""People as admin lists are searched for them."""

from __future__ import annotations

from django.db.models import Q

from apps.accounts.models import User
from apps.core.admin.searching import Search


def by_person(column: str) -> Search:
    """Search for what people or programs did whose user name or name holds the text."""

    def search(text: str) -> Q | None:
        people = User.objects.filter(Q(username__icontains=text) | Q(name__icontains=text))
        return Q(**{f"{column}__in": people.values("pk")}) if people.exists() else None

    return search
