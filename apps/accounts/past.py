"""Who held which role at a past instant, read back from the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts import events, grants
from apps.accounts.models import User
from apps.accounts.roles import BUNDLES, InstanceRole, roles_held
from apps.audit import selectors as audit
from apps.audit.models import Event

READERS = tuple(sorted(grants.READS_EVERYTHING))


@dataclass(frozen=True)
class Held:
    """The roles that people had on one object; `untold` are those whose roles the log does not account for."""

    members: list[tuple[User, list[str]]]
    untold: frozenset[int]


def grants_at(target: Any, at: datetime) -> Held:
    """Return who had which roles on a team or registered model at an instant; three queries.

    The log is followed to the present as well: where it does not lead to what somebody holds today, a grant was made
    outside of it, and what they hold today is all that can be told.
    """
    then: dict[str, set[str]] = {}
    now: dict[str, set[str]] = {}
    log = Event.objects.about(type=target.audit_type, id=target.pk).of_type("accounts.role")
    for event in log.order_by("at", "id"):
        for held in (then, now) if event.at <= at else (now,):
            _follow(event, held)
    today = {user.urn: (user, roles) for user, roles in grants.grants_on(target)}
    people = {**audit.people_behind(then.keys() | now.keys()), **{urn: user for urn, (user, _) in today.items()}}
    told = {urn for urn in people if roles_held(now.get(urn, set())) == (today[urn][1] if urn in today else [])}
    found = [
        (user, roles_held(then.get(urn, set())) if urn in told else today[urn][1])
        for urn, user in people.items()
        if urn in told or urn in today
    ]
    members = sorted(((user, roles) for user, roles in found if roles), key=lambda each: each[0].username)
    turn_back([user for user, _ in members], at)
    return Held(members, frozenset(people[urn].pk for urn in people.keys() - told))


def readers_at(at: datetime) -> list[tuple[str, User]]:
    """Return who read everything at an instant, through which role; undone from the present, event by event."""
    holders = User.objects.filter(groups__name__in=READERS).values_list("groups__name", "pk")
    held = {(role, str(pk)) for role, pk in holders if role in READERS}
    changes = Event.objects.of_type("accounts.instance_role").filter(at__gt=at)
    for event in changes.order_by("-at", "-id"):
        place = (event.data["role"], event.subject_id)
        if event.type == str(events.INSTANCE_ROLE_GIVEN):
            held.discard(place)
        elif place[0] in READERS:
            held.add(place)
    people = User.objects.in_bulk({int(pk) for _, pk in held})
    turn_back(people.values(), at)
    found = [(role, people[int(pk)]) for role, pk in held if int(pk) in people and people[int(pk)].is_active]
    ordered = sorted(found, key=lambda each: (READERS.index(InstanceRole(each[0])), each[1].name))
    return [(str(InstanceRole(role).label), user) for role, user in ordered]


def turn_back(people: Iterable[User], at: datetime) -> None:
    """Set whether accounts were active back to an instant; one query."""
    by_key = {str(user.pk): user for user in people}
    later = Event.objects.filter(subject_type=User.audit_type, subject_id__in=by_key, at__gt=at)
    turns = (str(events.USER_DEACTIVATED), str(events.USER_REACTIVATED))
    for event in later.filter(type__in=turns).order_by("-at", "-id"):
        by_key[event.subject_id].is_active = event.type == turns[0]


def _follow(event: Event, held: dict[str, set[str]]) -> None:
    """Do to a table of permissions what `grants.give` and `grants.take` did then."""
    role, permissions = event.data["role"], held.setdefault(event.data["user"], set())
    bundle = BUNDLES.get(role, frozenset())
    if event.type == str(events.ROLE_GIVEN):
        permissions |= bundle
    else:
        others = [BUNDLES[other] for other in roles_held(permissions) if other != role]
        permissions -= bundle - frozenset().union(*others)
