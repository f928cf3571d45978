"""What people do with their inboxes, and how they want to be told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.audit import actions as audit
from apps.core import clock
from apps.core.errors import FieldError, Invalid
from apps.notifications import events, selectors
from apps.notifications.models import Digest, Notice, Preference
from apps.notifications.states import Kind, Sending, next_digest


def mark_read(user: User, ids: Iterable[int]) -> int:
    """Mark notices of a person's own inbox as read; return how many were not before."""
    return _mark_read(user, Notice.objects.filter(pk__in=list(ids)))


def mark_all_read(user: User) -> int:
    """Mark everything in a person's inbox as read; return how many were not before."""
    return _mark_read(user, Notice.objects.all())


def set_preference(user: User, **chosen: Any) -> Preference:
    """Choose ways (`in_app`, `email`), kinds left out (`not_in_app`, `not_by_email`), `digest` and `digest_hour`.

    What is not given stays; raises Invalid. What a digest has gathered comes at the new hour, or at once where
    somebody wants no digest any more, or never where they want no e-mail.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        preference = selectors.preference_of(user)
        before = (preference.email, preference.digest, preference.digest_hour)
        for name, value in _checked(chosen).items():
            setattr(preference, name, value)
        preference.save()
        if before != (preference.email, preference.digest, preference.digest_hour):
            _move_digest(preference)
        audit.record(events.PREFERENCE_SET, actor=user, subject=user, data=_told(preference))
    return preference


def _checked(chosen: dict[str, Any]) -> dict[str, Any]:
    """Return the choices with kinds in their usual order; raises Invalid with every wrong field."""
    errors = []
    for name in chosen.keys() & {"not_in_app", "not_by_email"}:
        asked = set(chosen[name])
        chosen[name] = [kind.value for kind in Kind if kind in asked]
        known = ", ".join(Kind.values)
        errors += [FieldError(name, f"{kind!r} is none of {known}.") for kind in sorted(asked - set(Kind.values))]
    if not 0 <= chosen.get("digest_hour", 0) <= 23:
        errors.append(FieldError("digest_hour", "Give an hour of the day, 0 to 23 (UTC)."))
    if errors:
        raise Invalid("; ".join(f"{error.field}: {error.message}" for error in errors), errors=errors)
    return chosen


def _move_digest(preference: Preference) -> None:
    moment = clock.now()
    due = next_digest(preference.digest_hour, moment) if preference.digest else moment
    state = Sending.DUE if preference.email else Sending.CANCELLED
    gathering = Digest.objects.gathering().filter(user=preference.user_id)
    gathering.update(state=state, next_at=due, nudged_at=None)


def _told(preference: Preference) -> dict[str, Any]:
    ways = [way for way, wanted in (("portal", preference.in_app), ("e-mail", preference.email)) if wanted]
    return {
        "ways": ways or ["none"],
        "not_in_app": preference.not_in_app,
        "not_by_email": preference.not_by_email,
        "digest_hour": preference.digest_hour if preference.digest else None,
    }


def _mark_read(user: User, notices: Any) -> int:
    with transaction.atomic():
        count: int = notices.visible_to(user).unread().update(read_at=clock.now())
        if count:
            audit.record(events.NOTICES_READ, actor=user, subject=user, data={"count": count})
    return count
