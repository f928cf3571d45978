"""The audit ledger on pages; events have their place only once they are committed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import Role
from apps.approvals.models import Promotion
from apps.audit.models import Event
from tests import factories
from tests.audit.conftest import moved
from tests.factories import browser

pytestmark = pytest.mark.django_db(transaction=True)

SENTENCE = "asked to move card-fraud 1.4.0 to production"
FILTERS = {
    "": True,
    "?type=approvals": True,
    "?type=accounts": False,
    "?actor=pipeline": True,
    "?actor=reviewer": False,
    "?model=card-fraud&text=production": True,
    "?since=2000-01-01&until=2100-01-01": True,
    "?until=2000-01-01": False,
    "?object=card-fraud": True,
    "?object=card-fraud 1.4.0": True,
    "?object=card-fraud 1.3.2": False,
    "?object=churn": False,
    "?object=model:0": False,
    "?team=cards": True,
    "?team=nobody": False,
    "?since=9999-12-31": False,
    "?since=0001-01-01&until=9999-12-31": True,
    "?before=0": False,
}


def words(user: User, address: str) -> str:
    """Return the text of a page."""
    return unescape(browser(user).get(address).content.decode())


def test_ledger_filters_by_the_address(promotion: Promotion, reviewer: User):
    found = {query: SENTENCE in words(reviewer, reverse("portal:ledger") + query) for query in FILTERS}
    assert found == FILTERS


@pytest.mark.parametrize("query", ["?since=yesterday", "?text=%00", "?text=-x", "?before=x"])
def test_filter_that_cannot_be_read_shows_nothing_and_says_so(promotion: Promotion, reviewer: User, query: str):
    response = browser(reviewer).get(reverse("portal:ledger") + query)
    page = unescape(response.content.decode())
    assert response.status_code == 400
    assert "because a filter cannot be read" in page
    assert SENTENCE not in page


def test_filters_in_force_are_chips_that_can_be_removed(promotion: Promotion, reviewer: User):
    query = "?type=approvals.promotion.submitted&actor=pipeline&team=cards&before=99999"
    page = words(reviewer, reverse("portal:ledger") + query)
    for chip in ("What: Promotion submitted", "Who: pipeline", "Team: Cards"):
        assert chip in page
    assert 'href="?type=approvals.promotion.submitted&team=cards"' in page
    assert "Before this index" not in page


def places(page: str) -> list[int]:
    """Return the places of the lines on a page."""
    return [int(place) for place in re.findall(r'class="index" title="Log index">(\d+)<', " ".join(page.split()))]


def test_stretches_of_the_log_join_without_gap(promotion: Promotion, reviewer: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("apps.portal.views.ledger.PAGE_SIZE", 3)
    address = reverse("portal:ledger")
    first = words(reviewer, address)
    assert 'rel="prev"' not in first
    seen = places(first)
    second = words(reviewer, f"{address}?before={seen[-1]}")
    assert places(second) == list(range(seen[-1] - 1, seen[-1] - 4, -1))
    assert places(words(reviewer, f"{address}?after={places(second)[0]}")) == seen
    last = words(reviewer, f"{address}?after=-0&before=1")
    assert places(last) == []
    oldest = words(reviewer, f"{address}?before=2")
    assert 'rel="next"' not in oldest


def test_pages_of_a_search_join_without_gap(promotion: Promotion, reviewer: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("apps.portal.views.ledger.PAGE_SIZE", 2)
    address = f"{reverse('portal:ledger')}?text=card-fraud"
    events = Event.objects.visible_to(reviewer).committed().containing("card-fraud")
    held = sorted(events.values_list("leaf__leaf_index", flat=True), reverse=True)
    assert len(held) > 2
    first = words(reviewer, address)
    assert places(first) == held[:2]
    second = words(reviewer, f"{address}&before={held[1]}")
    assert places(second) == held[2:4]
    assert places(words(reviewer, f"{address}&after={held[2]}")) == held[:2]
    assert "Go on searching" not in f"{first}{second}"


def test_search_that_stopped_goes_on_where_it_came_to(
    promotion: Promotion, reviewer: User, monkeypatch: pytest.MonkeyPatch
):
    for name, value in {"FIRST": 2, "NARROWEST": 2, "BODIES": 1}.items():
        monkeypatch.setattr(f"apps.audit.search.{name}", value)
    address = f"{reverse('portal:ledger')}?text=%22card-fraud+1.4.0%22"
    query, stops = "", 0
    while "Go on searching" in (page := words(reviewer, address + query)):
        query = "&" + re.search(r'href="[^"]*?(before=\d+)[^"]*">Go on searching', page)[1]  # type: ignore[index]
        stops += 1
    assert stops > 1
    assert places(page) == [] or SENTENCE in page


def test_words_are_searched_as_of_an_instant_and_within_days(promotion: Promotion, reviewer: User):
    event = Event.objects.get(type="approvals.promotion.submitted")
    address, at = f"{reverse('portal:ledger')}?text=production", event.at.isoformat().replace("+00:00", "Z")
    before = (event.at - timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")
    assert SENTENCE in words(reviewer, f"{address}&at={at}")
    assert SENTENCE not in words(reviewer, f"{address}&at={before}")
    day = event.at.date()
    assert SENTENCE in words(reviewer, f"{address}&since={day}&until={day}")
    assert SENTENCE not in words(reviewer, f"{address}&until={day - timedelta(days=1)}")
    assert SENTENCE not in words(reviewer, f"{address}&since={day + timedelta(days=1)}")


def test_words_of_other_teams_are_not_found(promotion: Promotion, stranger: User):
    assert places(words(stranger, f"{reverse('portal:ledger')}?text=card-fraud")) == []


def test_log_as_of_an_instant_ends_there(promotion: Promotion, reviewer: User):
    event = Event.objects.get(type="approvals.promotion.submitted")
    address, at = reverse("portal:ledger"), event.at.isoformat().replace("+00:00", "Z")
    before = (event.at - timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")
    then = words(reviewer, f"{address}?at={at}")
    assert SENTENCE in then
    assert "As of " in then
    assert SENTENCE not in words(reviewer, f"{address}?at={before}")
    assert browser(reviewer).get(f"{address}?at=2999-01-01").status_code == 400


def test_bounds_by_place_keep_what_an_open_transaction_recorded(auditor: User):
    old = recorded_at(datetime(2026, 1, 1, 11, 30, tzinfo=UTC))
    late = recorded_at(datetime(2026, 1, 1, 10, 45, tzinfo=UTC))
    recorded_at(datetime(2026, 1, 1, 11, 31, tzinfo=UTC))
    until = Event.objects.recorded_between(until=datetime(2026, 1, 1, 11, 0, tzinfo=UTC))
    since = Event.objects.recorded_between(since=datetime(2026, 1, 1, 11, 15, tzinfo=UTC))
    assert late in set(until)
    assert old not in set(until)
    assert old in set(since)
    assert late not in set(since)


def recorded_at(moment: datetime) -> Event:
    """Record an event whose time is given, committed now."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("apps.core.clock.now", lambda: moment)
        return moved()


def test_object_page_holds_what_belongs_to_a_version(promotion: Promotion, reviewer: User, stranger: User):
    address = reverse("portal:object-history", args=["version", promotion.version_id])
    page = words(reviewer, address)
    for expected in ("sealed version 1.4.0", "uploaded model.bin to card-fraud 1.4.0", SENTENCE, "Open its page"):
        assert expected in page
    assert "1.3.2" not in page
    assert browser(stranger).get(address).status_code == 404


@pytest.mark.parametrize(
    ("kind", "key"), [("version", "0"), ("nonsense", "x"), ("version", "9" * 30), ("model", "%00")]
)
def test_object_page_of_nothing_is_not_found(kind: str, key: str, auditor: User):
    assert browser(auditor).get(f"/audit/objects/{kind}/{key}/").status_code == 404


def test_person_page_shows_acts_and_roles_the_reader_may_know_of(
    promotion: Promotion, reviewer: User, contributor: User, auditor: User, stranger: User
):
    address = reverse("portal:person", args=["pipeline"])
    page = words(reviewer, address)
    for expected in (SENTENCE, "program", "Cards", "Contributor", reverse("portal:person", args=["contributor"])):
        assert expected in page
    assert browser(stranger).get(address).status_code == 404
    assert browser(stranger).get(reverse("portal:person", args=["stranger"])).status_code == 200
    assert SENTENCE in words(auditor, address)


def test_person_of_another_team_shows_only_what_is_shared(promotion: Promotion, pipeline: User):
    newcomer = factories.member(Role.REVIEWER, factories.team("other"), "newcomer")
    grants.give(Role.CONTRIBUTOR, pipeline, newcomer_team := Team.objects.get(slug="other"))
    page = words(newcomer, reverse("portal:person", args=["pipeline"]))
    assert str(newcomer_team) in page
    assert "Cards" not in page
    assert SENTENCE not in page


def test_people_and_objects_of_the_ledger_are_linked(promotion: Promotion, reviewer: User):
    page = words(reviewer, reverse("portal:ledger"))
    assert f'href="{reverse("portal:person", args=["pipeline"])}"' in page
    assert f'href="{reverse("portal:object-history", args=["promotion", promotion.pk])}"' in page


def test_event_page_leads_to_its_neighbours(promotion: Promotion, reviewer: User):
    event = Event.objects.select_related("leaf").get(type="approvals.promotion.submitted")
    page = words(reviewer, reverse("portal:event", args=[event.pk]))
    assert f"Previous: {event.leaf.leaf_index - 1}" in page


def test_ledger_line_opens_to_reason_hash_and_subject(promotion: Promotion, reviewer: User, stranger: User):
    event = Event.objects.select_related("leaf").get(type="approvals.promotion.submitted")
    page = words(reviewer, reverse("portal:ledger"))
    for expected in ("Better on October.", bytes(event.leaf.leaf_hash).hex(), f"/objects/promotion/{promotion.pk}/"):
        assert expected in page
    assert "card-fraud" not in words(stranger, reverse("portal:ledger"))


def test_event_page_shows_the_hashed_bytes(promotion: Promotion, reviewer: User, stranger: User):
    event = Event.objects.get(type="approvals.promotion.submitted")
    address = reverse("portal:event", args=[event.pk])
    assert event.body in words(reviewer, address)
    assert browser(stranger).get(address).status_code == 404


def test_model_history_holds_what_happened_below_the_model(promotion: Promotion, reviewer: User):
    page = words(reviewer, reverse("portal:model-history", args=["card-fraud"]))
    assert SENTENCE in page
    assert "sealed version 1.4.0 of card-fraud" in page


def test_model_history_as_of_an_instant_ends_there(promotion: Promotion, reviewer: User):
    address = reverse("portal:model-history", args=["card-fraud"])
    sealed = Event.objects.filter(type="models.version.sealed").order_by("at")
    first, second = (event.at.isoformat().replace("+00:00", "Z") for event in sealed)
    assert "sealed version 1.4.0 of card-fraud" in words(reviewer, f"{address}?at={second}")
    page = words(reviewer, f"{address}?at={first}")
    assert "sealed version 1.3.2 of card-fraud" in page
    assert "sealed version 1.4.0 of card-fraud" not in page
