"""An event becomes rows: for its audience by the ways each chose, and for the endpoints that want it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Team, User
from apps.audit.models import Event
from apps.notifications import actions, subscriber
from apps.notifications.models import Delivery, Email, Endpoint, Notice
from apps.notifications.states import EXPLAINED, Kind, Sending, kind_of
from tests import factories
from tests.notifications.conftest import ROLE, happens

pytestmark = pytest.mark.django_db


def told() -> tuple[set[str], set[str]]:
    """Return who has notices and who has e-mails."""
    notices = set(Notice.objects.values_list("user__username", flat=True))
    return notices, set(Email.objects.values_list("user__username", flat=True))


def test_an_audience_is_told_in_both_ways(owner: User, reviewer: User) -> None:
    event = happens(owner, reviewer)
    assert told() == ({"owner", "reviewer"}, {"owner", "reviewer"})
    notice = Notice.objects.get(user=owner)
    assert (notice.event_id, notice.read_at) == (event.pk, None)
    email = Email.objects.get(user=owner)
    assert (email.state, email.attempts, email.sent_at) == (Sending.DUE, 0, None)


def test_nobody_is_told_of_what_they_did_themselves(owner: User, reviewer: User) -> None:
    happens(owner, reviewer, actor=owner)
    assert told() == ({"reviewer"}, {"reviewer"})


def test_programs_and_people_who_left_are_not_told(owner: User, pipeline: User, reviewer: User) -> None:
    reviewer.is_active = False
    reviewer.save()
    happens(owner, pipeline, reviewer)
    assert told() == ({"owner"}, {"owner"})


def test_people_without_an_address_are_told_in_the_portal(owner: User) -> None:
    owner.email = ""
    owner.save()
    happens(owner)
    assert told() == ({"owner"}, set())


@pytest.mark.parametrize(("in_app", "email"), [(True, False), (False, True), (False, False)])
def test_people_are_told_in_the_ways_they_chose(owner: User, reviewer: User, in_app: bool, email: bool) -> None:
    actions.set_preference(owner, in_app=in_app, email=email)
    happens(owner, reviewer)
    notices, emails = told()
    assert ("owner" in notices, "owner" in emails) == (in_app, email)
    assert "reviewer" in notices & emails


@pytest.mark.parametrize(("kind", "told_of"), [("roles", False), ("other", True)])
def test_people_are_told_of_the_kinds_they_chose(owner: User, kind: str, told_of: bool) -> None:
    actions.set_preference(owner, not_in_app=[kind], not_by_email=[kind])
    happens(owner, kind=ROLE, name="Owner", role="reviewer")
    assert told() == ((set(), set()) if not told_of else ({"owner"}, {"owner"}))


@pytest.mark.parametrize(
    ("event_type", "kind"),
    [
        ("approvals.promotion.submitted", Kind.WAITING),
        ("approvals.promotion.decided", Kind.REQUESTS),
        ("approvals.thread.answered", Kind.MENTIONS),
        ("models.version.failed", Kind.VERSIONS),
        ("models.standard.set", Kind.OTHER),
        ("accounts.role.given", Kind.ROLES),
        ("accounts.token.created", Kind.ACCOUNT),
        ("notifications.delivery.exhausted", Kind.WEBHOOKS),
        ("approvals.policy.set", Kind.OTHER),
        ("modelsx.y.z", Kind.OTHER),
    ],
)
def test_the_longest_beginning_that_fits_says_the_kind(event_type: str, kind: Kind) -> None:
    assert kind_of(event_type) == kind


def test_every_kind_is_explained_and_notices_carry_it(owner: User) -> None:
    happens(owner, kind=ROLE, name="Owner", role="reviewer")
    assert Notice.objects.get().kind == Kind.ROLES
    assert EXPLAINED.keys() == set(Kind.values)


def test_an_event_without_audience_tells_nobody(owner: User) -> None:
    happens()
    assert told() == (set(), set())


def test_an_event_is_told_once_even_when_handed_on_twice(owner: User, endpoint: Endpoint, team: Team) -> None:
    event = happens(owner, scopes=[f"team:{team.pk}"])
    with pytest.raises(IntegrityError), transaction.atomic():
        subscriber.notify(event, [owner.pk])
    assert Notice.objects.count() == Email.objects.count() == 1
    assert Delivery.objects.filter(event=event).count() == 1


@pytest.fixture
def everywhere(compliance: User, private: None) -> Endpoint:
    """An endpoint of the organisation."""
    return actions.create_endpoint("everything", "http://127.0.0.1:9/", actor=compliance)[0]


def wanted(event: Event) -> set[str]:
    """Return the endpoints an event is delivered to."""
    return set(Delivery.objects.filter(event=event).values_list("endpoint__name", flat=True))


def test_a_team_gets_its_own_events_only(endpoint: Endpoint, everywhere: Endpoint, team: Team) -> None:
    assert wanted(happens(scopes=[f"team:{team.pk}", "model:1"])) == {"deployer", "everything"}
    assert wanted(happens(scopes=["team:99999"])) == {"everything"}
    assert wanted(happens(scopes=["organisation"])) == {"everything"}


def test_accounts_are_told_of_only_where_asked_for(
    endpoint: Endpoint, everywhere: Endpoint, team: Team, compliance: User
) -> None:
    actions.create_endpoint("roles", everywhere.url, actor=compliance, event_types=["accounts.role"])
    assert wanted(happens(scopes=[f"team:{team.pk}"], kind=ROLE)) == {"roles"}
    assert wanted(happens()) == {"everything"}


@pytest.mark.parametrize(
    ("prefix", "wants"),
    [("tests", True), ("tests.parcel", True), ("tests.parcel.shipped", True), ("accounts", False), ("models", False)],
)
def test_event_types_are_chosen_by_their_beginnings(
    everywhere: Endpoint, compliance: User, prefix: str, wants: bool
) -> None:
    actions.change_endpoint(everywhere, actor=compliance, event_types=[prefix])
    assert ("everything" in wanted(happens())) is wants


def test_notifications_are_never_told_of_to_webhooks(everywhere: Endpoint, compliance: User) -> None:
    actions.change_endpoint(everywhere, actor=compliance, event_types=["notifications"])
    actions.set_preference(compliance, email=False)
    happens()
    assert not Delivery.objects.exists()


def test_a_disabled_endpoint_gets_nothing(everywhere: Endpoint, compliance: User) -> None:
    actions.disable_endpoint(everywhere, "moving house", actor=compliance)
    assert wanted(happens()) == set()


def test_the_id_of_a_message_is_of_its_event_and_endpoint(endpoint: Endpoint, everywhere: Endpoint, team: Team) -> None:
    event = happens(scopes=[f"team:{team.pk}"])
    ids = set(Delivery.objects.filter(event=event).values_list("message_id", flat=True))
    assert len(ids) == 2
    assert all(each.startswith("msg_") for each in ids)
    assert happens(scopes=[f"team:{team.pk}"]).pk != event.pk
    assert Delivery.objects.values("message_id").distinct().count() == 4


def test_a_large_audience_is_told_in_as_many_queries_as_a_small_one(owner: User) -> None:
    event = happens()
    with CaptureQueriesContext(connection) as few:
        subscriber.notify(event, [owner.pk])
    people = [factories.person() for _ in range(30)]
    with CaptureQueriesContext(connection) as many:
        subscriber.notify(event, [person.pk for person in people])
    assert len(many) == len(few)
    assert Notice.objects.count() == Email.objects.count() == 31
