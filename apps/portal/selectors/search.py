"""The search in the top bar: models, versions, promotions, people and teams that a reader may know of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from apps.accounts.models import Team, User
from apps.approvals.models import Promotion
from apps.models.models import CatalogueEntry, ModelVersion
from apps.models.querylanguage import LONGEST, parse
from apps.portal import wording

SUGGESTED, LISTED = 5, 25
# How many of the best models may lend their versions and promotions.
NEAREST = 50
NUMBER = re.compile(r"#?(\d{1,18})")
VERSION = re.compile(r"(?P<model>.*\S)\s+v?(?P<version>\d[\w.+-]*)")


@dataclass(frozen=True)
class Hit:
    """Something found: its name, what tells it from others, and where it is."""

    label: str
    note: str
    address: str


@dataclass(frozen=True)
class Group:
    """What was found of one kind; `more` leads to the whole list, where there is one."""

    title: str
    hits: Sequence[Hit]
    more: str = ""


def results(user: User, text: str, most: int = LISTED) -> list[Group]:
    """Return what a text finds, kinds without a hit left out; seven queries at most."""
    text = "".join(sign if sign.isprintable() else " " for sign in text[:LONGEST]).strip()
    if not text:
        return []
    split = VERSION.fullmatch(text)
    model, version = (split["model"], split["version"]) if split else (text, "")
    nearest = _nearest(user, model)
    entries = _nearest(user, text) if split else nearest
    groups = [
        Group("Versions", [_version(each) for each in _versions(user, nearest, version, most)]),
        Group("Models", [_model(entry) for entry in entries[:most]], _more("portal:catalogue", q=text)),
        Group("Promotions", [_promotion(each) for each in _promotions(user, text, nearest, version, most)]),
        Group("People", [_person(each) for each in _people(user, text)[:most]]),
        Group("Teams", [_team(each) for each in _teams(user, text)[:most]]),
    ]
    return [group for group in groups if group.hits]


def _nearest(user: User, text: str) -> list[CatalogueEntry]:
    query = parse(text)
    if not query.terms:
        return []
    entries = CatalogueEntry.objects.visible_to(user).matching(query).best_first(query)
    found = entries.select_related("team").defer("words")[:NEAREST]
    return sorted(found, key=lambda entry: (entry.name != text, not entry.name.startswith(text)))


def _versions(user: User, nearest: Sequence[CatalogueEntry], version: str, most: int) -> Sequence[ModelVersion]:
    if not version:
        return ()
    found = ModelVersion.objects.visible_to(user).filter(registered_model__in=[entry.pk for entry in nearest])
    found = found.filter(version__startswith=version).select_related("registered_model")
    places = {entry.pk: place for place, entry in enumerate(nearest)}
    rows = found.with_stage().order_by("registered_model__name", "-precedence")[:NEAREST]
    return sorted(rows, key=lambda row: places[row.registered_model_id])[:most]


def _promotions(
    user: User, text: str, nearest: Iterable[CatalogueEntry], version: str, most: int
) -> Iterable[Promotion]:
    found = Promotion.objects.visible_to(user).select_related("version__registered_model")
    if number := NUMBER.fullmatch(text):
        return found.filter(pk=int(number[1]))
    found = found.filter(registered_model__in=[entry.pk for entry in nearest])
    if version:
        found = found.filter(version__version__startswith=version)
    return found.order_by("-pk")[:most]


def _people(user: User, text: str) -> QuerySet[User]:
    met = Q()
    for word in text.split():
        met &= Q(username__istartswith=word) | Q(name__icontains=word)
    return User.objects.active().known_to(user).filter(met).order_by("name", "username")


def _teams(user: User, text: str) -> QuerySet[Team]:
    return Team.objects.visible_to(user).filter(Q(slug__icontains=text) | Q(name__icontains=text)).order_by("name")


def _model(entry: CatalogueEntry) -> Hit:
    live = f", {entry.production_version} in production" if entry.production_version else ""
    return Hit(entry.name, f"{entry.team}{live}", reverse("portal:model", args=[entry.name]))


def _version(version: ModelVersion) -> Hit:
    stage: str | None = getattr(version, "stage", None)
    where = reverse("portal:version", args=[version.registered_model.name, version.version])
    return Hit(str(version), stage or version.state, where)


def _promotion(promotion: Promotion) -> Hit:
    where = reverse("approvals:promotion", args=[promotion.pk])
    return Hit(f"{promotion}", f"#{promotion.pk}, {wording.look_of(promotion.state).word.lower()}", where)


def _person(somebody: User) -> Hit:
    kind = "program" if somebody.is_service_account else ""
    note = f"{somebody.username}, {kind}" if kind else somebody.username
    return Hit(str(somebody), note, reverse("portal:person", args=[somebody.username]))


def _team(team: Team) -> Hit:
    return Hit(team.name, "its models", _more("portal:catalogue", team=team.slug))


def _more(name: str, **query: str) -> str:
    return f"{reverse(name)}?{urlencode(query)}"
