"""Each act through the domain, the API, the portal and the admin, as everybody, gives the same answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from apps.accounts.models import Team, User
from apps.approvals.models import Decision, PolicyVersion, Promotion
from apps.models.models import ModelVersion, RegisteredModel, StageAssignment
from tests import factories
from tests.parity.acts import ACTS, Act, sees_model
from tests.parity.acts.act import REVIEWERS
from tests.parity.acts.promotions import decide, demote, execute, report, withdraw
from tests.parity.doors import DONE, DOORS, SHUT, Answer, by_api, by_domain, client, tried
from tests.parity.world import World, made, rows
from tests.personas import PERSONAS

WEBHOOKS = {"Endpoint": {"enable", "disable", "rotate_secret"}, "Delivery": {"redeliver"}}
ADMIN_ACTS: dict[str, dict[str, set[str]]] = {
    "auditor": {},
    "superuser": {},
    "administrator": {
        "User": {
            "deactivate",
            "reactivate",
            "give_instance_role",
            "take_instance_role",
            "hand_over",
        },
        "Team": {"give_role", "take_role"},
        "ApiToken": {"revoke"},
        **WEBHOOKS,
    },
    "compliance": {"RegisteredModel": {"change_tier"}, "Event": {"erase_personal_data"}, **WEBHOOKS},
}
GOVERNED = (Promotion, Decision, PolicyVersion, ModelVersion, RegisteredModel, StageAssignment)
VERBS = {
    "decide": decide("reject", "", REVIEWERS),
    "withdraw": withdraw(""),
    "execute": execute(""),
    "report_check": report("ci", ""),
}
# The portal takes the same form sent twice for one decision instead of refusing the second.
TWICE = "already_decided"


@pytest.fixture
def world(personas: dict[str, User], team: Team) -> World:
    """The situation, before it is brought about."""
    return made(personas, team)


def answers(world: World, act: Act, persona: str) -> tuple[Answer, dict[str, Answer]]:
    """Return what the domain answers a person, and what each face that has the act does."""
    faces = {name: door for name, door in DOORS.items() if getattr(act, name)}
    return tried(by_domain, world, persona, act), {
        name: tried(door, world, persona, act) for name, door in faces.items()
    }


def disparity(face: str, act: Act, user: User, expected: Answer, answer: Answer, before: Any) -> str:
    """Return in what a face's answer is not the domain's; nothing where they agree."""
    served = user.username in act.to.get(face, frozenset(PERSONAS)) and not (face == "portal" and user.owner_id)
    if not served:
        return "" if answer.rows == before else "changes something for somebody it does not serve"
    if answer.status == SHUT:
        return "has no way in"
    if answer.rows != expected.rows:
        return f"leaves other rows than the domain: {answer.status} {answer.code} for {expected.status} {expected.code}"
    if face == "admin":
        return "" if answer.offered and _told(expected, answer) else "does not offer it or does not say why not"
    if face == "api" and user.owner_id and answer.code == "missing_scope":
        return "" if expected.status != DONE else "needs a scope that the program cannot have"
    if face == "portal" and expected.code == TWICE:
        return "" if answer.status == DONE else "does not take the same form sent twice for one decision"
    if answer.status != expected.status:
        return f"says {answer.status} {answer.code} {answer.text[:200]!r} for {expected.status} {expected.text!r}"
    if face == "api" and (answer.code, answer.text) != (expected.code, expected.text) and _worded(expected):
        return f"says {answer.code} {answer.text!r} for {expected.code} {expected.text!r}"
    if face == "portal" and not (_told(expected, answer) if expected.status != DONE else answer.offered):
        return f"does not say: {expected.text}" if expected.status != DONE else "has no such form on its page"
    return ""


def _worded(expected: Answer) -> bool:
    """Tell whether the domain's own words are owed: not where something is hidden, nor where a face parses first."""
    return expected.status not in (DONE, 400, 404)


def _told(expected: Answer, answer: Answer) -> bool:
    return not _worded(expected) or expected.text in answer.text


def offered_acts(user: User) -> dict[str, set[str]]:
    """Return the acts that the admin offers somebody, by table."""
    request = RequestFactory().get("/admin/")
    request.user = user
    offered = {table.__name__: set(page.get_actions(request)) for table, page in admin.site._registry.items()}
    return {table: names for table, names in offered.items() if names}


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_everybody_gets_the_same_answer_through_every_face(world: World, act: Act):
    world.bring(act.situation)
    before, wrong = rows(), {}
    for persona in PERSONAS:
        expected, found = answers(world, act, persona)
        done = expected.rows != before
        if done is not (persona in act.by) or done is not (expected.status == DONE):
            wrong[persona] = f"{expected.status} {expected.text}"
        said = {face: disparity(face, act, world.people[persona], expected, found[face], before) for face in found}
        wrong |= {f"{persona}, {face}": words for face, words in said.items() if words}
    assert wrong == {}


@pytest.mark.parametrize("persona", ADMIN_ACTS)
def test_admin_offers_no_act_beyond_the_table(personas: dict[str, User], persona: str):
    assert offered_acts(personas[persona]) == ADMIN_ACTS[persona]


@pytest.mark.parametrize("persona", ADMIN_ACTS)
def test_admin_changes_nothing_about_what_is_governed(world: World, persona: str):
    world.bring("approved")
    browser, before = factories.browser(world.people[persona]), rows()
    forged = {"state": "executed", "verdict": "approve", "stage": "production", "_selected_action": "1"}
    for table in GOVERNED:
        name, row = f"admin:{table._meta.label_lower.replace('.', '_')}", table._base_manager.first()
        listing = reverse(f"{name}_changelist")
        assert browser.post(reverse(f"{name}_change", args=[row.pk]), forged).status_code in (302, 403)
        for address in (f"{listing}{row.pk}/delete/", f"{listing}add/"):
            assert browser.post(address, {**forged, "post": "yes"}).status_code in (302, 403, 404)
        for act in ("delete_selected", "approve", "execute", "demote"):
            browser.post(reverse(f"{name}_changelist"), {**forged, "action": act, "_selected_action": row.pk})
    assert rows() == before


@pytest.mark.parametrize("situation", ["approved", "checked", "executed"])
def test_api_announces_exactly_what_it_would_do(world: World, situation: str):
    world.bring(situation)
    address, announced, done = f"/api/v1/promotions/{world.promotion.pk}/", {}, {}
    for persona in PERSONAS:
        attempts = {verb: tried(by_api, world, persona, act) for verb, act in VERBS.items()}
        done[persona] = {verb for verb, answer in attempts.items() if answer.status == DONE}
        announced[persona] = set(client(world, persona).get(address).json().get("allowed_actions", ()))
    assert announced == done


def test_demotion_is_read_through_every_face(world: World):
    world.bring("executed")
    demote("executed").do(world, world.people["owner"])
    demotion = Promotion.objects.latest("pk")
    for persona in set(PERSONAS) - {"pipeline"}:
        status = 200 if sees_model(world, world.people[persona]) else 404
        page = factories.browser(world.people[persona]).get(f"/promotions/{demotion.pk}/")
        answer = client(world, persona).get(f"/api/v1/promotions/{demotion.pk}/")
        assert (page.status_code, answer.status_code) == (status, status), persona
