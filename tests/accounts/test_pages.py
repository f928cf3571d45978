"""Profile, tokens and service accounts as pages: what they show, what they do, and that a secret is shown once."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from apps.accounts import actions, events, grants
from apps.accounts.models import ApiToken, Team, User
from apps.accounts.roles import Role
from tests import factories
from tests.assertions import assert_audited, assert_unchanged
from tests.factories import browser

pytestmark = pytest.mark.django_db
ADD_TOKEN, ACCOUNTS = "/tokens/add/", "/service-accounts/"
PIPELINE = "/service-accounts/pipeline/"
NEW_TOKEN = {"name": "training", "scopes": ["models:read"], "days": "30"}


def words(user: User, address: str) -> str:
    """Return the text of a page."""
    answer = browser(user).get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_profile_says_which_roles_and_through_which_grant(reviewer: User, compliance: User, stranger: User) -> None:
    page = words(reviewer, reverse("accounts:profile"))
    for expected in ("Reviewer", "the team", "Cards", "decide on promotions", "Change password"):
        assert expected in page
    assert "reads everything, sets policies" in words(compliance, reverse("accounts:profile"))
    assert "No role yet" in words(stranger, reverse("accounts:profile"))


def test_new_token_is_shown_once_and_never_stored_by_a_browser(contributor: User, pipeline: User) -> None:
    client = browser(contributor)
    assert '<option value="pipeline" selected>' in words(contributor, ADD_TOKEN + "?holder=pipeline")
    with assert_audited(events.TOKEN_CREATED, actor=contributor):
        answer = client.post(ADD_TOKEN, {**NEW_TOKEN, "holder": "pipeline"})
    shown = re.search(r"rp_\w+_[\w-]+", answer.content.decode())
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    assert shown
    assert f'"Authorization: Bearer {shown[0]}" http://testserver/api/v1/me/' in unescape(answer.content.decode())
    token = ApiToken.objects.get()
    assert token.user == pipeline
    assert token.expires_at - token.created_at > timedelta(days=29)
    for address in ("/tokens/", PIPELINE):
        page = words(contributor, address)
        assert token.prefix in page
        assert shown[0] not in page


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["promotions:decide"]}, "scopes"),
        ({"days": "366"}, "days"),
        ({"holder": "owner"}, "holder"),
        ({"name": ""}, "name"),
    ],
)
def test_token_that_cannot_be_is_refused_beside_its_field(
    contributor: User, pipeline: User, owner: User, change: dict[str, object], field: str
) -> None:
    with assert_unchanged(ApiToken):
        answer = browser(contributor).post(ADD_TOKEN, {**NEW_TOKEN, "holder": "pipeline", **change})
    assert answer.status_code == 400
    assert answer.context["form"].errors.keys() == {field}


def test_token_is_revoked_after_a_question(contributor: User, administrator: User, reviewer: User) -> None:
    factories.token(contributor)
    token = ApiToken.objects.get()
    address = reverse("accounts:revoke-token", args=[token.prefix])
    with assert_unchanged(ApiToken):
        assert "stops at once and for good" in words(contributor, address)
        assert browser(reviewer).post(address).status_code == 404
    with assert_audited(events.TOKEN_REVOKED, token, actor=contributor):
        assert browser(contributor).post(address)["Location"] == "/tokens/"
    assert ApiToken.objects.get().revoked_at is not None
    with assert_unchanged(ApiToken):
        assert browser(administrator).post(address).status_code == 409
    assert "revoked already" in words(administrator, address)


def test_tokens_say_how_they_stand(contributor: User) -> None:
    factories.token(contributor, "models:read")
    assert "Active" in words(contributor, "/tokens/")
    ApiToken.objects.update(expires_at=ApiToken.objects.get().created_at)
    page = words(contributor, "/tokens/")
    assert "Expired" in page
    assert "Revoke</a>" not in page


def test_service_account_is_added_under_its_maker(stranger: User) -> None:
    given = {"username": "train-bot", "name": "Training", "owner": "ignored"}
    with assert_audited(events.SERVICE_ACCOUNT_CREATED, actor=stranger):
        answer = browser(stranger).post(ACCOUNTS + "add/", given)
    assert answer["Location"] == ACCOUNTS + "train-bot/"
    account = User.objects.get(username="train-bot")
    assert account.owner == stranger
    assert "No token yet" in words(stranger, ACCOUNTS + "train-bot/")


def test_administrator_adds_a_service_account_for_somebody(administrator: User, stranger: User) -> None:
    given = {"username": "train-bot", "name": "Training"}
    with assert_unchanged(User):
        answer = browser(administrator).post(ACCOUNTS + "add/", {**given, "owner": "nobody"})
    assert (answer.status_code, answer.context["form"].errors.keys()) == (400, {"owner"})
    browser(administrator).post(ACCOUNTS + "add/", {**given, "owner": "stranger"})
    assert User.objects.get(username="train-bot").owner == stranger


@pytest.mark.parametrize(("username", "status"), [("pipeline", 409), ("train bot", 400)])
def test_service_account_with_an_impossible_name_is_refused(
    contributor: User, pipeline: User, username: str, status: int
) -> None:
    with assert_unchanged(User):
        answer = browser(contributor).post(ACCOUNTS + "add/", {"username": username, "name": "Training"})
    assert (answer.status_code, answer.context["form"].errors.keys()) == (status, {"username"})


def test_service_accounts_are_listed_to_those_who_manage_them(
    contributor: User, pipeline: User, administrator: User, owner: User
) -> None:
    factories.token(pipeline)
    for reader in (contributor, administrator):
        assert PIPELINE in words(reader, ACCOUNTS)
        assert "Contributor" in words(reader, PIPELINE)
    assert PIPELINE not in words(owner, ACCOUNTS)
    assert browser(owner).get(PIPELINE).status_code == 404


def test_service_account_is_handed_over(contributor: User, pipeline: User, owner: User) -> None:
    address = PIPELINE + "hand-over/"
    with assert_unchanged(User):
        assert browser(contributor).post(address, {"owner": "nobody"}).status_code == 400
        assert browser(contributor).post(address, {"owner": "pipeline"}).status_code == 403
    with assert_audited(events.SERVICE_ACCOUNT_HANDED_OVER, pipeline, actor=contributor):
        assert browser(contributor).post(address, {"owner": "owner"})["Location"] == ACCOUNTS
    assert User.objects.get(pk=pipeline.pk).owner == owner
    assert browser(contributor).get(PIPELINE).status_code == 404


def test_service_account_is_deactivated_and_brought_back(contributor: User, pipeline: User) -> None:
    factories.token(pipeline)
    client = browser(contributor)
    with assert_unchanged(User):
        assert "stop at once" in words(contributor, PIPELINE + "deactivate/")
    with assert_audited(events.USER_DEACTIVATED, pipeline, actor=contributor) as recorded:
        client.post(PIPELINE + "deactivate/", {"reason": "Replaced"})
    assert recorded.personal["reason"] == "Replaced"
    assert not ApiToken.objects.usable().exists()
    with assert_unchanged(User):
        assert client.post(PIPELINE + "deactivate/").status_code == 409
    with assert_audited(events.USER_REACTIVATED, pipeline, actor=contributor):
        client.post(PIPELINE + "reactivate/")
    assert User.objects.get(pk=pipeline.pk).is_active


def test_grants_on_one_model_are_told_apart_from_those_on_a_team(team: Team, contributor: User) -> None:
    other = factories.team("risk")
    grants.give(Role.REVIEWER, contributor, other)
    held = [(scope, str(target), roles) for scope, target, roles in grants.everything_held_by(contributor)]
    assert held == [("team", "Cards", ["contributor"]), ("team", "Risk", ["reviewer"])]
    actions.take_role(contributor, Role.REVIEWER, other, actor=contributor)
    assert len(grants.everything_held_by(contributor)) == 1
