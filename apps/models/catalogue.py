"""Keeping the catalogue's derived rows true: what models are found, counted and listed by.

Acts on a model call `refresh` in their transaction; events about people and teams are followed when they are handed
on. `manage.py rebuild_catalogue` makes every row anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from apps.accounts.models import Team, User
from apps.audit.models import Event
from apps.models.entries import PARAMETERS, STATEMENTS
from apps.models.models import RegisteredModel


@transaction.atomic
def refresh(*models: int) -> None:
    """Make the rows of registered models, given by id, equal to the truth; the caller's transaction decides."""
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, {**PARAMETERS, "models": sorted(models)})


def on_people_changed(event: Event, audience: list[int]) -> None:
    """Somebody began or ceased to own a team or model, or came or left: their names are words of its models."""
    refresh(*_concerned(event))


def _concerned(event: Event) -> Iterable[int]:
    if event.subject_type == RegisteredModel.audit_type:
        return [int(event.subject_id)]
    found = RegisteredModel.objects.none()
    if event.subject_type == Team.audit_type:
        found = RegisteredModel.objects.filter(team=int(event.subject_id))
    elif event.subject_type == User.audit_type:
        found = RegisteredModel.objects.owned_by(User.objects.filter(pk=int(event.subject_id)))
    return found.values_list("pk", flat=True)
