"""Who may fill which place: membership of groups, and whom separation of duties excludes (R1, R2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet, Value

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import InstanceRole, Permission, Role
from apps.approvals.models import Promotion
from apps.approvals.requirements import Requirement
from apps.models.models import Artifact, RegisteredModel
from apps.models.states import Visibility

GROUP_WORDS = {
    Role.REVIEWER.value: "reviewers",
    Role.OWNER.value: "owners",
    InstanceRole.COMPLIANCE_OFFICER.value: "compliance officers",
}
# What a member of a group may do on the model, or on its team.
PERMISSIONS: dict[str, str] = {Role.REVIEWER.value: Permission.REVIEW, Role.OWNER.value: Permission.MANAGE}


@dataclass(frozen=True)
class Seat:
    """An active person who filled a place of these groups, and the model it was about."""

    person: int
    groups: tuple[str, ...]
    model: int
    team: int
    visibility: str


def group_words(group: str) -> str:
    """Return a group's name as a sentence uses it."""
    return GROUP_WORDS.get(group) or f"reviewers of team {group.removeprefix('team:')}"


def role_word(group: str) -> str:
    """Return what one member of a group is called."""
    several, of, team = group_words(group).partition(" of ")
    return several.removesuffix("s") + of + team


def members(group: str, registered_model: RegisteredModel) -> dict[int, User]:
    """Return the active people of a group who may see the model, by id; service accounts are never members."""
    targets = (registered_model, registered_model.team)
    people: QuerySet[User]
    if group == InstanceRole.COMPLIANCE_OFFICER:
        people = User.objects.holding(group).people()
    elif group in PERMISSIONS:
        people = grants.holders(PERMISSIONS[group], targets)
    else:
        people = grants.holders(Permission.REVIEW, Team.objects.filter(slug=group.removeprefix("team:")))
        if registered_model.visibility != Visibility.ORGANISATION:
            people = people.filter(pk__in=grants.holders(Permission.VIEW, targets).values("pk"))
    return {person.pk: person for person in people.order_by("username")}


def kept(seats: Collection[Seat]) -> set[Seat]:
    """Return the seats whose person is among the `members` of a group of theirs today; a few queries for any number."""
    groups = {group for seat in seats for group in seat.groups}
    return {seat for group in groups for seat in _kept(group, {seat for seat in seats if group in seat.groups})}


def _kept(group: str, seats: set[Seat]) -> set[Seat]:
    if group in PERMISSIONS:
        return _holding(PERMISSIONS[group], seats)
    if group == InstanceRole.COMPLIANCE_OFFICER:
        officers = set(User.objects.holding(group).people().values_list("pk", flat=True))
        return {seat for seat in seats if seat.person in officers}
    team = grants.holders(Permission.REVIEW, Team.objects.filter(slug=group.removeprefix("team:")))
    people = set(team.values_list("pk", flat=True))
    there = {seat for seat in seats if seat.person in people}
    closed = {seat for seat in there if seat.visibility != Visibility.ORGANISATION}
    return (there - closed) | _holding(Permission.VIEW, closed)


def _holding(permission: str, seats: set[Seat]) -> set[Seat]:
    on_models = grants.held(permission, RegisteredModel, {seat.model for seat in seats})
    on_teams = grants.held(permission, Team, {seat.team for seat in seats})
    return {seat for seat in seats if (seat.person, seat.model) in on_models or (seat.person, seat.team) in on_teams}


def exclusions(promotion: Promotion) -> dict[int, str]:
    """Return whom R1 excludes from deciding, each with the reason they read; one query."""
    version = promotion.version
    registered = {version.registered_by_id, version.sealed_by_id}
    named = User.objects.filter(pk__in=[pk for pk in (promotion.requested_by_id, *registered) if pk is not None])
    uploads = Artifact.objects.filter(version=version).order_by().values("uploaded_by")
    uploaded = User.objects.filter(pk__in=uploads)
    parts = (part.order_by().annotate(uploads=Value(mark)) for part, mark in ((named, False), (uploaded, True)))
    found = list(next(parts).union(*parts, all=True))
    involved = {user.pk: user for user in found}
    causes = (
        ({promotion.requested_by_id}, "asked for this promotion"),
        (registered, "registered this version"),
        ({user.pk for user in found if vars(user)["uploads"]}, "uploaded artifacts of this version"),
    )
    reasons: dict[int, str] = {}
    for ids, deed in causes:
        for user in (involved[pk] for pk in ids if pk in involved):
            reasons.setdefault(user.pk, f"You {deed}, so you cannot review it.")
            if user.owner_id is not None:
                text = f"Your service account {user.username} {deed}, so you cannot review it."
                reasons.setdefault(user.owner_id, text)
    return reasons


def eligible(requirement: Requirement, promotion: Promotion, excluded: Mapping[int, str]) -> dict[str, dict[int, User]]:
    """Return by group who may fill its places now; a query for each group."""
    return {
        rule.group: {pk: p for pk, p in members(rule.group, promotion.registered_model).items() if pk not in excluded}
        for rule in requirement.rules
    }
