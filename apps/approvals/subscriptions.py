"""What approvals listen to: changes of a model at once, changes of people when their event is handed on."""

from __future__ import annotations

from apps.approvals import actions
from apps.audit import actions as audit
from apps.audit import outbox
from apps.audit.models import Event
from apps.core import jobs


def connect() -> None:
    """Subscribe; called once when the app is ready."""
    audit.on_record("models.model.changed", on_model_changed)
    outbox.subscribe("accounts.", on_people_changed)
    outbox.subscribe("approvals.policy.", on_people_changed)


def on_model_changed(event: Event) -> None:
    """A new risk tier or visibility changes evidence and eligibility: re-evaluate in the same transaction."""
    actions.refresh_model(int(event.subject_id))


def on_people_changed(event: Event, audience: list[int]) -> None:
    """Somebody gained or lost a role, or a policy changed: look at every pending promotion again (R7, R10)."""
    jobs.nudge("apps.approvals.tasks.refresh_pending")
