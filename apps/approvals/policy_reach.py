"""How far a policy reaches: the models it governs, what they need in effect, and which open promotions it touches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from apps.approvals import evidence, policy_words, requirements
from apps.approvals.models import Policy, PolicyVersion, Promotion
from apps.approvals.policy_words import Sourced, Turn
from apps.models.models import RegisteredModel

# Of more open promotions than this the newest are looked at.
MOST = 500


@dataclass(frozen=True)
class Touched:
    """An open promotion whose requirement a new wording changes, and how many approvals have to be given anew."""

    promotion: Promotion
    turns: tuple[Turn, ...]
    approvals: int


@dataclass(frozen=True)
class Reach:
    """What saving a wording would do to open promotions; `more` where there are others that were not looked at."""

    looked_at: int
    touched: tuple[Touched, ...]
    more: bool = False


def governed(policy: Policy) -> QuerySet[RegisteredModel]:
    """Return the models whose promotions to its stage a policy governs."""
    found = RegisteredModel.objects.all()
    if policy.registered_model is not None:
        found = found.filter(pk=policy.registered_model.pk)
    if policy.team is not None:
        found = found.filter(team=policy.team)
    return found.filter(risk_tier=policy.risk_tier) if policy.risk_tier else found


def effective(registered_model: RegisteredModel, stage: str) -> tuple[list[PolicyVersion], list[Sourced]]:
    """Return the policies that hold for promotions of a model to a stage, and what they ask for together."""
    found = evidence.current_policies(registered_model, stage)
    rows = PolicyVersion.objects.filter(pk__in=[version.pk for version in found])
    versions = list(rows.select_related("policy__team", "policy__registered_model").order_by("policy_id"))
    layers = [(str(version), requirements.parse(version.document)) for version in versions]
    return versions, policy_words.joined(layers)


def touched(policy: Policy, document: dict[str, Any]) -> Reach:
    """Return what making a document the next version would do to open promotions (R7); nothing is stored.

    `policy` may be one that is not saved yet. Pinned versions keep counting, so loosening shows nowhere here.
    A constant number of queries.
    """
    rows = _open(policy)
    promotions, present = rows[:MOST], _present(policy.stage)
    proposed = PolicyVersion(policy=policy, document=document)
    found = [(promotion, _turns(promotion, policy, present, proposed)) for promotion in promotions]
    changed = tuple(Touched(promotion, turns, _approvals(promotion)) for promotion, turns in found if turns)
    return Reach(len(promotions), changed, more=len(rows) > MOST)


def _open(policy: Policy) -> list[Promotion]:
    models = governed(policy).order_by().values("pk")
    rows = Promotion.objects.pending().filter(target_stage=policy.stage, registered_model__in=models)
    related = ("registered_model__team", "version__registered_model", "requested_by")
    return list(rows.select_related(*related).prefetch_related("pinned").order_by("-pk")[: MOST + 1])


def _present(stage: str) -> dict[tuple[int | None, int | None, str], PolicyVersion]:
    """Return by layer and tier the newest version of every policy of a stage."""
    newest = PolicyVersion.objects.newest().filter(policy__stage=stage)
    return {_place(version.policy): version for version in newest}


def _place(policy: Policy) -> tuple[int | None, int | None, str]:
    return policy.team_id, policy.registered_model_id, policy.risk_tier


def _turns(
    promotion: Promotion,
    policy: Policy,
    present: dict[tuple[int | None, int | None, str], PolicyVersion],
    proposed: PolicyVersion,
) -> tuple[Turn, ...]:
    model, pinned = promotion.registered_model, list(promotion.pinned.all())
    layers = ((None, None), (model.team_id, None), (None, model.pk))
    places = [(team, registered, tier) for team, registered in layers for tier in ("", model.risk_tier)]
    now = [present[place] for place in places if place in present]
    then = [version for version in now if _place(version.policy) != _place(policy)] + [proposed]
    before, after = (_joined([*pinned, *versions], promotion.kind) for versions in (now, then))
    return tuple(policy_words.differences(before, after))


def _joined(versions: Iterable[PolicyVersion], kind: str) -> requirements.Requirement:
    return evidence.requirement_from(versions, kind)


def _approvals(promotion: Promotion) -> int:
    return sum(len(rule["filled_by"]) for rule in promotion.standing.get("rules", ()))


def history(policy: Policy) -> list[tuple[PolicyVersion, list[Turn]]]:
    """Return the versions of a policy, newest first, each with what it changed against the one before."""
    versions = list(policy.versions.select_related("created_by").order_by("-number"))
    before: dict[int, Any] = defaultdict(dict, {version.number: version.document for version in versions})
    return [
        (version, policy_words.compare(before[version.number - 1], version.document) if version.number > 1 else [])
        for version in versions
    ]
