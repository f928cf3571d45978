"""Where the page of an object is, and what the log holds about it, by the type and id that audit events carry."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q
from django.urls import reverse

from apps.accounts.models import ApiToken, Team, User
from apps.approvals.models import AttachedEvidence, Promotion
from apps.audit.querysets import EventQuerySet
from apps.core.keys import key_in
from apps.models.models import Alias, Artifact, ModelVersion, RegisteredModel
from apps.notifications.models import Delivery, Endpoint

# Everything below these is recorded within their scope.
SCOPED = frozenset({"model", "team", "user"})
# Their pages can be asked about a past instant.
DATED = frozenset({"model", "version", "artifact", "alias", "evidence"})


def address(user: User, kind: str, key: str, suffix: str = "") -> str | None:
    """Return the address of an object's page; None where there is none that the user may see.

    `suffix` names the instant that pages of the registry are asked about.
    """
    find = FINDERS.get(kind)
    pk = key_in(key)
    found = find(user, pk) if find and pk is not None else None
    return f"{found}{suffix}" if found and kind in DATED else found


def about(events: EventQuerySet, kind: str, key: str) -> EventQuerySet:
    """Keep everything about one object: what was done to it, and to what belongs to it."""
    if kind in SCOPED:
        return events.within(f"{kind}:{key}")
    pk = key_in(key)
    if kind == ModelVersion.audit_type and pk is not None:
        return events.filter(_about_version(pk))
    return events.about(type=kind, id=key)


def meant(events: EventQuerySet, text: str) -> EventQuerySet:
    """Keep what is about the object that somebody names: `card-fraud`, `card-fraud 1.4.0` or `promotion:7`."""
    kind, colon, key = text.partition(":")
    if colon:
        return about(events, kind.strip(), key.strip())
    name, _, version = text.partition(" ")
    if not version:
        found = RegisteredModel.objects.named(name).values_list("pk", flat=True).first()
        return about(events, RegisteredModel.audit_type, str(found)) if found else events.none()
    versions = ModelVersion.objects.filter(registered_model__name=name, version=version.strip())
    found = versions.values_list("pk", flat=True).first()
    return about(events, ModelVersion.audit_type, str(found)) if found else events.none()


def _about_version(key: int) -> Q:
    condition = Q(subject_type=ModelVersion.audit_type, subject_id=str(key))
    for table in (Artifact, Promotion, AttachedEvidence):
        below = table._default_manager.filter(version=key).values_list("pk", flat=True)
        condition |= Q(subject_type=table.audit_type, subject_id__in=[str(pk) for pk in below])
    return condition


def _model(user: User, key: int) -> str | None:
    found = RegisteredModel.objects.visible_to(user).filter(pk=key).first()
    return reverse("portal:model", args=[found.name]) if found else None


def _version(user: User, key: int) -> str | None:
    found = ModelVersion.objects.visible_to(user).filter(pk=key).select_related("registered_model").first()
    return reverse("portal:version", args=[found.registered_model.name, found.version]) if found else None


def _promotion(user: User, key: int) -> str | None:
    found = Promotion.objects.visible_to(user).filter(pk=key).exists()
    return reverse("approvals:promotion", args=[key]) if found else None


def _artifact(user: User, key: int) -> str | None:
    return _version(user, Artifact.objects.filter(pk=key).values_list("version", flat=True).first() or 0)


def _alias(user: User, key: int) -> str | None:
    return _model(user, Alias.objects.filter(pk=key).values_list("registered_model", flat=True).first() or 0)


def _evidence(user: User, key: int) -> str | None:
    return _version(user, AttachedEvidence.objects.filter(pk=key).values_list("version", flat=True).first() or 0)


def _team(user: User, key: int) -> str | None:
    found = Team.objects.visible_to(user).filter(pk=key).first()
    return f"{reverse('portal:catalogue')}?team={found.slug}" if found else None


def _token(user: User, key: int) -> str | None:
    found = ApiToken.objects.visible_to(user).filter(pk=key).first()
    if found is None:
        return None
    return reverse("accounts:tokens") if found.user_id == user.pk else _user(user, found.user_id)


def _user(user: User, key: int) -> str | None:
    program = User.objects.managed_by(user).filter(pk=key).first()
    if program:
        return reverse("accounts:service-account", args=[program.username])
    return reverse("accounts:profile") if key == user.pk else None


def _endpoint(user: User, key: int) -> str | None:
    found = Endpoint.objects.visible_to(user).filter(pk=key).exists()
    return reverse("webhooks:webhook", args=[key]) if found else None


def _delivery(user: User, key: int) -> str | None:
    found = Delivery.objects.visible_to(user).filter(pk=key).first()
    return reverse("webhooks:delivery", args=[found.endpoint_id, key]) if found else None


FINDERS: dict[str, Callable[[User, int], str | None]] = {
    "model": _model,
    "version": _version,
    "promotion": _promotion,
    "artifact": _artifact,
    "alias": _alias,
    "evidence": _evidence,
    "team": _team,
    "token": _token,
    "user": _user,
    "endpoint": _endpoint,
    "delivery": _delivery,
}
