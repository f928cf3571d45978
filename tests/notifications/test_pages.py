"""Inbox and webhooks as pages: what they show, what their forms do, and that nothing secret is shown twice."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from apps.accounts.models import Team, User
from apps.core import clock
from apps.notifications import events, sealing, sending, targets
from apps.notifications.models import Delivery, Endpoint, EndpointSecret, Notice, Preference
from apps.notifications.states import Kind, Sending
from tests.assertions import assert_audited, assert_unchanged
from tests.factories import browser
from tests.notifications.conftest import ROLE, happens
from tests.notifications.receiver import Receiver

pytestmark = pytest.mark.django_db
NEW = {"name": "deployer", "url": "https://hooks.example.org/in", "team": "cards"}


def words(user: User, address: str) -> str:
    """Return the text of a page."""
    answer = browser(user).get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def at(name: str, endpoint: Endpoint, **more: int) -> str:
    """Return the address of a webhook's page."""
    return reverse(f"webhooks:{name}", kwargs={"pk": endpoint.pk, **more})


def test_inbox_is_narrowed_by_kind_and_by_what_is_unread(owner: User) -> None:
    happens(owner, what="books")
    happens(owner, kind=ROLE, name="Owner", role="reviewer")
    Notice.objects.filter(kind=Kind.ROLES).update(read_at=clock.now())
    inbox = reverse("inbox:messages")
    assert "shipped books" in words(owner, inbox)
    assert "reviewer of parcel 7" in words(owner, inbox)
    assert "shipped books" not in words(owner, inbox + "?kind=roles")
    assert "Nothing of this kind" in words(owner, inbox + "?kind=roles&unread=1")
    assert "reviewer of parcel 7" not in words(owner, inbox + "?unread=1")
    assert "/objects/parcel/7/" in words(owner, inbox + "?kind=nonsense&before=x")


def test_inbox_goes_on_to_older_notices_without_counting(owner: User) -> None:
    for number in range(52):
        happens(owner, what=f"parcel-{number:02}")
    first = words(owner, reverse("inbox:messages"))
    assert "parcel-51" in first
    assert "parcel-01" not in first
    older = re.search(r'href="(\?before=\d+)"', first)
    assert older
    second = words(owner, reverse("inbox:messages") + older[1])
    assert "parcel-01" in second
    assert "parcel-02" not in second


def test_marking_goes_back_to_the_list_it_came_from(owner: User) -> None:
    happens(owner)
    answer = browser(owner).post(reverse("inbox:read") + "?kind=other", {"notice": Notice.objects.get().pk})
    assert answer["Location"] == reverse("inbox:messages") + "?kind=other"
    assert Notice.objects.get().read_at is not None


@pytest.mark.parametrize(("given", "said"), [({}, True), ({"followed": "1"}, False)])
def test_marking_says_so_unless_the_reader_has_gone_on(owner: User, given: dict[str, str], said: bool) -> None:
    happens(owner)
    client = browser(owner)
    client.post(reverse("inbox:read"), {"notice": Notice.objects.get().pk, **given})
    assert Notice.objects.get().read_at is not None
    assert (b"Marked 1 as read." in client.get(reverse("inbox:messages")).content) is said


def test_choice_of_ways_is_stored_and_shown(owner: User) -> None:
    address = reverse("inbox:preferences")
    given = {"in_app": ["waiting", "roles"], "by_email": ["waiting"], "rhythm": "daily", "hour": "18"}
    with assert_audited(events.PREFERENCE_SET, owner, actor=owner):
        assert browser(owner).post(address, given).status_code == 302
    chosen = Preference.objects.get(user=owner)
    assert (chosen.email, chosen.digest, chosen.digest_hour) == (True, True, 18)
    assert [kind for kind in Kind.values if chosen.tells_in_app(kind)] == ["waiting", "roles"]
    assert [kind for kind in Kind.values if chosen.tells_by_email(kind)] == ["waiting"]
    page = words(owner, address)
    assert page.count(" checked") == 4
    assert '<option value="18" selected>' in page


@pytest.mark.parametrize("change", [{"rhythm": "hourly"}, {"hour": "24"}, {"in_app": ["weather"]}])
def test_choice_that_means_nothing_is_refused_on_the_page(owner: User, change: dict[str, object]) -> None:
    given = {"in_app": ["roles"], "by_email": [], "rhythm": "daily", "hour": "18", **change}
    with assert_unchanged(Preference):
        assert browser(owner).post(reverse("inbox:preferences"), given).status_code == 400


def test_no_e_mail_keeps_the_kinds_for_later(owner: User) -> None:
    given = {"in_app": Kind.values, "by_email": ["roles"], "rhythm": "never", "hour": "6"}
    browser(owner).post(reverse("inbox:preferences"), given)
    chosen = Preference.objects.get(user=owner)
    assert (chosen.email, Kind.ROLES in chosen.not_by_email, Kind.WAITING in chosen.not_by_email) == (
        False,
        False,
        True,
    )


def test_webhook_is_added_and_its_secret_shown_this_once(owner: User, team: Team) -> None:
    client = browser(owner)
    with assert_audited(events.ENDPOINT_CREATED, actor=owner):
        answer = client.post(reverse("webhooks:add"), {**NEW, "event_types": ["approvals.promotion.executed"]})
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    endpoint = Endpoint.objects.get()
    secret = sealing.unseal(endpoint.secrets.get().sealed)
    assert secret in answer.content.decode()
    assert (endpoint.team, endpoint.event_types) == (team, ["approvals.promotion.executed"])
    page = words(owner, at("webhook", endpoint))
    assert secret not in page
    assert "A version moves to its stage" in page
    assert "standardwebhooks" in page


@pytest.mark.parametrize(
    ("change", "field"),
    [({"url": "http://10.0.0.1/"}, "url"), ({"name": ""}, "name"), ({"team": "other"}, "team"), ({"team": ""}, "team")],
)
def test_webhook_that_cannot_be_is_refused_beside_its_field(owner: User, change: dict[str, str], field: str) -> None:
    with assert_unchanged(Endpoint):
        answer = browser(owner).post(reverse("webhooks:add"), {**NEW, **change})
    assert answer.status_code == 400
    assert answer.context["form"].errors.keys() == {field}


def test_webhook_of_the_organisation_is_its_keepers_to_add(compliance: User, reviewer: User) -> None:
    assert browser(compliance).post(reverse("webhooks:add"), {**NEW, "team": ""}).status_code == 201
    assert Endpoint.objects.get().team is None
    with assert_unchanged(Endpoint):
        assert browser(reviewer).post(reverse("webhooks:add"), NEW).status_code == 400
    assert "You manage no team" in words(reviewer, reverse("webhooks:add"))


def test_offered_events_are_events_and_lead_back_into_words() -> None:
    offered = [name for _, choices in targets.OFFERED for name, _ in choices]
    assert targets.checked_event_types(offered) == sorted(offered)
    assert targets.in_words("models") == "Everything under models"


def test_webhook_is_edited_and_keeps_what_a_program_chose(owner: User, endpoint: Endpoint) -> None:
    Endpoint.objects.update(event_types=["models", "approvals.policy"])
    assert "Everything under models" in words(owner, at("edit", endpoint))
    given = {"name": "renamed", "url": endpoint.url, "event_types": ["models"]}
    with assert_audited(events.ENDPOINT_CHANGED, endpoint, actor=owner):
        assert browser(owner).post(at("edit", endpoint), given).status_code == 302
    assert Endpoint.objects.values_list("name", "event_types").get() == ("renamed", ["models"])


def test_list_says_how_webhooks_fare(owner: User, delivery: Delivery, receiver: Receiver) -> None:
    receiver.answer(500)
    sending.deliver(delivery.pk)
    page = words(owner, reverse("webhooks:list"))
    assert "Failing" in page
    assert "127.0.0.1" in page


def test_test_event_shows_the_answer_and_not_what_was_said(owner: User, endpoint: Endpoint, receiver: Receiver) -> None:
    receiver.answer((500, {}, b"inside information"))
    with assert_audited(events.ENDPOINT_PINGED, endpoint, actor=owner):
        page = browser(owner).post(at("ping", endpoint)).content.decode()
    assert "The test event did not arrive" in page
    assert "HTTP 500" in page
    assert "inside information" not in page


def test_secret_is_rotated_after_a_question_and_shown_once(owner: User, endpoint: Endpoint) -> None:
    with assert_unchanged(EndpointSecret):
        assert "24 hours" in words(owner, at("rotate", endpoint))
    with assert_audited(events.SECRET_ROTATED, endpoint, actor=owner):
        answer = browser(owner).post(at("rotate", endpoint))
    assert answer["Cache-Control"] == "no-store"
    secret = sealing.unseal(endpoint.secrets.get(expires_at__isnull=True).sealed)
    assert secret in answer.content.decode()


def test_webhook_is_disabled_for_a_reason_and_enabled_again(owner: User, endpoint: Endpoint) -> None:
    client = browser(owner)
    with assert_unchanged(Endpoint):
        assert client.post(at("disable", endpoint), {"reason": " "}).status_code == 400
    with assert_audited(events.ENDPOINT_DISABLED, endpoint, actor=owner):
        client.post(at("disable", endpoint), {"reason": "moving house"})
    assert "moving house" in words(owner, at("webhook", endpoint))
    with assert_audited(events.ENDPOINT_ENABLED, endpoint, actor=owner):
        client.post(at("enable", endpoint))
    assert Endpoint.objects.get().enabled


def test_object_addresses_lead_to_webhook_and_delivery(owner: User, stranger: User, delivery: Delivery) -> None:
    for kind, key, page in (
        ("endpoint", delivery.endpoint_id, at("webhook", delivery.endpoint)),
        ("delivery", delivery.pk, at("delivery", delivery.endpoint, delivery_pk=delivery.pk)),
    ):
        address = reverse("portal:object", args=[kind, key])
        assert browser(owner).get(address)["Location"] == page
        assert browser(stranger).get(address).status_code == 404


def test_deliveries_are_narrowed_by_state_and_event(owner: User, delivery: Delivery) -> None:
    page = at("webhook", delivery.endpoint)
    link = at("delivery", delivery.endpoint, delivery_pk=delivery.pk)
    assert link in words(owner, page + "?state=due")
    assert link not in words(owner, page + "?state=delivered")
    assert link in words(owner, page + "?event_type=tests")
    assert "No such delivery" in words(owner, page + "?event_type=models.alias")


def test_delivery_shows_payload_headers_and_each_answer(owner: User, delivery: Delivery, receiver: Receiver) -> None:
    receiver.answer(503)
    sending.deliver(delivery.pk)
    page = words(owner, at("delivery", delivery.endpoint, delivery_pk=delivery.pk))
    for expected in (delivery.message_id, "HTTP 503", '"specversion": "1.0"', "webhook-timestamp", "still being tried"):
        assert expected in page
    assert "no reason" not in page


def test_what_kept_a_message_from_arriving_is_said_in_words(
    owner: User, endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.answer(204)
    Endpoint.objects.update(url="http://127.0.0.1:9/")
    page = browser(owner).post(at("ping", endpoint)).content.decode()
    assert "The host refused the connection" in page
    assert "HTTP" not in page


def test_closed_delivery_is_sent_again_from_its_page(owner: User, auditor: User, delivery: Delivery) -> None:
    Delivery.objects.update(state=Sending.EXHAUSTED, attempts=10)
    address = at("repeat", delivery.endpoint, delivery_pk=delivery.pk)
    with assert_unchanged(Delivery):
        assert browser(auditor).post(address).status_code == 403
    with assert_audited(events.DELIVERY_REPEATED, delivery, actor=owner):
        assert browser(owner).post(address).status_code == 302
    assert Delivery.objects.get().state == Sending.DUE


def test_range_is_counted_first_and_then_sent_again(owner: User, delivery: Delivery) -> None:
    Delivery.objects.update(state=Sending.EXHAUSTED, attempts=10)
    address, early = (
        at("repeat-range", delivery.endpoint),
        (clock.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
    )
    with assert_unchanged(Delivery):
        assert "1 delivery will be sent again" in words(owner, f"{address}?since={early}&which=failed")
        assert "Nothing in this range" in words(owner, f"{address}?until={early}&which=failed")
        assert browser(owner).post(address, {"which": "failed", "until": early}).status_code == 409
        assert browser(owner).post(address, {"which": "failed", "until": "soon"}).status_code == 400
    with assert_audited(events.DELIVERIES_REPEATED, delivery.endpoint, actor=owner):
        assert browser(owner).post(address, {"which": "failed", "since": early}).status_code == 302
    assert Delivery.objects.get().state == Sending.DUE


@pytest.mark.parametrize("verb", ["edit", "rotate", "disable", "repeat-range"])
def test_those_who_only_audit_a_webhook_read_why_they_may_not_change_it(
    auditor: User, endpoint: Endpoint, verb: str
) -> None:
    assert "Only owners of Cards manage its webhooks." in words(auditor, at(verb, endpoint))
    given = {"name": "mine", "url": endpoint.url, "reason": "because", "which": "all"}
    with assert_unchanged(Endpoint, EndpointSecret):
        assert browser(auditor).post(at(verb, endpoint), given).status_code == 403
