"""Models as they were at an instant, read back from the log where their rows hold the present only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from apps.audit.models import Event
from apps.core.errors import Invalid
from apps.models import events
from apps.models.models import Alias, ModelVersion, RegisteredModel
from apps.models.states import VersionState
from apps.portal import wording

CHANGING = ("risk_tier", "description", "card", "tags", "visibility")


def require_known(thing: RegisteredModel | ModelVersion, at: datetime) -> None:
    """Raise Invalid where the model or version was not registered yet."""
    if thing.created_at > at:
        raise Invalid(
            f"{thing} was registered on {wording.exact(thing.created_at)}; choose a time after that.",
            code="not_registered_yet",
            field="at",
        )


def turn_back(models: Sequence[RegisteredModel], at: datetime) -> None:
    """Set what can be changed of models back to what it was at an instant; one query."""
    by_key: dict[str, list[RegisteredModel]] = {}
    for model in models:
        by_key.setdefault(str(model.pk), []).append(model)
    later = Event.objects.filter(subject_type=RegisteredModel.audit_type, subject_id__in=by_key, at__gt=at)
    for event in later.filter(type=str(events.MODEL_CHANGED)).order_by("-at", "-id"):
        before = event.data["before"]
        for model in by_key[event.subject_id]:
            for name in before.keys() & set(CHANGING):
                setattr(model, name, before[name])


def unseal(versions: Iterable[ModelVersion], at: datetime) -> None:
    """Show as pending what was sealed or given up later than an instant; one query where any was given up."""
    later = [each for each in versions if each.sealed_at is None or each.sealed_at > at]
    given_up = [str(each.pk) for each in later if each.state == VersionState.FAILED]
    log = Event.objects.filter(type=str(events.VERSION_FAILED), subject_id__in=given_up).until(at)
    failed = set(log.values_list("subject_id", flat=True)) if given_up else set()
    for version in later:
        if str(version.pk) not in failed:
            version.state, version.failure = VersionState.PENDING, ""
            version.manifest_digest, version.sealed_at, version.sealed_by = "", None, None


def aliases(model: RegisteredModel, at: datetime) -> list[Alias]:
    """Return where a model's aliases pointed at an instant; one query."""
    found: dict[str, Alias] = {}
    log = Event.objects.within(f"model:{model.pk}").of_type("models.alias").until(at)
    for event in log.order_by("at", "id"):
        name, version = event.data["alias"], event.data.get("version")
        found.pop(name, None)
        if version:
            found[name] = Alias(name=name, version=ModelVersion(version=version), set_at=event.at)
    return [found[name] for name in sorted(found)]


def pointing_to(version: ModelVersion, found: Iterable[Alias]) -> list[Alias]:
    """Return those of a model's aliases that pointed to a version; no query."""
    return [alias for alias in found if alias.version.version == version.version]
