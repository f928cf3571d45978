"""Lists of the admin as files: what is filtered, as CSV that no spreadsheet runs, or as JSON Lines, streamed."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from typing import Any, cast

import pytest
from django.http import StreamingHttpResponse
from django.utils import timezone

from apps.accounts.models import Team, User
from apps.approvals import actions
from apps.audit import admin as audit_admin
from apps.core.admin import exports
from tests import factories
from tests import registry_factories as registry
from tests.factories import PASSWORD, browser

FORMULA = '=HYPERLINK("https://example.org","look")'


@pytest.fixture
def decided(team: Team, owner: User, contributor: User, reviewer: User) -> None:
    """Two promotions, one of which was rejected with a comment that a spreadsheet would run."""
    for name in ("card-fraud", "loan-default"):
        model = registry.registered_model(team, actor=contributor, name=name)
        version = registry.sealed_version(model, actor=contributor, version="1.0.0")
        promotion = actions.submit(version, target_stage="production", reason="Better", actor=contributor)
    actions.decide(promotion, verdict="reject", comment=FORMULA, password=PASSWORD, etag=promotion.etag, actor=reviewer)


def exported(user: User, table: str, kind: str, query: str = "") -> str:
    """Return a list as a file."""
    answer = browser(user).get(f"/admin/{table}/export.{kind}{query}")
    assert answer.status_code == 200
    assert isinstance(answer, StreamingHttpResponse)
    return b"".join(cast(Iterable[bytes], answer.streaming_content)).decode()


def test_csv_has_a_header_and_a_line_for_each_row(decided: None, auditor: User) -> None:
    rows = list(csv.DictReader(exported(auditor, "approvals/promotion", "csv").splitlines()))
    assert [row["registered_model"] for row in rows] == ["loan-default", "card-fraud"]
    assert rows[0]["state"] == "rejected"


def test_file_holds_what_the_list_was_narrowed_to(decided: None, auditor: User) -> None:
    lines = exported(auditor, "approvals/promotion", "jsonl", "?state__exact=rejected&q=loan").splitlines()
    assert [json.loads(line)["registered_model"] for line in lines] == ["loan-default"]
    assert exported(auditor, "approvals/promotion", "jsonl", "?state__exact=executed") == ""


def test_text_that_looks_like_a_formula_is_marked_as_text_in_csv(decided: None, auditor: User) -> None:
    (row,) = csv.DictReader(exported(auditor, "approvals/decision", "csv").splitlines())
    assert row["comment"] == f"'{FORMULA}"
    assert json.loads(exported(auditor, "approvals/decision", "jsonl"))["comment"] == FORMULA


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_beginnings_of_formulas_are_marked(text: str) -> None:
    assert exports.cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "shown"), [(-1.5, -1.5), ("plain", "plain"), (None, ""), ({"a": 1}, '{"a": 1}')])
def test_other_values_stay_as_they_are(value: Any, shown: Any) -> None:
    assert exports.cell(value) == shown


def test_log_is_exported_with_its_proof_and_without_personal_data(decided: None, compliance: User) -> None:
    found = exported(compliance, "audit/event", "jsonl")
    first = json.loads(found.splitlines()[0])
    assert first["type"] == "approvals.promotion.decided"
    assert json.loads(first["body"])["type"] == first["type"]
    assert FORMULA not in found


@pytest.mark.parametrize("persona", ["administrator", "owner", "stranger"])
def test_who_may_not_read_a_list_may_not_export_it(personas: dict[str, User], persona: str) -> None:
    assert browser(personas[persona]).get("/admin/approvals/promotion/export.csv").status_code in (302, 403)


def test_unknown_kind_of_file_is_not_found(auditor: User) -> None:
    assert browser(auditor).get("/admin/approvals/promotion/export.xml").status_code == 404


def test_hidden_columns_cannot_be_guessed_through_exports(auditor: User) -> None:
    answer = browser(auditor).get("/admin/accounts/user/export.csv?password__startswith=m")
    assert answer.status_code == 400


def test_exported_people_carry_no_secrets(administrator: User) -> None:
    found = exported(administrator, "accounts/user", "csv")
    assert administrator.username in found
    assert administrator.password not in found


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("until=1999-12-31", 0),
        ("since=1999-12-31", 2),
        ("since=2999-01-01", 0),
        ("since=2000-01-01&q=loan", 1),
        ("", 2),
    ],
)
def test_lists_are_narrowed_by_period(decided: None, auditor: User, query: str, shown: int) -> None:
    page = browser(auditor).get(f"/admin/approvals/promotion/?{query}").content.decode()
    assert re.findall(r"(\d+) promotion", page) == [str(shown)]
    assert len(exported(auditor, "approvals/promotion", "jsonl", f"?{query}").splitlines()) == shown


def test_last_day_of_a_period_belongs_to_it(decided: None, auditor: User) -> None:
    today = timezone.now().date().isoformat()
    page = browser(auditor).get(f"/admin/approvals/promotion/?since={today}&until={today}").content.decode()
    assert "2 promotions" in page


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "0000-00-00", "%00", "9999999-01-01", "9999-12-31"])
def test_what_is_no_day_narrows_nothing_and_breaks_nothing(decided: None, auditor: User, day: str) -> None:
    page = browser(auditor).get(f"/admin/approvals/promotion/?until={day}")
    assert (page.status_code, b"2 promotions" in page.content) == (200, True)
    assert len(exported(auditor, "approvals/promotion", "jsonl", f"?until={day}").splitlines()) == 2


def test_log_is_searched_by_person_type_and_words(decided: None, auditor: User, reviewer: User) -> None:
    client = browser(auditor)
    for query, shown in (("reviewer", 1), ("approvals.promotion", 3), ("nothing-like-this", 0)):
        page = client.get("/admin/audit/event/", {"q": query}).content.decode()
        assert f"{shown} event" in page, query
    assert factories.person("nobody-yet").username not in page


@pytest.mark.django_db(transaction=True)
def test_log_lists_the_newest_that_hold_a_word_says_that_there_are_more_and_exports_all(
    decided: None, auditor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = browser(auditor), "/admin/audit/event/?q=%22card-fraud%22"
    every = exported(auditor, "audit/event", "jsonl", "?q=%22card-fraud%22").splitlines()
    page = client.get(address).content.decode()
    assert (f"{len(every)} events" in page, "The first" in page) == (True, False)
    monkeypatch.setattr(audit_admin, "FOUND", 1)
    page = client.get(address).content.decode()
    assert "The first 1 events" in page
    newest = max(json.loads(line)["index"] for line in every)
    assert re.findall(r"/admin/audit/event/[0-9a-f-]{36}/[^>]*>(\d+)<", page) == [str(newest)]
    assert exported(auditor, "audit/event", "jsonl", "?q=%22card-fraud%22").splitlines() == every


def test_log_names_who_acted(decided: None, auditor: User, reviewer: User) -> None:
    assert str(reviewer) in browser(auditor).get("/admin/audit/event/?q=approvals.promotion.decided").content.decode()
