"""Home: what is asked of whom and why, on whom requests wait, what needs care, production, and the last visit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Team, User
from apps.approvals import actions, events
from apps.approvals.models import Promotion
from apps.audit.models import Event
from apps.core import clock
from apps.core.counts import Count
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import Stage
from apps.notifications import actions as notification_actions
from apps.notifications.models import Delivery
from apps.notifications.states import Sending
from apps.portal.selectors import home
from tests import registry_factories as registry
from tests.factories import PASSWORD, browser

pytestmark = pytest.mark.django_db(transaction=True)
HOME = reverse("portal:home")


def words(user: User | Client) -> str:
    """Return the text of somebody's home page."""
    client = user if isinstance(user, Client) else browser(user)
    response = client.get(HOME)
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


def decide(promotion: Promotion, *people: User, verdict: str = "approve") -> None:
    """Let people decide."""
    for person in people:
        etag = Promotion.objects.get(pk=promotion.pk).etag
        actions.decide(promotion, verdict=verdict, comment="So.", password=PASSWORD, etag=etag, actor=person)


def test_reviewer_reads_what_is_asked_why_and_what_else_is_missing(promotion: Promotion, reviewer: User):
    page = words(reviewer)
    assert "Your approval is asked for, as one of the reviewers; 3 approvals are missing. All checks pass." in page
    assert "due <time" in page


def test_last_one_missing_reads_so(promotion: Promotion, reviewer: User, second_reviewer: User, compliance: User):
    decide(promotion, reviewer, second_reviewer)
    assert "as one of the compliance officers; it is the last one missing." in words(compliance)
    assert "Nothing waits for you" in words(reviewer)


def test_whoever_asked_for_changes_is_asked_whether_they_are_settled(promotion: Promotion, reviewer: User):
    decide(promotion, reviewer, verdict="request_changes")
    decide_words = words(reviewer)
    assert "card-fraud 1.4.0 to production" in decide_words


def test_requester_reads_on_whom_it_waits(promotion: Promotion, contributor: User, reviewer: User):
    page = words(contributor)
    assert "Waits for Compliance (compliance officers) and Reviewer and Second Reviewer (reviewers)." in page
    assert "Waits for" not in words(reviewer)


def test_tasks_come_by_due_date_and_the_rest_is_counted(
    promotion: Promotion, model: RegisteredModel, reviewer: User, owner: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(home, "SHOWN_TASKS", 2)
    for number in range(3):
        version = registry.sealed_version(model, actor=owner, version=f"1.5.{number}")
        actions.submit(version, target_stage=Stage.PRODUCTION, reason="More.", actor=owner)
    Promotion.objects.filter(version__version="1.5.2").update(expires_at=clock.now() + timedelta(hours=1))
    tasks = home.waiting_for(reviewer)
    assert tasks.count == Count(4)
    assert [str(task.promotion.version) for task in tasks.shown] == ["card-fraud 1.5.2", "card-fraud 1.4.0"]
    assert "All 4" in words(reviewer)


def test_promotion_that_expires_soon_needs_care(promotion: Promotion, auditor: User, stranger: User):
    assert "Alerts" not in words(auditor)
    Promotion.objects.filter(pk=promotion.pk).update(expires_at=clock.now() + timedelta(hours=47))
    assert "expires <time" in words(auditor)
    assert "Alerts" not in words(stranger)


def test_promotion_that_nobody_can_approve_says_why(version: ModelVersion, pipeline: User, owner: User):
    actions.submit(version, target_stage=Stage.PRODUCTION, reason="Nobody is there.", actor=pipeline)
    page = words(owner)
    assert "Alerts" in page
    assert "Blocked: " in page


def test_webhook_that_fails_concerns_its_managers(team: Team, promotion: Promotion, owner: User, reviewer: User):
    endpoint, _ = notification_actions.create_endpoint("ci", "https://ci.example.org/", team=team, actor=owner)
    event = home.ledger.readable(owner).first()
    assert event is not None
    now = clock.now()
    fields = {"created_at": now, "next_at": now, "attempts": 10, "message_id": "msg_1"}
    delivery = Delivery.objects.create(event=event, endpoint=endpoint, state=Sending.SENT, **fields)
    assert "Webhook ci" not in words(owner)
    Delivery.objects.filter(pk=delivery.pk).update(state=Sending.EXHAUSTED)
    assert "Webhook ci" in words(owner)
    assert "Webhook ci" not in words(reviewer)


def test_matrix_counts_link_to_exactly_these_versions(version: ModelVersion, reviewer: User, stranger: User):
    page = words(reviewer)
    address = f"{reverse('portal:inventory')}?risk_tier=high&stage=production"
    assert f'href="{address}" aria-label="1 of tier high in production">1<' in page
    assert [str(row.version) for row in browser(reviewer).get(address).context["shelf"].rows] == ["card-fraud 1.3.2"]
    assert address not in words(stranger)


def test_matrix_of_many_is_remembered_for_a_while(
    version: ModelVersion, model: RegisteredModel, reviewer: User, owner: User, monkeypatch: pytest.MonkeyPatch
):
    before = home.matrix(reviewer).total
    registry.sealed_version(model, actor=owner)
    assert home.matrix(reviewer).total == before + 1
    monkeypatch.setattr(home, "COUNTED_ALWAYS", 1)
    home.matrix(reviewer)
    registry.sealed_version(model, actor=owner)
    assert home.matrix(reviewer).total == before + 1
    assert home.matrix(owner).total == before + 2


def test_timeline_is_drawn_and_told_in_a_table(promotion: Promotion, reviewer: User, second_reviewer: User):
    assert "0 promotions executed, 0 ended in thirty days" in words(reviewer)
    decide(promotion, reviewer, verdict="reject")
    page = words(reviewer)
    assert "0 promotions executed, 1 ended in thirty days; a table follows" in page
    assert "1 rejected" in page
    assert page.count("<circle") == 1


def test_day_with_many_ends_in_a_number():
    day = home.Day(datetime(2026, 11, 22, tzinfo=UTC).date(), (("executed", 4), ("rejected", 5)))
    dots = list(home._dots(day, datetime(2026, 10, 24, tzinfo=UTC).date()))
    assert len(dots) == 6
    assert (dots[-1].more, dots[0].x) == (4, 98)
    assert all(dot.y > 0 for dot in dots)


def test_news_since_the_last_visit_are_those_of_others(promotion: Promotion, reviewer: User, second_reviewer: User):
    client, now = browser(reviewer), datetime.now(UTC)
    assert "Latest changes" in words(client)
    with time_machine.travel(now + timedelta(hours=1)):
        assert "nothing new since your last visit" in words(client)
    decide(promotion, reviewer)
    with time_machine.travel(now + timedelta(minutes=80)):
        assert "Since your last visit" not in words(client)
    decide(promotion, second_reviewer)
    with time_machine.travel(now + timedelta(minutes=85)):
        page = words(client)
    assert ">Since your last visit</h2>" in page
    assert "Second Reviewer" in page


@pytest.mark.parametrize("value", ["nonsense", "1.2:forged", ""])
def test_visit_that_was_tampered_with_is_a_first_one(reviewer: User, value: str):
    client = browser(reviewer)
    client.cookies["visit"] = value
    assert "Latest changes" in words(client)


def test_newest_of_some_types_are_those_that_a_reader_may_see(
    promotion: Promotion, reviewer: User, second_reviewer: User, stranger: User
):
    decide(promotion, reviewer)
    types = [str(event) for event in (events.PROMOTION_SUBMITTED, events.PROMOTION_DECIDED)]
    recorded = Event.objects.filter(type__in=types).order_by("-leaf__leaf_index").values_list("pk", flat=True)
    assert len(recorded) == 2
    assert Event.objects.visible_to(second_reviewer).newest_of(types, 5) == list(recorded)
    assert Event.objects.visible_to(second_reviewer).newest_of(types, 1) == [recorded[0]]
    assert Event.objects.visible_to(stranger).newest_of(types, 5) == []


def test_webhook_that_was_switched_off_concerns_whoever_can_switch_it_on(
    team: Team, owner: User, reviewer: User, auditor: User, administrator: User, compliance: User
):
    endpoint, _ = notification_actions.create_endpoint("ci", "https://ci.example.org/", team=team, actor=owner)
    notification_actions.disable_endpoint(endpoint, "The receiver moves.", actor=owner)
    assert "Switched off" not in words(owner)
    notification_actions.enable_endpoint(endpoint, actor=owner)
    with transaction.atomic():
        notification_actions.retire_endpoint(endpoint)
    seen = {str(user): "Switched off" in words(user) for user in (owner, reviewer, auditor, administrator, compliance)}
    assert [name for name, told in seen.items() if told] == ["Owner"]
    notification_actions.enable_endpoint(endpoint, actor=owner)
    assert "Switched off" not in words(owner)


def test_webhook_of_the_organisation_that_was_switched_off_concerns_its_keepers(
    team: Team, owner: User, auditor: User, administrator: User, compliance: User
):
    endpoint, _ = notification_actions.create_endpoint("all", "https://ci.example.org/", team=None, actor=administrator)
    with transaction.atomic():
        notification_actions.retire_endpoint(endpoint)
    told = [str(user) for user in (owner, auditor, administrator, compliance) if "Switched off" in words(user)]
    assert told == ["Administrator", "Compliance"]
