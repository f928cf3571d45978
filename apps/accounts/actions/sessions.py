"""Ending browser sessions."""

from __future__ import annotations

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from apps.accounts import browsers, events, policies
from apps.accounts.models import User
from apps.accounts.policies import Acting
from apps.audit import actions as audit
from apps.core import clock
from apps.core.errors import Conflict


@transaction.atomic
def end_session(user: User, key: int, *, actor: Acting) -> None:
    """Sign a person out of one browser; raises Forbidden, and Conflict where that session has ended."""
    policies.can_end_sessions(actor, user).require()
    if not _end(user, UserSession.objects.filter(user=user, pk=key), actor):
        raise Conflict("This session has ended already.", code="session_ended")


@transaction.atomic
def end_other_sessions(user: User, *, but: str, actor: Acting) -> int:
    """Sign a person out of every browser but the one with this session key; return out of how many."""
    policies.can_end_sessions(actor, user).require()
    return _end(user, UserSession.objects.filter(user=user).exclude(session_key=but), actor)


def _end(user: User, found: QuerySet[UserSession], actor: Acting) -> int:
    """Delete sessions with what is noted of them, and record those that could still be used as one event."""
    rows = list(found.select_for_update().order_by("pk"))
    live = Session.objects.filter(session_key__in=[row.session_key for row in rows])
    ended = set(live.values_list("session_key", flat=True))
    live.delete()
    found.model.objects.filter(pk__in=[row.pk for row in rows]).delete()
    told = [f"{browsers.named(row.user_agent)} at {row.ip}" for row in rows if row.session_key in ended]
    if told:
        data = {"name": str(user), "browsers": told, "count": len(told)}
        audit.record(events.SESSION_ENDED, actor=actor, subject=user, data=data, audience=[user.pk])
    return len(told)


def forget_sessions(user: User) -> None:
    """Forget what is noted of a person's sessions, once a new password has ended them all."""
    UserSession.objects.filter(user=user).delete()


@transaction.atomic
def forget_expired_sessions() -> int:
    """Delete sessions whose time is over, and what is noted of sessions that are gone; return how many were over."""
    over, _ = Session.objects.filter(expire_date__lt=clock.now()).delete()
    # What is noted of a sign-in may be there before its session is.
    noted = UserSession.objects.filter(created_at__lt=clock.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE))
    noted.exclude(Exists(Session.objects.filter(pk=OuterRef("session_key")))).delete()
    return over
