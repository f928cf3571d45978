"""Policies in the admin: written with a form that loses nothing, shown before it is saved, by compliance officers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from apps.accounts.models import Team, User
from apps.approvals import events
from apps.approvals.admin.policy_drafts import Draft
from apps.approvals.models import Policy, PolicyVersion, Promotion
from apps.models.models import RegisteredModel
from tests.approvals.acts import decide
from tests.assertions import assert_audited, assert_unchanged
from tests.factories import browser

TWO = {"name": "reviewers", "group": "reviewer", "min_approvals": 2}
EVERYTHING: dict[str, Any] = {
    "rules": [TWO, {"name": "risk people", "group": "team:cards", "min_approvals": 1}],
    "checks": [
        {"name": "auc", "kind": "metric", "metric": "auc", "minimum": 0.9, "max_regression": 0.01},
        {"name": "loss", "kind": "metric", "metric": "log_loss", "maximum": 0.3, "direction": "lower"},
        {"name": "origin", "kind": "lineage"},
        {"name": "origin again", "kind": "lineage", "require": ["run", "code"]},
        {"name": "scan", "kind": "scan", "accept": ["clean", "not_scanned"]},
        {"name": "report", "kind": "evidence", "evidence_kind": "evaluation_report", "max_age_days": 90},
        {"name": "ci", "kind": "external", "reporter": "pipeline", "max_age_hours": 12},
        {"name": "bytes", "kind": "artifacts"},
        {"name": "metadata", "kind": "metadata"},
    ],
    "execution": "manual",
    "expires_after_days": 7,
    "execute_within_hours": 24,
    "requester": "owner",
    "needs_reason": True,
    "rollback": {"rules": [{**TWO, "min_approvals": 1}], "within_days": 30},
}


def filled(draft: Draft, **changed: Any) -> QueryDict:
    """Return what a browser sends of the form as it is shown, with changes."""
    sent = QueryDict(mutable=True)
    for form in [draft.terms, *draft.rules, *draft.rollback, *draft.checks, *([draft.place] if draft.place else [])]:
        for bound in form:
            value = bound.value()
            if isinstance(value, list):
                sent.setlist(bound.html_name, [str(each) for each in value])
            elif value not in (None, False):
                sent[bound.html_name] = "on" if value is True else str(value)
    for group, count in draft.counts:
        sent[f"{group}-count"] = str(count)
    for name, value in changed.items():
        sent[name.replace("__", "-")] = str(value)
    return sent


@pytest.fixture
def low(db: None) -> Policy:
    """The organisation's policy for low-tier models going to production."""
    return Policy.objects.get(stage="production", risk_tier="low")


@pytest.fixture
def page(low: Policy) -> str:
    """Where its next version is written."""
    return f"/admin/approvals/policy/{low.pk}/edit/"


def form_of(policy: Policy, actor: User, **changed: Any) -> dict[str, list[str]]:
    """Return the form of a policy's next version, filled in."""
    newest = policy.versions.order_by("-number").first()
    assert newest is not None
    draft = Draft(actor=actor, policy=policy, document=newest.document)
    return dict(filled(draft, **{"base": newest.number, **changed}).lists())


@pytest.mark.parametrize("document", [{}, {"rules": [], "checks": []}, {"rules": [TWO]}, EVERYTHING])
def test_form_sent_as_it_is_shown_says_the_same(
    low: Policy, compliance: User, team: Team, pipeline: User, document: dict[str, Any]
):
    shown = Draft(actor=compliance, policy=low, document=document)
    sent = Draft(actor=compliance, policy=low, document=document, sent=filled(shown))
    assert sent.is_valid, [form.errors for form in [sent.terms, *sent.rules, *sent.checks]]
    assert sent.document == {"rules": [], "checks": [], **document}
    assert sent.sentences == shown.sentences


def test_officer_sees_what_a_version_does_before_it_is_saved(
    low: Policy, page: str, promotion: Promotion, reviewer: User, compliance: User
):
    decide(promotion, reviewer)
    form = form_of(low, compliance, step="review", **{"rules-0-min_approvals": 3})
    with assert_unchanged(PolicyVersion, Promotion):
        said = browser(compliance).post(page, form).content.decode()
    assert "Three reviewers of the model or its team instead of two." in said
    assert "1 of 1 open promotion need something else" in re.sub(r"\s+", " ", said)
    assert "It governs 1 model." in said
    assert f"/promotions/{promotion.pk}/" in said


def test_officer_saves_what_was_shown(low: Policy, page: str, compliance: User):
    client = browser(compliance)
    form = form_of(low, compliance, step="review", **{"rules-0-min_approvals": 3, "terms-note": "After the audit"})
    shown = client.post(page, form).content.decode()
    kept = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shown)
    again: dict[str, list[str]] = {"step": ["save"]}
    for name, value in kept:
        again.setdefault(name, []).append(value)
    with assert_audited(events.POLICY_SET, low, actor=compliance):
        answer = client.post(page, again)
    assert answer["Location"] == f"/admin/approvals/policy/{low.pk}/change/"
    newest = low.versions.get(number=2)
    assert (newest.document["rules"][0]["min_approvals"], newest.note) == (3, "After the audit")
    said = client.get(answer["Location"]).content.decode()
    assert "Three reviewers of the model or its team instead of two." in said
    assert "After the audit" in said


def test_officer_withdraws_a_policy_by_a_version_that_asks_for_nothing(low: Policy, page: str, compliance: User):
    client = browser(compliance)
    assert f"{page}?withdraw=1" in client.get(f"/admin/approvals/policy/{low.pk}/change/").content.decode()
    draft = client.get(f"{page}?withdraw=1").context["draft"]
    assert (draft.rules, draft.checks, draft.rollback) == ([], [], [])
    newest = low.versions.order_by("-number").first()
    sent = filled(draft, step="save", terms__note="Replaced.", base=newest.number if newest else 0)
    with assert_audited(events.POLICY_SET, low, actor=compliance):
        client.post(f"{page}?withdraw=1", sent)
    assert low.versions.order_by("-number").values_list("document", flat=True)[0] == {"rules": [], "checks": []}


def test_officer_writes_a_policy_for_one_model(model: RegisteredModel, compliance: User):
    document = {"rules": [TWO], "checks": []}
    shown = Draft(actor=compliance, document=document)
    form = dict(filled(shown, place__model="card-fraud", base=0, step="save").lists())
    with assert_audited(events.POLICY_SET, actor=compliance):
        browser(compliance).post("/admin/approvals/policy/add/", form)
    version = PolicyVersion.objects.get(policy__registered_model=model)
    assert (version.number, version.document) == (1, document)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rules-0-min_approvals": "0"}, "greater than or equal to 1"),
        ({"rules-0-min_approvals": ""}, "Give a whole number from 1 to 20"),
        ({"rules-0-min_approvals": "2"}, "This says the same as version 1"),
        ({"terms-expires_after_days": "400"}, "less than or equal to 365"),
        ({"rollback-0-group": ""}, "Give at least one rule"),
        ({"checks-0-name": "metadata"}, "Each name stands once"),
        ({"checks-0-name": ""}, "This field is required"),
        ({"base": "9", "rules-0-min_approvals": "3"}, "Somebody wrote another version of this policy meanwhile"),
    ],
)
def test_wrong_policy_is_shown_again_with_the_reason(
    low: Policy, page: str, compliance: User, changed: dict[str, str], said: str
):
    with assert_unchanged(PolicyVersion):
        answer = browser(compliance).post(page, form_of(low, compliance, step="save", **changed))
    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_group_stands_once_and_a_reporter_exists(low: Policy, page: str, compliance: User):
    document = {"rules": [TWO, {**TWO, "group": "owner"}], "checks": [EVERYTHING["checks"][6]]}
    form = dict(filled(Draft(actor=compliance, policy=low, document=document)).lists())
    client = browser(compliance)
    assert "Nobody active has this user name" in client.post(page, {**form, "step": "review"}).content.decode()
    form |= {"checks-count": ["0"], "rules-1-group": ["reviewer"], "step": ["review"]}
    assert "Each group stands once" in client.post(page, form).content.decode()


def test_second_policy_of_one_place_is_refused(compliance: User):
    form = dict(filled(Draft(actor=compliance, document={}), place__risk_tier="low", step="review").lists())
    said = browser(compliance).post("/admin/approvals/policy/add/", form).content.decode()
    assert "There is a policy for organisation: Low to production already" in said


def test_rows_are_added_without_losing_what_was_typed(low: Policy, page: str, compliance: User):
    form = form_of(low, compliance, step="add=checks:metric", **{"terms-note": "Half a thought"})
    with assert_unchanged(PolicyVersion):
        said = browser(compliance).post(page, form).content.decode()
    assert 'name="checks-2-metric"' in said
    assert "Half a thought" in said
    assert "This field is required" not in said
    assert "Two reviewers of the model or its team have to approve" in said


def test_forged_counts_and_kinds_do_no_harm(low: Policy, page: str, compliance: User):
    client = browser(compliance)
    for forged in ({"rules-count": "999999"}, {"checks-0-kind": "shell"}, {"step": "add=checks:shell"}, {"step": "x"}):
        assert client.post(page, {**form_of(low, compliance, step="review"), **forged}).status_code == 200


@pytest.mark.parametrize("persona", ["auditor", "superuser", "administrator", "owner"])
def test_others_write_no_policy(low: Policy, page: str, compliance: User, personas: dict[str, User], persona: str):
    client: Client = browser(personas[persona])
    with assert_unchanged(Policy, PolicyVersion):
        for address in (page, "/admin/approvals/policy/add/"):
            assert client.get(address).status_code in (302, 403)
            changed = {"rules-0-min_approvals": 9}
            assert client.post(address, form_of(low, compliance, step="save", **changed)).status_code in (302, 403)


@pytest.mark.parametrize("address", ["{pk}/change/", "{pk}/compare/", "effective/?model=card-fraud&stage=production"])
def test_readers_of_everything_read_policies_and_nobody_else(
    low: Policy, model: RegisteredModel, personas: dict[str, User], address: str
):
    found = {
        name: browser(user).get(f"/admin/approvals/policy/{address.format(pk=low.pk)}").status_code
        for name, user in personas.items()
    }
    assert {name for name, status in found.items() if status == 200} == {"compliance", "auditor", "superuser"}


def test_versions_are_compared_in_words(low: Policy, policy: Any, auditor: User):
    policy(risk_tier="low", rules=[], needs_reason=True)
    page = f"/admin/approvals/policy/{low.pk}/compare/"
    there = browser(auditor).get(page).content.decode()
    back = browser(auditor).get(f"{page}?from=2&to=1").content.decode()
    assert "No longer two reviewers of the model or its team." in there
    assert "Two reviewers of the model or its team as well." in back
    assert browser(auditor).get(f"{page}?from=x&to=99").status_code == 200


def test_what_a_model_needs_names_the_layer(policy: Any, model: RegisteredModel, team: Team, auditor: User):
    policy(team=team, needs_reason=True)
    page = browser(auditor).get("/admin/approvals/policy/effective/?model=card-fraud&stage=production").content.decode()
    assert "team cards: all tiers to production v1" in page
    missing = browser(auditor).get("/admin/approvals/policy/effective/?model=no-such&stage=production")
    assert "No such model" in missing.content.decode()
