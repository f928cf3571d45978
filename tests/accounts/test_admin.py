"""The admin: who gets in, that nothing changes by hand, and that its acts are the domain's."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse

from apps.accounts import actions, events, grants
from apps.accounts.models import ApiToken, IdempotentAnswer, Team, TeamUserObjectPermission, User
from apps.accounts.roles import InstanceRole, Role
from apps.core.actors import SYSTEM
from apps.core.admin.tables import ReadOnlyAdmin
from tests import factories
from tests.assertions import assert_audited, assert_unchanged
from tests.personas import PERSONAS

ENTERS = {"compliance", "auditor", "administrator", "superuser"}
TABLES = [User, Team, ApiToken, TeamUserObjectPermission, IdempotentAnswer]
USERS = "/admin/accounts/user/"


def act(client: Client, name: str, row: Any, **given: str) -> Any:
    """Choose an act in a list, and confirm it."""
    address = reverse(f"admin:accounts_{row._meta.model_name}_changelist")
    asked = client.post(address, {"action": name, "_selected_action": row.pk})
    if not given.pop("confirm", "yes"):
        return asked
    return client.post(address, {"action": name, "_selected_action": row.pk, "confirmed": "yes", **given})


@pytest.mark.parametrize("persona", PERSONAS)
def test_admin_is_open_to_holders_of_roles_over_the_portal(personas: dict[str, User], persona: str) -> None:
    answer = factories.browser(personas[persona]).get("/admin/")
    assert (answer.status_code == 200) is (persona in ENTERS)


def test_admin_has_no_sign_in_page_of_its_own(db: None) -> None:
    answer = Client().get("/admin/login/?next=/admin/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/login/")


def test_admin_changes_passwords_where_everybody_does(administrator: User) -> None:
    answer = factories.browser(administrator).get("/admin/password_change/")
    assert answer["Location"] == "/accounts/password/change/"


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("persona", sorted(ENTERS))
def test_tables_are_read_and_never_changed(personas: dict[str, User], persona: str, table: Any) -> None:
    actions.create_token(personas["pipeline"], "ci", ["models:read"], actor=SYSTEM)
    IdempotentAnswer.objects.create(user=personas["stranger"], key="k", method="POST", path="/")
    row, client = table.objects.first(), factories.browser(personas[persona])
    name = f"admin:accounts_{table._meta.model_name}"
    assert client.get(reverse(f"{name}_changelist")).status_code == 200
    assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
    with assert_unchanged(*TABLES):
        assert client.post(reverse(f"{name}_change", args=[row.pk]), {"name": "Changed"}).status_code == 403
        assert client.post(f"{reverse(f'{name}_changelist')}{row.pk}/delete/", {"post": "yes"}).status_code == 404
        client.post(reverse(f"{name}_changelist"), {"action": "delete_selected", "_selected_action": row.pk})


def test_no_table_anywhere_in_the_admin_can_be_changed_by_hand(superuser: User) -> None:
    request = RequestFactory().get("/admin/")
    request.user = superuser
    for page in admin.site._registry.values():
        assert not page.has_change_permission(request), page
        assert not page.has_delete_permission(request), page
        assert not page.has_add_permission(request), page


@pytest.mark.parametrize("lookup", ["password__startswith=m", "tokens__digest__startswith=a", "owner__password=x"])
def test_hidden_columns_cannot_be_guessed_by_filters(auditor: User, lookup: str) -> None:
    assert factories.browser(auditor).get(f"{USERS}?{lookup}").status_code == 400


def test_declared_filters_work(auditor: User) -> None:
    assert factories.browser(auditor).get(f"{USERS}?is_active__exact=1&q=auditor").status_code == 200


def test_pages_show_no_secrets(administrator: User) -> None:
    token, _ = actions.create_token(administrator, "laptop", ["models:read"], actor=SYSTEM)
    client = factories.browser(administrator)
    shown = (
        client.get(f"{USERS}{administrator.pk}/change/").content
        + client.get(f"/admin/accounts/apitoken/{token.pk}/change/").content
    )
    assert administrator.password not in shown.decode()
    assert token.digest not in shown.decode()


def test_administrator_adds_a_person(administrator: User) -> None:
    form = {"username": "ada", "name": "Ada Kim", "email": "ada@example.org", "password": factories.PASSWORD}
    client = factories.browser(administrator)
    with assert_audited(events.USER_CREATED, actor=administrator):
        assert client.post(f"{USERS}add/", form).status_code == 302
    assert User.objects.get(username="ada").check_password(factories.PASSWORD)


@pytest.mark.parametrize(
    "wrong", [{"username": "administrator"}, {"password": "short"}, {"email": "nowhere"}, {"username": "a b"}]
)
def test_wrong_person_is_shown_again_with_the_reason(administrator: User, wrong: dict[str, str]) -> None:
    form = {"username": "ada", "name": "Ada Kim", "email": "ada@example.org", **wrong}
    client = factories.browser(administrator)
    with assert_unchanged(User):
        answer = client.post(f"{USERS}add/", form)
    assert answer.status_code == 200
    assert b"field-error" in answer.content


@pytest.mark.parametrize("persona", ["auditor", "compliance", "superuser"])
def test_others_add_nobody(personas: dict[str, User], persona: str) -> None:
    client = factories.browser(personas[persona])
    with assert_unchanged(User, Team):
        for address in (f"{USERS}add/", "/admin/accounts/team/add/"):
            assert client.get(address).status_code == 403
            assert client.post(address, {"slug": "risk", "name": "Risk"}).status_code == 403


def test_administrator_adds_a_team_and_its_first_owner(administrator: User, stranger: User) -> None:
    client = factories.browser(administrator)
    with assert_audited(events.TEAM_CREATED, actor=administrator):
        client.post("/admin/accounts/team/add/", {"slug": "risk", "name": "Risk"})
    team = Team.objects.get(slug="risk")
    with assert_audited(events.ROLE_GIVEN, team, actor=administrator):
        act(client, "give_role", team, user=str(stranger.pk), role=Role.OWNER)
    assert grants.roles_on(stranger, team) == ["owner"]
    with assert_audited(events.ROLE_TAKEN, team, actor=administrator):
        act(client, "take_role", team, user=str(stranger.pk), role=Role.OWNER)


def test_act_is_done_only_when_confirmed(administrator: User, stranger: User) -> None:
    with assert_unchanged(User):
        answer = act(factories.browser(administrator), "deactivate", stranger, confirm="")
    assert answer.status_code == 200
    assert b"Stranger" in answer.content


def test_administrator_deactivates_with_a_reason_and_brings_back(administrator: User, stranger: User) -> None:
    client = factories.browser(administrator)
    with assert_audited(events.USER_DEACTIVATED, stranger, actor=administrator) as recorded:
        act(client, "deactivate", stranger, reason="Left")
    assert recorded.personal["reason"] == "Left"
    with assert_audited(events.USER_REACTIVATED, stranger, actor=administrator):
        act(client, "reactivate", stranger)


def test_administrator_gives_and_takes_a_role_over_the_portal(administrator: User, stranger: User) -> None:
    client = factories.browser(administrator)
    with assert_audited(events.INSTANCE_ROLE_GIVEN, stranger, actor=administrator):
        act(client, "give_instance_role", stranger, role=InstanceRole.AUDITOR)
    assert factories.browser(stranger).get("/admin/").status_code == 200
    with assert_audited(events.INSTANCE_ROLE_TAKEN, stranger, actor=administrator):
        act(client, "take_instance_role", stranger, role=InstanceRole.AUDITOR)
    assert factories.browser(stranger).get("/admin/").status_code == 302


def test_administrator_revokes_a_token(administrator: User, stranger: User) -> None:
    token, _ = actions.create_token(stranger, "laptop", ["models:read"], actor=SYSTEM)
    with assert_audited(events.TOKEN_REVOKED, token, actor=administrator):
        act(factories.browser(administrator), "revoke", token)


def test_refusal_of_an_act_is_told_in_its_own_words(administrator: User) -> None:
    client = factories.browser(administrator)
    with assert_unchanged(User):
        act(client, "deactivate", administrator)
    assert "You cannot deactivate yourself" in client.get(USERS).content.decode()


def test_administrator_adds_a_service_account_for_its_owner(administrator: User, stranger: User) -> None:
    form = {"username": "train-bot", "name": "Training", "owner": "stranger"}
    with assert_audited(events.SERVICE_ACCOUNT_CREATED, actor=administrator):
        answer = factories.browser(administrator).post(f"{USERS}service-accounts/add/", form)
    made = User.objects.get(username="train-bot")
    assert (made.owner, answer["Location"]) == (stranger, f"{USERS}{made.pk}/change/")


@pytest.mark.parametrize("wrong", [{"owner": "nobody"}, {"owner": "pipeline"}, {"username": "stranger"}, {"name": ""}])
def test_wrong_service_account_is_shown_again_with_the_reason(personas: dict[str, User], wrong: dict[str, str]) -> None:
    form = {"username": "train-bot", "name": "Training", "owner": "stranger", **wrong}
    with assert_unchanged(User):
        answer = factories.browser(personas["administrator"]).post(f"{USERS}service-accounts/add/", form)
    assert answer.status_code == 200
    assert b'role="alert"' in answer.content or b"field-error" in answer.content


def test_administrator_hands_a_service_account_over(administrator: User, pipeline: User, stranger: User) -> None:
    client = factories.browser(administrator)
    with assert_audited(events.SERVICE_ACCOUNT_HANDED_OVER, pipeline, actor=administrator):
        act(client, "hand_over", pipeline, owner="stranger")
    with assert_unchanged(User):
        act(client, "hand_over", stranger, owner="administrator")
    assert "Only service accounts have an owner" in client.get(USERS).content.decode()


def test_administrator_is_offered_no_password_of_others_for_it_would_sign_for_them(
    administrator: User, stranger: User
) -> None:
    client, password = factories.browser(administrator), User.objects.get(pk=stranger.pk).password
    assert "set_password" not in client.get(f"{USERS}{stranger.pk}/change/").content.decode()
    act(client, "set_password", stranger, password="a password that nobody has used")
    assert User.objects.get(pk=stranger.pk).password == password


def test_grant_leads_to_taking_it_back(administrator: User, owner: User, team: Team) -> None:
    client = factories.browser(administrator)
    page = client.get(f"{USERS}access/?person=owner").content.decode()
    (link,) = re.findall(r'href="([^"]+)" aria-label="Take back', page)
    form = client.get(html.unescape(link)).context["form"]
    given = {name: form.initial[name] for name in ("act", "username", "role", "team", "model")}
    assert given == {"act": "take", "username": "owner", "role": "owner", "team": team.slug, "model": ""}
    with assert_audited(events.ROLE_TAKEN, team, actor=administrator):
        client.post(html.unescape(link), given)


def test_readers_are_offered_no_taking_back(auditor: User, owner: User) -> None:
    page = factories.browser(auditor).get(f"{USERS}access/?person=owner").content.decode()
    assert "Take back" not in page
    assert factories.browser(auditor).get(f"{USERS}service-accounts/add/").status_code == 403


def test_rows_lead_to_the_portal_and_to_the_log(auditor: User, administrator: User, stranger: User) -> None:
    address = f"{USERS}{stranger.pk}/change/"
    page = factories.browser(auditor).get(address).content.decode()
    assert f'href="/ledger/?object=user:{stranger.pk}"' in page or f"?object=user:{stranger.pk}" in page
    assert "?object=user:" not in factories.browser(administrator).get(address).content.decode()


def test_program_is_offered_an_owner_and_no_role_over_the_portal(
    administrator: User, pipeline: User, stranger: User
) -> None:
    client, acts = factories.browser(administrator), ("hand_over", "give_instance_role")
    offered = {user: client.get(f"{USERS}{user.pk}/change/").content.decode() for user in (pipeline, stranger)}
    assert [f'value="{name}"' in offered[pipeline] for name in acts] == [True, False]
    assert [f'value="{name}"' in offered[stranger] for name in acts] == [False, True]


OWN_ACTS = ("deactivate", "reactivate", "give_instance_role", "take_instance_role", "hand_over")


@pytest.mark.parametrize("name", OWN_ACTS)
@pytest.mark.parametrize("persona", ["auditor", "compliance", "superuser"])
def test_acts_are_the_administrators_alone(personas: dict[str, User], persona: str, name: str) -> None:
    client = factories.browser(personas[persona])
    with assert_unchanged(User, User.groups.through):
        given = {"role": InstanceRole.AUDITOR, "owner": "owner"}
        act(client, name, personas["pipeline" if name == "hand_over" else "stranger"], **given)


def test_base_refuses_without_a_declared_filter(db: None) -> None:
    page: Any = ReadOnlyAdmin(User, admin.site)
    assert not page.lookup_allowed("is_active__exact", "1")
