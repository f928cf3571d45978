"""Accounts over HTTP: who am I, tokens, teams, roles, service accounts."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from apps.accounts import actions, events, grants
from apps.accounts.models import ApiToken, IdempotentAnswer, Team, TeamUserObjectPermission, User
from apps.accounts.roles import Role, Scope
from apps.core.actors import SYSTEM
from tests import factories
from tests.assertions import assert_audited, assert_unchanged

TOKEN = {"name": "ci", "scopes": ["models:read"]}


def post(client: APIClient, path: str, body: Any = None, **headers: str) -> Any:
    return client.post(f"/api/v1/{path}", {} if body is None else body, format="json", **headers)


def get(client: APIClient, path: str) -> Any:
    return client.get(f"/api/v1/{path}")


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_me_tells_a_person_what_they_may_do(owner: User, auditor: User) -> None:
    me = get(factories.api(owner, "models:read"), "me/").json()
    assert (me["username"], me["service_account"], me["owner"]) == ("owner", False, None)
    assert me["teams"] == [{"slug": "cards", "name": "Cards", "roles": ["owner"]}]
    assert (me["scopes"], me["authenticated_by"]) == (["models:read"], "token")
    assert get(factories.api(auditor), "me/").json()["roles"] == ["auditor"]


def test_me_tells_a_program_whose_it_is(pipeline: User) -> None:
    me = get(factories.api(pipeline), "me/").json()
    assert (me["service_account"], me["owner"]) == (True, "contributor")


def test_me_in_a_session_has_no_scopes(stranger: User) -> None:
    me = factories.browser(stranger).get("/api/v1/me/").json()
    assert (me["scopes"], me["token"], me["authenticated_by"]) == (None, None, "session")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("get", "tokens/", "accounts:manage"),
        ("post", "tokens/", "accounts:manage"),
        ("post", "tokens/x/revoke/", "accounts:manage"),
        ("get", "teams/", "models:read"),
        ("head", "teams/", "models:read"),
        ("post", "teams/", "accounts:manage"),
        ("get", "teams/cards/grants/", "models:read"),
        ("post", "teams/cards/grants/", "accounts:manage"),
        ("post", "teams/cards/grants/take/", "accounts:manage"),
        ("get", "service-accounts/", "accounts:manage"),
        ("post", "service-accounts/", "accounts:manage"),
        ("post", "service-accounts/x/deactivate/", "accounts:manage"),
        ("post", "service-accounts/x/reactivate/", "accounts:manage"),
        ("post", "service-accounts/x/hand-over/", "accounts:manage"),
    ],
)
def test_token_without_the_scope_is_refused_whoever_holds_it(
    administrator: User, method: str, path: str, scope: str
) -> None:
    client = factories.api(administrator, *(set(Scope.values) - {scope}))
    with assert_unchanged(User, Team, ApiToken):
        answer = getattr(client, method)(f"/api/v1/{path}")
    assert answer.status_code == 403
    assert method == "head" or (answer.json()["code"] == "missing_scope" and scope in answer.json()["detail"])


def test_method_that_names_no_scope_is_refused_for_tokens(stranger: User) -> None:
    class Forgetful(APIView):
        required_scopes = {"GET": None}

        def delete(self, request: Request) -> Response:
            raise AssertionError("must not be reached")

    request = APIRequestFactory().delete("/", headers={"Authorization": f"Bearer {factories.token(stranger)}"})
    answer = Forgetful.as_view()(request)
    assert (answer.status_code, answer.data["code"]) == (403, "missing_scope")


@pytest.mark.parametrize("method", ["delete", "put", "trace"])
def test_method_that_a_call_does_not_have_is_answered_so(stranger: User, method: str) -> None:
    assert refused(getattr(factories.api(stranger), method)("/api/v1/teams/")) == (405, "method_not_allowed")


def test_options_need_no_scope(stranger: User) -> None:
    assert factories.api(stranger, "audit:read").options("/api/v1/teams/").status_code == 200


def test_new_token_is_shown_once_and_works(stranger: User) -> None:
    client = factories.api(stranger)
    with assert_audited(events.TOKEN_CREATED, actor=stranger):
        answer = post(client, "tokens/", {**TOKEN, "lifetime_days": 1})
    made = answer.json()
    assert (answer.status_code, made["holder"], made["state"]) == (201, "stranger", "active")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {made['token']}")
    assert get(client, "me/").json()["scopes"] == ["models:read"]


def test_repeated_request_for_a_token_makes_one_and_keeps_no_secret(stranger: User) -> None:
    client = factories.api(stranger)
    first = post(client, "tokens/", TOKEN, HTTP_IDEMPOTENCY_KEY="t1").json()
    again = post(client, "tokens/", TOKEN, HTTP_IDEMPOTENCY_KEY="t1").json()
    assert again == {**first, "token": None}
    assert first["token"] not in IdempotentAnswer.objects.get().body
    assert ApiToken.objects.filter(name="ci").count() == 1


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"scopes": ["root"]}, "scopes.0", "invalid_choice"),
        ({"scopes": []}, "scopes", "empty"),
        ({"name": ""}, "name", "blank"),
        ({"lifetime_days": 366}, "lifetime_days", "max_value"),
        ({"lifetime_days": 0}, "lifetime_days", "min_value"),
        ({"colour": "red"}, "colour", "unknown_field"),
        ({"service_account": "nobody"}, "service_account", "unknown_user"),
    ],
)
def test_wrong_request_for_a_token_names_the_field(stranger: User, wrong: Any, field: str, code: str) -> None:
    client = factories.api(stranger)
    with assert_unchanged(ApiToken):
        answer = post(client, "tokens/", {**TOKEN, **wrong})
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


def test_unknown_field_is_told_along_with_everything_else(stranger: User) -> None:
    errors = post(factories.api(stranger), "tokens/", {"colour": "red"}).json()["errors"]
    assert {(error["field"], error["code"]) for error in errors} == {
        ("colour", "unknown_field"),
        ("name", "required"),
        ("scopes", "required"),
    }


@pytest.mark.parametrize("body", [[], "text", 1, None])
def test_body_that_is_no_object_is_refused(stranger: User, body: Any) -> None:
    client = factories.api(stranger)
    with assert_unchanged(ApiToken):
        answer = client.post("/api/v1/tokens/", body, format="json")
    assert answer.status_code == 400


def test_token_passes_on_no_scope_it_lacks(stranger: User) -> None:
    client = factories.api(stranger, "accounts:manage", "models:read")
    with assert_unchanged(ApiToken):
        answer = post(client, "tokens/", {"name": "more", "scopes": ["models:read", "promotions:decide"]})
    assert refused(answer) == (403, "missing_scope")
    assert post(client, "tokens/", TOKEN).status_code == 201


def test_owner_creates_a_token_for_their_service_account(contributor: User, pipeline: User) -> None:
    answer = post(factories.api(contributor), "tokens/", {**TOKEN, "service_account": "pipeline"})
    assert answer.json()["holder"] == "pipeline"


def test_others_do_not_even_learn_of_the_service_account(owner: User, pipeline: User) -> None:
    client = factories.api(owner)
    with assert_unchanged(ApiToken):
        answer = post(client, "tokens/", {**TOKEN, "service_account": "pipeline"})
    assert answer.json()["errors"][0]["code"] == "unknown_user"


def test_tokens_listed_are_ones_own_and_of_ones_programs(personas: dict[str, User]) -> None:
    for name in ("contributor", "pipeline", "stranger"):
        actions.create_token(personas[name], f"of {name}", ["models:read"], actor=SYSTEM)
    listed = get(factories.api(personas["contributor"]), "tokens/").json()["results"]
    assert {token["name"] for token in listed} == {"of contributor", "of pipeline", "test"}
    assert not any({"digest", "token"} & token.keys() for token in listed)
    everybody = get(factories.api(personas["administrator"]), "tokens/").json()["results"]
    assert {"of contributor", "of stranger"} <= {token["name"] for token in everybody}


def test_token_revokes_itself(stranger: User) -> None:
    client = factories.api(stranger)
    prefix = get(client, "me/").json()["token"]
    assert post(client, f"tokens/{prefix}/revoke/").json()["state"] == "revoked"
    assert get(client, "me/").status_code == 401


def test_token_of_somebody_else_is_not_found(owner: User, stranger: User) -> None:
    token, _ = actions.create_token(stranger, "mine", ["models:read"], actor=stranger)
    client = factories.api(owner)
    with assert_unchanged(token):
        assert refused(post(client, f"tokens/{token.prefix}/revoke/")) == (404, "not_found")


def test_teams_show_their_members_to_their_members(team: Team, personas: dict[str, User]) -> None:
    factories.team("other")
    teams = get(factories.api(personas["reviewer"]), "teams/").json()["results"]
    assert [found["slug"] for found in teams] == ["cards"]
    assert {"username": "owner", "roles": ["owner"]}.items() <= next(
        member for member in teams[0]["members"] if member["username"] == "owner"
    ).items()


@pytest.mark.parametrize(
    ("persona", "sees"), [("stranger", 0), ("superuser", 0), ("auditor", 2), ("compliance", 2), ("administrator", 2)]
)
def test_teams_are_seen_by_role(team: Team, personas: dict[str, User], persona: str, sees: int) -> None:
    factories.team("other")
    client = factories.api(personas[persona])
    assert len(get(client, "teams/").json()["results"]) == sees
    assert get(client, "teams/cards/").status_code == (200 if sees else 404)


def test_list_of_teams_costs_the_same_for_many(auditor: User, django_assert_max_num_queries: Any) -> None:
    client = factories.api(auditor)
    for _ in range(20):
        factories.member(Role.OWNER, factories.team())
    with django_assert_max_num_queries(3):
        assert len(get(client, "teams/").json()["results"]) == 20


def test_administrator_creates_a_team(administrator: User, stranger: User) -> None:
    body = {"slug": "risk", "name": "Risk"}
    client = factories.api(administrator)
    with assert_audited(events.TEAM_CREATED, actor=administrator):
        assert post(client, "teams/", body).status_code == 201
    assert refused(post(client, "teams/", body)) == (409, "team_exists")
    other = factories.api(stranger)
    with assert_unchanged(Team):
        assert refused(post(other, "teams/", body)) == (403, "not_administrator")


def test_owner_gives_and_takes_a_role(team: Team, owner: User, stranger: User) -> None:
    client, body = factories.api(owner), {"username": "stranger", "role": "reviewer"}
    with assert_audited(events.ROLE_GIVEN, team, actor=owner):
        given = post(client, "teams/cards/grants/", body).json()
    assert {"username": "stranger", "roles": ["reviewer"]}.items() <= given[-1].items()
    with assert_audited(events.ROLE_TAKEN, team, actor=owner):
        post(client, "teams/cards/grants/take/", body)
    assert grants.roles_on(stranger, team) == []


@pytest.mark.parametrize(
    ("persona", "body", "status", "code"),
    [
        ("owner", {"username": "owner", "role": "reviewer"}, 403, "self_grant"),
        ("owner", {"username": "nobody", "role": "reviewer"}, 400, "unknown_user"),
        ("owner", {"username": "stranger", "role": "king"}, 400, "invalid"),
        ("owner", {"username": "pipeline", "role": "reviewer"}, 403, "service_account_reviewer"),
        ("reviewer", {"username": "stranger", "role": "owner"}, 403, "not_owner"),
        ("reviewer", {"username": "nobody", "role": "owner"}, 403, "not_owner"),
        ("stranger", {"username": "stranger", "role": "owner"}, 404, "not_found"),
        ("superuser", {"username": "superuser", "role": "owner"}, 404, "not_found"),
        ("auditor", {"username": "stranger", "role": "owner"}, 403, "not_owner"),
    ],
)
def test_role_that_may_not_be_given_is_refused(
    personas: dict[str, User], persona: str, body: Any, status: int, code: str
) -> None:
    client = factories.api(personas[persona])
    with assert_unchanged(TeamUserObjectPermission):
        assert refused(post(client, "teams/cards/grants/", body)) == (status, code)


def test_program_with_the_owners_role_gives_no_roles(team: Team, pipeline: User) -> None:
    grants.give(Role.OWNER, pipeline, team)
    client = factories.api(pipeline)
    with assert_unchanged(TeamUserObjectPermission):
        answer = post(client, "teams/cards/grants/", {"username": "contributor", "role": "reviewer"})
    assert refused(answer) == (403, "missing_scope")


def test_person_creates_hands_over_and_loses_a_service_account(stranger: User, owner: User) -> None:
    client = factories.api(stranger)
    assert post(client, "service-accounts/", {"username": "bot", "name": "Bot"}).status_code == 201
    bot = User.objects.get(username="bot")
    with assert_audited(events.SERVICE_ACCOUNT_HANDED_OVER, bot, actor=stranger):
        assert post(client, "service-accounts/bot/hand-over/", {"owner": "owner"}).json()["owner"] == "owner"
    assert refused(post(client, "service-accounts/bot/deactivate/")) == (404, "not_found")


def test_owner_deactivates_a_service_account(contributor: User, pipeline: User) -> None:
    program, client = factories.api(pipeline), factories.api(contributor)
    with assert_audited(events.USER_DEACTIVATED, pipeline, actor=contributor):
        assert post(client, "service-accounts/pipeline/deactivate/").json()["active"] is False
    assert get(program, "me/").status_code == 401
    assert refused(post(client, "service-accounts/pipeline/deactivate/")) == (409, "already_deactivated")


def test_owner_brings_a_service_account_back_without_its_tokens(
    contributor: User, pipeline: User, stranger: User
) -> None:
    program, client = factories.api(pipeline), factories.api(contributor)
    post(client, "service-accounts/pipeline/deactivate/")
    assert refused(post(factories.api(stranger), "service-accounts/pipeline/reactivate/")) == (404, "not_found")
    with assert_audited(events.USER_REACTIVATED, pipeline, actor=contributor):
        assert post(client, "service-accounts/pipeline/reactivate/").json()["active"] is True
    assert get(program, "me/").status_code == 401
    assert refused(post(client, "service-accounts/pipeline/reactivate/")) == (409, "already_active")


def test_service_accounts_listed_are_ones_own(personas: dict[str, User]) -> None:
    for persona, names in {"contributor": ["pipeline"], "administrator": ["pipeline"], "owner": []}.items():
        listed = get(factories.api(personas[persona]), "service-accounts/").json()["results"]
        assert [account["username"] for account in listed] == names


def test_service_account_is_not_created_under_somebody_else(owner: User, stranger: User) -> None:
    client = factories.api(owner)
    with assert_unchanged(User):
        answer = post(client, "service-accounts/", {"username": "bot", "name": "Bot", "owner": "stranger"})
    assert refused(answer) == (403, "not_administrator")


@pytest.mark.parametrize("path", ["teams/cards/nothing/", "tokens/x/", "users/"])
def test_unknown_address_is_a_problem_document(stranger: User, path: str) -> None:
    answer = get(factories.api(stranger), path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
