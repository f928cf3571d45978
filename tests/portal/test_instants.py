"""The instant that a page is asked about: what counts as a time, and what a page of the past allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import RequestFactory

from apps.core.errors import Invalid
from apps.core.verdicts import Allowed
from apps.portal.instants import as_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def asked(**query: str):
    """Return what the address asks about, on one day."""
    with time_machine.travel(NOW, tick=False):
        return as_of(RequestFactory().get("/audit/", query))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T12:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01 12:00:30", datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)),
        ("2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00:00+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T12:00:00 02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2026-11-22", NOW),
        ("2026-11-22T12:00", NOW),
        ("0001-01-01T00:00", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_time_is_read_in_utc_and_a_day_at_its_end(text: str, moment: datetime):
    assert asked(at=text).at == moment


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-13-01", "0001-01-01T00:00:00+02:00", "\x00", "1", "2026-03-01T25:00"]
)
def test_what_is_no_time_is_refused_with_an_example(text: str):
    with pytest.raises(Invalid, match="is not a time; write it as 2026-03-01 12:00"):
        asked(at=text)


@pytest.mark.parametrize("text", ["2026-11-22T12:01", "2026-11-23", "9999-12-31T23:59:59Z"])
def test_time_to_come_is_refused(text: str):
    with pytest.raises(Invalid, match="is still to come; choose a time that has passed"):
        asked(at=text)


def test_present_is_the_page_without_a_time():
    shown = asked(team="cards", at=" ")
    assert (shown.at, shown.moment, shown.value, shown.suffix, shown.reason) == (None, NOW, "", "", "")
    assert shown.present == "/audit/?team=cards"
    assert shown.allows(Allowed("Yes."))


def test_past_keeps_the_rest_of_the_query_but_not_the_place_in_the_list():
    shown = asked(at="2026-03-01T12:00", team="cards", before="7", page="2", after="3")
    assert shown.kept == (("team", "cards"),)
    assert shown.suffix == "?at=2026-03-01T12%3A00%3A00Z"
    assert shown.latest == "2026-11-22T12:00:00"


def test_past_allows_no_act_and_says_why():
    verdict = asked(at=(NOW - timedelta(days=1)).isoformat()).allows(Allowed())
    assert not verdict
    assert "acts are possible only on the page as it is now" in verdict.reason
