"""Webhooks and inboxes over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import Team, User
from apps.audit import outbox
from apps.notifications import actions, events, sealing, sending
from apps.notifications.models import Delivery, Endpoint, EndpointSecret, Notice, Preference
from apps.notifications.states import Sending
from tests import factories
from tests.assertions import assert_audited, assert_unchanged
from tests.notifications.conftest import happens
from tests.notifications.receiver import Receiver
from tests.personas import PERSONAS

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/webhooks/"
SCOPE = "webhooks:manage"
BODY = {"name": "deployer", "url": "https://hooks.example.org/in", "event_types": ["models"]}
VERBS = {"rotate-secret": {}, "disable": {"reason": "because"}, "enable": {}, "ping": {}}


@pytest.fixture
def client(owner: User) -> APIClient:
    """The team owner's client; that its token was made has been told already."""
    made = factories.api(owner, SCOPE, "models:read")
    outbox.drain()
    Notice.objects.all().delete()
    return made


def path(endpoint: Endpoint, rest: str = "") -> str:
    """Return the address of an endpoint, or below it."""
    return f"{URL}{endpoint.pk}/{rest}"


def test_a_webhook_is_added_and_its_secret_shown_once(client: APIClient, team: Team) -> None:
    with assert_audited(events.ENDPOINT_CREATED):
        answer = client.post(URL, {**BODY, "team": team.slug})
    assert answer.status_code == 201, answer.json()
    added = answer.json()
    assert added.pop("secret").startswith("whsec_")
    assert (added["team"], added["enabled"], added["event_types"]) == ("cards", True, ["models"])
    assert client.get(f"{URL}{added['id']}/").json() == added
    assert client.get(URL).json()["results"] == [added]


def test_a_replayed_answer_has_no_secret_and_adds_nothing(client: APIClient, team: Team) -> None:
    headers = {"Idempotency-Key": "once-and-only-once"}
    first = client.post(URL, {**BODY, "team": team.slug}, headers=headers)
    second = client.post(URL, {**BODY, "team": team.slug}, headers=headers)
    assert second.json() == {**first.json(), "secret": None}
    assert Endpoint.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"url": "http://hooks.example.org/"}, "url", "invalid_url"),
        ({"url": "https://127.0.0.1/"}, "url", "invalid_url"),
        ({"team": "nobodys"}, "team", "unknown_team"),
        ({"event_types": ["nothing"]}, "event_types", "unknown_event_type"),
        ({"event_types": "models"}, "event_types", "not_a_list"),
        ({"secret": "whsec_mine"}, "secret", "unknown_field"),
        ({"name": ""}, "name", "blank"),
        ({"name": None}, "name", "null"),
    ],
)
def test_a_wrong_field_is_named(client: APIClient, team: Team, change: dict[str, Any], field: str, code: str) -> None:
    with assert_unchanged(Endpoint):
        answer = client.post(URL, {**BODY, "team": team.slug, **change})
    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert (error["field"], error["code"]) == (field, code)


@pytest.mark.parametrize("name", [name for name in PERSONAS if name != "pipeline"])
def test_webhooks_are_seen_by_those_who_keep_or_audit_them(
    request: pytest.FixtureRequest, endpoint: Endpoint, compliance: User, name: str
) -> None:
    everywhere, _ = actions.create_endpoint("everything", endpoint.url, actor=compliance)
    browser = APIClient()
    browser.force_login(request.getfixturevalue(name), backend="allauth.account.auth_backends.AuthenticationBackend")
    seen = {each["name"] for each in browser.get(URL).json()["results"]}
    both = {"deployer", "everything"}
    assert seen == {
        "owner": {"deployer"}, "administrator": {"everything"}, "compliance": both, "auditor": both,
    }.get(name, set())  # fmt: skip
    for each in (endpoint, everywhere):
        status = 200 if each.name in seen else 404
        assert browser.get(path(each)).status_code == status
        assert browser.get(path(each, "deliveries/")).status_code == status


@pytest.mark.parametrize("verb", VERBS)
def test_those_who_only_see_a_webhook_are_refused_with_the_reason(
    endpoint: Endpoint, auditor: User, stranger: User, receiver: Receiver, verb: str
) -> None:
    Endpoint.objects.update(**({"enabled": False, "disabled_reason": "x"} if verb == "enable" else {}))
    for actor, status in ((auditor, 403), (stranger, 404)):
        browser = APIClient()
        browser.force_login(actor, backend="allauth.account.auth_backends.AuthenticationBackend")
        with assert_unchanged(Endpoint, EndpointSecret):
            answer = browser.post(path(endpoint, f"{verb}/"), VERBS[verb])
        assert answer.status_code == status
    assert receiver.messages == []


def test_a_token_needs_the_scope(owner: User, endpoint: Endpoint) -> None:
    client = factories.api(owner, "models:read", "models:write", "audit:read")
    for method, where in (("get", URL), ("post", URL), ("get", path(endpoint)), ("post", path(endpoint, "ping/"))):
        answer = getattr(client, method)(where)
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert factories.api(None).get(URL).status_code == 401


def test_a_webhook_is_changed_disabled_and_enabled(client: APIClient, endpoint: Endpoint) -> None:
    answer = client.patch(path(endpoint), {"name": "renamed", "event_types": []})
    assert (answer.status_code, answer.json()["name"]) == (200, "renamed")
    answer = client.post(path(endpoint, "disable/"), {"reason": "moving house"})
    assert (answer.json()["enabled"], answer.json()["disabled_reason"]) == (False, "moving house")
    assert client.post(path(endpoint, "disable/"), {"reason": "again"}).status_code == 409
    assert client.post(path(endpoint, "enable/")).json()["enabled"] is True
    assert client.patch(path(endpoint), {"team": None}).json()["errors"][0]["code"] == "unknown_field"


def test_a_secret_is_rotated(client: APIClient, endpoint: Endpoint) -> None:
    answer = client.post(path(endpoint, "rotate-secret/"))
    assert answer.json()["secret"].startswith("whsec_")
    assert endpoint.secrets.count() == 2


def test_a_ping_tells_the_status_and_nothing_else(client: APIClient, endpoint: Endpoint, receiver: Receiver) -> None:
    receiver.answer((418, {"X-Inside": "1"}, b"inside"), 200)
    assert client.post(path(endpoint, "ping/")).json() == {"delivered": False, "status_code": 418}
    assert client.post(path(endpoint, "ping/")).json() == {"delivered": True, "status_code": 200}
    Endpoint.objects.update(url="http://127.0.0.1:9/")
    assert client.post(path(endpoint, "ping/")).json() == {"delivered": False, "status_code": None}


def test_deliveries_are_listed_shown_and_repeated(client: APIClient, delivery: Delivery, receiver: Receiver) -> None:
    receiver.answer((500, {}, b"inside"), 204)
    sending.deliver(delivery.pk)
    where = path(delivery.endpoint, "deliveries/")
    listed = client.get(where, {"state": "due", "event_type": "tests."}).json()["results"]
    assert [(each["message_id"], each["attempts"]) for each in listed] == [(delivery.message_id, 1)]
    assert client.get(where, {"state": "delivered"}).json()["results"] == []
    assert client.get(where, {"state": "nonsense"}).status_code == 400
    shown = client.get(f"{where}{delivery.pk}/").json()
    assert shown["body"] == receiver.messages[0].body.decode()
    assert [(each["status_code"], each["number"]) for each in shown["tries"]] == [(500, 1)]
    assert "inside" not in str(shown)
    assert client.post(f"{where}{delivery.pk}/redeliver/").status_code == 409
    Delivery.objects.update(state=Sending.EXHAUSTED)
    with assert_audited(events.DELIVERY_REPEATED, delivery):
        assert client.post(f"{where}{delivery.pk}/redeliver/").json()["state"] == "due"


def test_a_delivery_is_found_under_its_own_webhook_only(
    client: APIClient, delivery: Delivery, owner: User, team: Team
) -> None:
    other, _ = actions.create_endpoint("other", delivery.endpoint.url, actor=owner, team=team)
    assert client.get(path(other, f"deliveries/{delivery.pk}/")).status_code == 404
    assert client.post(path(other, f"deliveries/{delivery.pk}/redeliver/")).status_code == 404


def test_an_inbox_is_its_owners(client: APIClient, owner: User, reviewer: User) -> None:
    first = happens(owner, reviewer, actor=reviewer, what="books")
    second = happens(owner, reason="it rains")
    found = client.get("/api/v1/inbox/").json()["results"]
    assert [each["event"] for each in found] == [str(second.pk), str(first.pk)]
    assert [each["sentence"] for each in found] == ["shipped books: it rains", "shipped books"]
    assert [each["actor"] for each in found] == [None, "Reviewer"]
    assert found[0]["url"].endswith("/objects/parcel/7/")
    assert factories.api(reviewer).get("/api/v1/inbox/").json()["results"] == []


def test_notices_are_marked_as_read(client: APIClient, owner: User, reviewer: User) -> None:
    for _ in range(3):
        happens(owner, reviewer)
    first = client.get("/api/v1/inbox/").json()["results"][0]["id"]
    foreign = Notice.objects.filter(user=reviewer).values_list("pk", flat=True)[0]
    assert client.post("/api/v1/inbox/read/", {"ids": [first, foreign]}).json() == {"marked": 1}
    assert len(client.get("/api/v1/inbox/", {"unread": "true"}).json()["results"]) == 2
    assert len(client.get("/api/v1/inbox/", {"unread": "false"}).json()["results"]) == 1
    assert client.post("/api/v1/inbox/read/", {"all": True}).json() == {"marked": 2}
    assert Notice.objects.filter(user=reviewer).unread().count() == 3
    for wrong in ({}, {"ids": []}, {"ids": [1], "all": True}, {"ids": ["x"]}, {"some": True}):
        assert client.post("/api/v1/inbox/read/", wrong).status_code == 400


def test_preferences_are_changed_by_their_person(client: APIClient, owner: User) -> None:
    before = client.get("/api/v1/inbox/preferences/").json()
    ways, kinds = {"in_app": True, "email": True, "digest": False, "digest_hour": 6}, ("not_in_app", "not_by_email")
    assert before == ways | {key: [] for key in kinds}
    with assert_unchanged(Preference):
        assert client.patch("/api/v1/inbox/preferences/", {"email": False}).status_code == 403
    browser = APIClient()
    browser.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    with assert_audited(events.PREFERENCE_SET, owner, actor=owner):
        answer = browser.patch("/api/v1/inbox/preferences/", {"digest": True, "not_by_email": ["roles"]})
    assert answer.json() == before | {"digest": True, "not_by_email": ["roles"]}
    with assert_unchanged(Preference):
        assert browser.patch("/api/v1/inbox/preferences/", {"digest_hour": 24}).status_code == 400
        assert browser.patch("/api/v1/inbox/preferences/", {"not_in_app": ["weather"]}).status_code == 400


def test_a_range_of_deliveries_is_counted_then_repeated(client: APIClient, delivery: Delivery, auditor: User) -> None:
    where = path(delivery.endpoint, "redeliver/")
    assert client.post(where, {}).json()["code"] == "nothing_to_repeat"
    Delivery.objects.update(state=Sending.EXHAUSTED)
    with assert_unchanged(Delivery):
        assert client.post(where, {"dry_run": True}).json() == {"count": 1, "dry_run": True}
        late = {"since": "2100-01-01T00:00:00Z", "dry_run": True}
        assert client.post(where, late).json() == {"count": 0, "dry_run": True}
    refused = factories.api(auditor, SCOPE)
    with assert_unchanged(Delivery):
        assert refused.post(where, {}).status_code == 403
    with assert_audited(events.DELIVERIES_REPEATED, delivery.endpoint):
        assert client.post(where, {"failed_only": True}).json() == {"count": 1, "dry_run": False}
    assert Delivery.objects.get().state == Sending.DUE


@pytest.mark.parametrize(
    "table", ["endpoint", "endpointsecret", "delivery", "attempt", "email", "notice", "preference"]
)
def test_the_admin_shows_everything_but_secrets(superuser: User, delivery: Delivery, owner: User, table: str) -> None:
    sending.deliver(delivery.pk)
    happens(owner)
    actions.set_preference(owner, email=True)
    browser = factories.browser(superuser)
    listing = browser.get(f"/admin/notifications/{table}/")
    assert listing.status_code == 200
    secret = EndpointSecret.objects.get()
    if table == "endpointsecret":
        page = browser.get(f"/admin/notifications/{table}/{secret.pk}/change/")
        assert page.status_code == 200
        assert secret.sealed not in page.content.decode()
    assert browser.get(f"/admin/notifications/{table}/add/").status_code == 404


def test_the_admin_acts_by_the_same_rules(superuser: User, compliance: User, endpoint: Endpoint) -> None:
    asked = {"action": "disable", "_selected_action": str(endpoint.pk), "confirmed": "1", "reason": "because"}
    with assert_unchanged(Endpoint):
        factories.browser(superuser).post("/admin/notifications/endpoint/", asked, follow=True)
        page = factories.browser(compliance).post("/admin/notifications/endpoint/", asked, follow=True)
    assert "Only owners of" in page.content.decode()
    everywhere, _ = actions.create_endpoint("everything", endpoint.url, actor=compliance)
    asked["_selected_action"] = str(everywhere.pk)
    with assert_audited(events.ENDPOINT_DISABLED, everywhere, actor=compliance):
        factories.browser(compliance).post("/admin/notifications/endpoint/", asked, follow=True)


def test_the_admin_shows_a_rotated_secret_once(compliance: User, endpoint: Endpoint) -> None:
    everywhere, _ = actions.create_endpoint("everything", endpoint.url, actor=compliance)
    asked = {"action": "rotate_secret", "_selected_action": str(everywhere.pk), "confirmed": "1"}
    browser = factories.browser(compliance)
    with assert_audited(events.SECRET_ROTATED, everywhere, actor=compliance):
        page = browser.post("/admin/notifications/endpoint/", asked)
    newest = everywhere.secrets.order_by("-pk").first()
    assert newest is not None
    assert sealing.unseal(newest.sealed) in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert sealing.unseal(newest.sealed) not in browser.get("/admin/notifications/endpoint/").content.decode()


def test_the_admin_rotates_one_secret_at_a_time(compliance: User, endpoint: Endpoint) -> None:
    both = [endpoint.pk, actions.create_endpoint("everything", endpoint.url, actor=compliance)[0].pk]
    asked = {"action": "rotate_secret", "_selected_action": both, "confirmed": "1"}
    with assert_unchanged(EndpointSecret):
        page = factories.browser(compliance).post("/admin/notifications/endpoint/", asked, follow=True)
    assert "Choose one webhook" in page.content.decode()
