"""Who sets up webhooks, what each act does, and that each leaves its one event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from apps.accounts.models import Team, User
from apps.core import clock
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.notifications import actions, events, policies, sealing, selectors, sending
from apps.notifications.models import Delivery, Endpoint, EndpointSecret, Notice, Preference
from apps.notifications.states import Sending
from tests import factories
from tests.assertions import assert_audited, assert_unchanged
from tests.notifications.conftest import happens
from tests.notifications.receiver import Receiver
from tests.personas import PERSONAS

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.org/in?token=t"
TEAM_KEEPERS = {"owner"}
ORGANISATION_KEEPERS = {"administrator", "compliance"}


@pytest.mark.parametrize("name", PERSONAS)
@pytest.mark.parametrize("of_team", [True, False])
def test_webhooks_are_set_up_by_those_who_keep_them(
    request: pytest.FixtureRequest, team: Team, name: str, of_team: bool
) -> None:
    actor, scope = request.getfixturevalue(name), team if of_team else None
    if name in (TEAM_KEEPERS if of_team else ORGANISATION_KEEPERS):
        with assert_audited(events.ENDPOINT_CREATED, actor=actor) as recorded:
            endpoint, secret = actions.create_endpoint("hook", URL, actor=actor, team=scope)
        assert recorded.data == {"host": "hooks.example.org", "event_types": [], "team": team.slug if of_team else None}
        assert sealing.unseal(endpoint.secrets.get().sealed) == secret
        assert secret not in endpoint.secrets.get().sealed
    else:
        with assert_unchanged(Endpoint, EndpointSecret), pytest.raises(Forbidden):
            actions.create_endpoint("hook", URL, actor=actor, team=scope)


@pytest.mark.parametrize("name", PERSONAS)
@pytest.mark.parametrize("verb", ["change", "rotate", "disable", "ping", "redeliver"])
def test_acts_on_a_teams_webhook_are_its_owners(
    request: pytest.FixtureRequest, delivery: Delivery, receiver: Receiver, name: str, verb: str
) -> None:
    actor = request.getfixturevalue(name)
    Delivery.objects.update(state=Sending.EXHAUSTED)
    acts = {
        "change": lambda: actions.change_endpoint(delivery.endpoint, actor=actor, name="other"),
        "rotate": lambda: actions.rotate_secret(delivery.endpoint, actor=actor),
        "disable": lambda: actions.disable_endpoint(delivery.endpoint, "because", actor=actor),
        "ping": lambda: actions.ping(delivery.endpoint, actor=actor),
        "redeliver": lambda: actions.redeliver(delivery, actor=actor),
    }
    if name in TEAM_KEEPERS:
        acts[verb]()
        return
    with assert_unchanged(Endpoint, EndpointSecret, Delivery), pytest.raises(Forbidden):
        acts[verb]()
    assert receiver.messages == []


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks.example.org", "http://hooks.example.org/", "ftp://hooks.example.org/", "file:///etc/passwd",
        "https://", "https://user:secret@hooks.example.org/", "https://hooks.example.org/#part",
        "https://hooks.example.org:22/", "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.1/",
        "https://169.254.169.254/latest/", "https://hooks.example.org/a b", "https://hooks.example.org/\r\nX: y",
        "https://hooks.example.org/" + "x" * 500, "//hooks.example.org/", "https://[::1", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_urls_that_webhooks_cannot_be_sent_to_are_refused(owner: User, team: Team, url: str) -> None:
    with assert_unchanged(Endpoint), pytest.raises(Invalid) as refusal:
        actions.create_endpoint("hook", url, actor=owner, team=team)
    assert refusal.value.errors[0].field == "url"


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x00b"])
def test_names_that_cannot_be_read_are_refused(owner: User, team: Team, name: str) -> None:
    with assert_unchanged(Endpoint), pytest.raises(Invalid):
        actions.create_endpoint(name, URL, actor=owner, team=team)


def test_event_types_that_no_event_has_are_refused(owner: User, team: Team) -> None:
    for wrong in ("model", "models.nothing", "*", "", "Models", "models.version.sealed.v1"):
        with assert_unchanged(Endpoint), pytest.raises(Invalid, match="No event type"):
            actions.create_endpoint("hook", URL, actor=owner, team=team, event_types=[wrong])
    endpoint, _ = actions.create_endpoint("hook", URL, actor=owner, team=team, event_types=["models.*", "accounts."])
    assert endpoint.event_types == ["accounts", "models"]


def test_a_change_tells_before_and_after_but_not_the_path(endpoint: Endpoint, owner: User) -> None:
    with assert_audited(events.ENDPOINT_CHANGED, endpoint, actor=owner) as recorded:
        actions.change_endpoint(endpoint, actor=owner, url=URL, name="new")
    assert recorded.data["before"]["host"] == "127.0.0.1"
    assert recorded.data["after"] == {"name": "new", "host": "hooks.example.org", "event_types": []}
    assert "token" not in recorded.event.body
    with assert_unchanged(Endpoint), pytest.raises(Invalid):
        actions.change_endpoint(endpoint, actor=owner)


def test_after_a_rotation_both_secrets_sign_for_a_day(
    secret_of: tuple[Endpoint, str], owner: User, receiver: Receiver, team: Team
) -> None:
    endpoint, first = secret_of
    with assert_audited(events.SECRET_ROTATED, endpoint, actor=owner):
        second = actions.rotate_secret(endpoint, actor=owner)
    sending.deliver(happens(scopes=[f"team:{team.pk}"]).deliveries.get().pk)
    message = receiver.messages[0]
    assert message.verified(first) == message.verified(second)
    assert timedelta(hours=23) < endpoint.secrets.get(expires_at__isnull=False).expires_at - clock.now()  # type: ignore[operator]
    third = actions.rotate_secret(endpoint, actor=owner)
    sending.deliver(happens(scopes=[f"team:{team.pk}"]).deliveries.get().pk)
    message = receiver.messages[1]
    assert message.verified(second) == message.verified(third)
    with pytest.raises(WebhookVerificationError):
        Webhook(first).verify(message.body, message.headers)


def test_an_expired_secret_signs_no_more(endpoint: Endpoint, owner: User) -> None:
    actions.rotate_secret(endpoint, actor=owner)
    assert endpoint.secrets.active(clock.now()).count() == 2
    assert endpoint.secrets.active(clock.now() + timedelta(hours=25)).count() == 1


def test_disabling_cancels_and_enabling_starts_anew(delivery: Delivery, owner: User, team: Team) -> None:
    endpoint = delivery.endpoint
    with assert_audited(events.ENDPOINT_DISABLED, endpoint, actor=owner) as recorded:
        actions.disable_endpoint(endpoint, " moving house ", actor=owner)
    assert recorded.data == {"cancelled": 1}
    assert recorded.personal == {"reason": "moving house"}
    assert Delivery.objects.get().state == Sending.CANCELLED
    with assert_audited(events.ENDPOINT_ENABLED, endpoint, actor=owner):
        actions.enable_endpoint(endpoint, actor=owner)
    assert Delivery.objects.get().state == Sending.CANCELLED
    happens(scopes=[f"team:{team.pk}"])
    assert Delivery.objects.filter(state=Sending.DUE).count() == 1


def test_acts_in_the_wrong_state_are_conflicts(endpoint: Endpoint, delivery: Delivery, owner: User) -> None:
    with assert_unchanged(Endpoint, Delivery):
        with pytest.raises(Conflict, match="enabled already"):
            actions.enable_endpoint(endpoint, actor=owner)
        with pytest.raises(Conflict, match="still being tried"):
            actions.redeliver(delivery, actor=owner)
        with pytest.raises(Invalid, match="Say why"):
            actions.disable_endpoint(endpoint, "  ", actor=owner)
    actions.disable_endpoint(endpoint, "because", actor=owner)
    with assert_unchanged(Endpoint, Delivery):
        with pytest.raises(Conflict, match="disabled already"):
            actions.disable_endpoint(endpoint, "because", actor=owner)
        with pytest.raises(Conflict, match="enable it first"):
            actions.redeliver(delivery, actor=owner)


@pytest.mark.parametrize("state", [Sending.SENT, Sending.EXHAUSTED, Sending.CANCELLED])
def test_a_closed_delivery_is_repeated_with_its_id(
    delivery: Delivery, receiver: Receiver, owner: User, state: Sending
) -> None:
    Delivery.objects.update(state=state, attempts=10)
    with assert_audited(events.DELIVERY_REPEATED, delivery, actor=owner):
        actions.redeliver(delivery, actor=owner)
    sending.deliver(delivery.pk)
    assert [message.id for message in receiver.messages] == [delivery.message_id]
    assert Delivery.objects.get().state == Sending.SENT


def test_a_ping_is_signed_and_noted_by_its_status_alone(
    secret_of: tuple[Endpoint, str], receiver: Receiver, owner: User
) -> None:
    endpoint, secret = secret_of
    receiver.answer((500, {}, b"inside information"))
    with assert_audited(events.ENDPOINT_PINGED, endpoint, actor=owner) as recorded:
        actions.ping(endpoint, actor=owner)
    body = receiver.messages[0].verified(secret)
    assert body["type"] == "notifications.endpoint.pinged.v1"
    assert (recorded.data["status"], recorded.data["delivered"]) == (500, False)
    assert "inside" not in recorded.event.body
    assert not Delivery.objects.exists()


def test_people_mark_their_own_notices_as_read(owner: User, reviewer: User) -> None:
    happens(owner, reviewer)
    happens(owner, reviewer)
    mine, others = Notice.objects.filter(user=owner), Notice.objects.filter(user=reviewer)
    first = mine.first()
    assert first is not None
    with assert_audited(events.NOTICES_READ, owner, actor=owner) as recorded:
        assert actions.mark_read(owner, [first.pk, others[0].pk, 999_999]) == 1
    assert recorded.data == {"count": 1}
    with assert_audited(events.NOTICES_READ, owner, actor=owner):
        assert actions.mark_all_read(owner) == 1
    assert not mine.unread().exists()
    assert others.unread().count() == 2


def test_marking_what_is_read_already_is_no_act(owner: User) -> None:
    with assert_unchanged(Notice):
        assert actions.mark_all_read(owner) == 0


def test_a_preference_keeps_what_is_not_given(owner: User) -> None:
    with assert_audited(events.PREFERENCE_SET, owner, actor=owner) as recorded:
        actions.set_preference(owner, email=False)
    told = {"ways": ["portal"], "not_in_app": [], "not_by_email": [], "digest_hour": None}
    assert recorded.data == told
    actions.set_preference(owner, in_app=False)
    assert Preference.objects.values_list("in_app", "email").get() == (False, False)
    with assert_audited(events.PREFERENCE_SET, owner, actor=owner) as recorded:
        actions.set_preference(owner, digest=True, digest_hour=18, not_by_email=["webhooks", "roles"])
    assert recorded.data == told | {"ways": ["none"], "not_by_email": ["roles", "webhooks"], "digest_hour": 18}


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({"not_in_app": ["roles", "weather"]}, "not_in_app"),
        ({"not_by_email": [""]}, "not_by_email"),
        ({"digest_hour": 24}, "digest_hour"),
        ({"digest_hour": -1}, "digest_hour"),
    ],
)
def test_a_preference_that_means_nothing_is_refused(owner: User, chosen: dict[str, Any], field: str) -> None:
    with assert_unchanged(Preference), pytest.raises(Invalid) as refusal:
        actions.set_preference(owner, **chosen)
    assert refusal.value.errors[0].field == field


@pytest.fixture
def failed(endpoint: Endpoint, team: Team) -> list[Delivery]:
    """Three deliveries: given up, cancelled, delivered; made an hour after each other until now."""
    for hours, state in ((2, Sending.EXHAUSTED), (1, Sending.CANCELLED), (0, Sending.SENT)):
        made = happens(scopes=[f"team:{team.pk}"]).deliveries
        made.update(state=state, attempts=10, created_at=clock.now() - timedelta(hours=hours))
    return list(Delivery.objects.order_by("created_at"))


@pytest.mark.parametrize(
    ("hours", "failed_only", "repeated"),
    [
        ((None, None), True, [0, 1]),
        ((None, None), False, [0, 1, 2]),
        ((1.5, None), True, [1]),
        ((3, 0.5), False, [0, 1]),
    ],
)
def test_a_range_of_deliveries_is_repeated_by_one_act(
    endpoint: Endpoint,
    failed: list[Delivery],
    owner: User,
    hours: tuple[float | None, float | None],
    failed_only: bool,
    repeated: list[int],
) -> None:
    since, until = (clock.now() - timedelta(hours=each) if each else None for each in hours)
    with assert_audited(events.DELIVERIES_REPEATED, endpoint, actor=owner) as recorded:
        count = actions.redeliver_range(endpoint, actor=owner, since=since, until=until, failed_only=failed_only)
    assert count == recorded.data["count"] == len(repeated)
    due = Delivery.objects.filter(state=Sending.DUE, attempts=0, next_at__lte=clock.now())
    assert set(due) == {failed[place] for place in repeated}


def test_a_range_without_anything_to_repeat_is_a_conflict(endpoint: Endpoint, delivery: Delivery, owner: User) -> None:
    with assert_unchanged(Delivery), pytest.raises(Conflict, match="Nothing in this range"):
        actions.redeliver_range(endpoint, actor=owner, failed_only=False)


def test_a_range_that_is_too_large_or_upside_down_is_refused(
    endpoint: Endpoint, failed: list[Delivery], owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with assert_unchanged(Delivery), pytest.raises(Invalid, match="before its beginning"):
        actions.redeliver_range(endpoint, actor=owner, since=clock.now(), until=clock.now() - timedelta(hours=1))
    monkeypatch.setattr("apps.notifications.actions.deliveries.LARGEST_RANGE", 1)
    with assert_unchanged(Delivery), pytest.raises(Invalid, match="choose a shorter time"):
        actions.redeliver_range(endpoint, actor=owner)


def test_a_range_of_somebody_elses_or_of_a_disabled_webhook_is_not_repeated(
    endpoint: Endpoint, failed: list[Delivery], owner: User, auditor: User
) -> None:
    with assert_unchanged(Delivery), pytest.raises(Forbidden):
        actions.redeliver_range(endpoint, actor=auditor)
    actions.disable_endpoint(endpoint, "because", actor=owner)
    with assert_unchanged(Delivery), pytest.raises(Conflict, match="enable it first"):
        actions.redeliver_range(endpoint, actor=owner)


def test_health_counts_the_last_success_late_failures_and_what_waits(
    endpoint: Endpoint, delivery: Delivery, receiver: Receiver, team: Team
) -> None:
    assert selectors.health_of([endpoint])[endpoint.pk] == selectors.Health(None, 0, 1)
    sending.deliver(delivery.pk)
    receiver.answer(500)
    sending.deliver(happens(scopes=[f"team:{team.pk}"]).deliveries.get().pk)
    health = selectors.health_of([endpoint])[endpoint.pk]
    assert (health.last_success, health.failures, health.waiting) == (
        Delivery.objects.get(pk=delivery.pk).sent_at,
        1,
        1,
    )


def test_who_is_told_when_an_endpoint_fails(endpoint: Endpoint, owner: User, compliance: User, team: Team) -> None:
    administrator = factories.administrator()
    assert list(policies.who_can_manage(endpoint)) == [owner]
    everywhere, _ = actions.create_endpoint("all", "http://127.0.0.1:9/", actor=compliance)
    assert set(policies.who_can_manage(everywhere)) == {administrator, compliance}
