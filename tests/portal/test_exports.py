"""The log and the inventory to take along: whole, safe in a spreadsheet, recorded; the inventory at any instant."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from apps.accounts.models import Team, User
from apps.approvals.models import Promotion
from apps.audit import selectors as audit_selectors
from apps.audit.events import REPORT_EXPORTED
from apps.audit.models import Event
from apps.core import clock
from apps.models import actions
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import RiskTier, Stage
from tests import registry_factories as registry
from tests.assertions import assert_audited, assert_unchanged
from tests.audit.conftest import noted
from tests.factories import browser

pytestmark = pytest.mark.django_db(transaction=True)
LOG, INVENTORY = reverse("portal:export"), reverse("portal:inventory")


def words(user: User, address: str) -> str:
    """Return the text of a page."""
    response = browser(user).get(address)
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


def taken(user: User, address: str, **form: str) -> tuple[Any, bytes]:
    """Return the answer to an export, and what it streamed."""
    response = browser(user).post(address, form)
    return response, b"".join(response)


def table(content: bytes) -> list[dict[str, str]]:
    """Return CSV as rows by heading."""
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_page_says_how_much_the_export_holds(promotion: Promotion, reviewer: User, stranger: User):
    query = "?type=approvals.promotion.submitted"
    page = words(reviewer, LOG + query)
    assert "1 event</span> that you may see" in page
    assert "What: Promotion submitted" in page
    assert "0 events</span>" in words(stranger, LOG + query)


def test_page_counts_up_to_a_bound_and_the_export_counts_all(
    promotion: Promotion, auditor: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(audit_selectors, "COUNTED", 1)
    size = audit_selectors.size()
    page = words(auditor, LOG)
    assert f"More than 1 events</span> that you may see, oldest first. The log holds {size} in all" in page
    response = browser(auditor).post(LOG, {"format": "jsonl"})
    assert response["Export-Lines"] == str(size)


def test_json_lines_hold_the_hashed_bytes_and_the_export_is_recorded(promotion: Promotion, reviewer: User):
    with assert_audited(REPORT_EXPORTED, actor=reviewer) as recorded:
        response, content = taken(reviewer, f"{LOG}?object=card-fraud", format="jsonl")
    lines = [json.loads(line) for line in content.splitlines()]
    assert len(lines) == int(response["Export-Lines"]) == recorded.data["count"]
    assert all(hashlib.sha256(b"\0" + line["body"].encode()).hexdigest() == line["leaf_hash"] for line in lines)
    assert [line["index"] for line in lines] == sorted(line["index"] for line in lines)
    assert recorded.data == {"report": "the log", "format": "jsonl", "count": len(lines)}
    assert recorded.personal == {"conditions": {"object": "card-fraud"}}
    assert recorded.event.scopes == [f"user:{reviewer.pk}"]


def test_csv_has_a_line_for_each_event_and_no_formula(auditor: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("apps.audit.selectors.CHUNK", 2)
    for reason in ("=1+1", "two\nlines", 'quote "'):
        noted(reason, actor=auditor)
    response, content = taken(auditor, f"{LOG}?type=tests.thing.noted", format="csv")
    rows = table(content)
    assert response["Content-Disposition"].endswith('.csv"')
    assert len(rows) == content.count(b"\n") - 1 == int(response["Export-Lines"])
    assert [row["sentence"] for row in rows] == [
        "noted on a thing: =1+1",
        "noted on a thing: two lines",
        'noted on a thing: quote "',
    ]
    assert [json.loads(row["personal"])["reason"] for row in rows] == ["=1+1", "two\nlines", 'quote "']
    assert {row["username"] for row in rows} == {"auditor"}


def test_name_that_would_be_a_formula_is_text(auditor: User, owner: User):
    User.objects.filter(pk=owner.pk).update(name="=HYPERLINK(A1)")
    noted("x", actor=User.objects.get(pk=owner.pk))
    rows = table(taken(auditor, f"{LOG}?type=tests.thing.noted", format="csv")[1])
    assert [row["name"] for row in rows] == ["'=HYPERLINK(A1)"]


def test_export_holds_what_its_reader_may_see_and_ends_at_the_instant(
    promotion: Promotion, reviewer: User, stranger: User
):
    event = Event.objects.get(type="approvals.promotion.submitted")
    before = (event.at - timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")
    then = taken(reviewer, f"{LOG}?at={before}", format="jsonl")[1]
    assert str(event.pk).encode() not in then
    assert b"models.version.sealed" in then
    assert b"card-fraud" not in taken(stranger, LOG, format="jsonl")[1]


@pytest.mark.parametrize(("query", "form"), [("", {}), ("", {"format": "xlsx"}), ("?since=x", {"format": "csv"})])
def test_export_that_cannot_be_read_is_refused(reviewer: User, query: str, form: dict[str, str]):
    with assert_unchanged():
        response = browser(reviewer).post(LOG + query, form)
    assert response.status_code == 400


@pytest.fixture
def instants(model: RegisteredModel, live: ModelVersion, owner: User, compliance: User) -> list[datetime]:
    """Three instants: before anything was sealed, with one version in production, and after another took over."""
    start = model.created_at
    middle = clock.now()
    later = registry.sealed_version(model, actor=owner, version="2.0.0")
    registry.in_stage(live, Stage.ARCHIVED)
    registry.in_stage(later, Stage.PRODUCTION)
    actions.change_model(model, actor=compliance, risk_tier=RiskTier.LOW, reason="It only ranks.")
    return [start, middle, clock.now()]


def stages(user: User, at: datetime, query: str = "") -> list[tuple[str, str, str]]:
    """Return version, stage and tier of every line of the inventory at an instant."""
    moment = at.isoformat().replace("+00:00", "Z")
    rows = table(taken(user, f"{INVENTORY}?at={moment}{query}")[1])
    return [(row["version"], row["stage"], row["risk_tier"]) for row in rows]


def test_inventory_answers_at_any_instant(instants: list[datetime], reviewer: User, stranger: User):
    assert [stages(reviewer, at) for at in instants] == [
        [],
        [("1.3.2", "production", "high")],
        [("1.3.2", "archived", "low"), ("2.0.0", "production", "low")],
    ]
    assert [stages(stranger, at) for at in instants] == [[], [], []]
    assert stages(reviewer, instants[2], "&stage=production") == [("2.0.0", "production", "low")]
    assert stages(reviewer, instants[2], "&team=nobody") == []


def test_inventory_page_shows_the_same_with_the_tier_of_that_day(instants: list[datetime], reviewer: User):
    at = instants[1].isoformat().replace("+00:00", "Z")
    page = words(reviewer, f"{INVENTORY}?at={at}")
    for expected in ("1.3.2", "High tier", "As of ", f'href="{reverse("portal:model", args=["card-fraud"])}?at='):
        assert expected in page
    assert "2.0.0" not in page
    now = words(reviewer, INVENTORY)
    assert "2.0.0" in now
    assert "Low tier" in now


def test_inventory_agrees_with_the_api(instants: list[datetime], reviewer: User):
    for at in instants:
        answer = browser(reviewer).get("/api/v1/inventory/", {"at": at.isoformat()}).json()["results"]
        assert [(row["version"], row["stage"]) for row in answer] == [each[:2] for each in stages(reviewer, at)]


def test_inventory_export_is_recorded(live: ModelVersion, reviewer: User):
    with assert_audited(REPORT_EXPORTED, actor=reviewer) as recorded:
        taken(reviewer, f"{INVENTORY}?stage=production")
    assert recorded.data == {"report": "the inventory", "format": "csv", "count": 1}
    assert recorded.personal["conditions"]["stage"] == "production"


def test_pages_of_the_inventory_join_without_gap(team: Team, contributor: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("apps.portal.views.inventory.PAGE_SIZE", 2)
    for number in range(2):
        model = registry.registered_model(team, actor=contributor, name=f"model-{number}")
        for _ in range(2):
            registry.sealed_version(model, actor=contributor)
    first = browser(contributor).get(INVENTORY).context["shelf"]
    second = browser(contributor).get(INVENTORY, {"after": first.after}).context["shelf"]
    seen = [str(row.version) for row in (*first.rows, *second.rows)]
    assert seen == ["model-0 1.0.0", "model-0 1.0.1", "model-1 1.0.0", "model-1 1.0.1"]
    assert second.after is None
    assert len(browser(contributor).get(INVENTORY, {"after": "x~y"}).context["shelf"].rows) == 2


@pytest.mark.parametrize("at", ["x", "2999-01-01"])
def test_inventory_of_no_time_or_one_to_come_is_refused(reviewer: User, at: str):
    response = browser(reviewer).get(INVENTORY, {"at": at})
    assert response.status_code == 400
    assert b"Show the page as it is now" in response.content
