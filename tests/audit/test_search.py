"""Words are found near a place of the log, exactly and with bounded work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.audit import search as searching
from apps.audit import selectors
from apps.audit.models import Event
from apps.audit.search import search

pytestmark = pytest.mark.django_db(transaction=True)
EVENTS = 400
EVERYWHERE = range(EVENTS)
# Words, and the places of the events that hold them.
SAID = {
    "everywhere": range(EVENTS),
    "old": range(150),
    "seldom": (3, 77, 391),
    "1.1.0": (77, 391),
    '"beside each other"': (5, 250),
    '"beside other"': (),
    "everywhere -old": range(150, EVENTS),
    "seldom or unique": (3, 77, 391, 399),
    "-everywhere": (),
    '-"beside each other" seldom': (3, 77, 391),
    "nowhere": (),
    "!!!": (),
}


@pytest.fixture(autouse=True)
def log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four hundred events, some every minute and some every hour, and stretches of a few places."""
    for name, value in {"FIRST": 64, "NARROWEST": 4, "MOST": 12, "QUESTIONS": 24}.items():
        monkeypatch.setattr(searching, name, value)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO audit_event (id, body, type, at, actor, subject_type, subject_id, scopes)
            SELECT gen_random_uuid(), concat_ws(' ', 'everywhere', CASE WHEN n < 150 THEN 'old' END,
                CASE WHEN n IN (3, 77, 391) THEN 'seldom' END, CASE WHEN n = 399 THEN 'unique' END,
                CASE WHEN n IN (77, 391) THEN '1.1.0' END,
                CASE WHEN n IN (5, 250) THEN 'beside each other' ELSE 'other each beside' END),
                CASE n %% 2 WHEN 0 THEN 'audit.even' ELSE 'audit.odd' END,
                '2026-01-01Z'::timestamptz + make_interval(mins => n, hours => n / 100 * n), 'urn', 'model', '1',
                ARRAY['team:' || n %% 3]
            FROM generate_series(0, %s) AS n ORDER BY n
            """,
            [EVENTS - 1],
        )


def places(events: list[Event]) -> list[int]:
    """Return where events stand."""
    return [event.leaf.leaf_index for event in events]


def searched(words: str, size: int, upwards: bool) -> list[int]:
    """Return the places found by going on until everything is searched."""
    found: list[int] = []
    rest = EVERYWHERE
    for _ in range(EVENTS):
        step = search(Event.objects.all(), words, size, rest, upwards=upwards)
        found += places(step.events)
        if len(step.events) == size:
            rest = range(found[-1] + 1, EVENTS) if upwards else range(found[-1])
        else:
            rest = step.rest
        if not rest:
            return found
    raise AssertionError("the search never ends")


@pytest.mark.parametrize("upwards", [False, True])
@pytest.mark.parametrize("words", SAID)
def test_every_event_with_the_words_is_found_once_and_in_order(words: str, upwards: bool):
    expected = sorted(SAID[words], reverse=not upwards)
    assert searched(words, 7, upwards) == expected
    assert sorted(places(list(Event.objects.all().committed().containing(words)))) == sorted(expected)


def test_other_conditions_and_places_are_kept_to():
    found = search(Event.objects.filter(type="audit.odd"), "old", 10, range(20, 60))
    assert places(found.events) == list(range(59, 39, -2))
    assert places(search(Event.objects.all(), "old", 10, range(20, 24)).events) == [23, 22, 21, 20]
    hidden = search(Event.objects.filter(scopes__overlap=["team:2"]), "seldom", 100, EVERYWHERE)
    assert places(hidden.events) == [77]


@contextmanager
def questions(most: int) -> Iterator[None]:
    """Check that at most so many queries are asked."""
    with CaptureQueriesContext(connection) as asked:
        yield
    assert len(asked) <= most, [query["sql"] for query in asked]


def test_word_that_no_new_event_holds_is_found_without_walking_there():
    with questions(20):
        assert places(search(Event.objects.all(), "old", 5, EVERYWHERE).events) == [149, 148, 147, 146, 145]
    with questions(4):
        assert places(search(Event.objects.all(), "seldom", 5, EVERYWHERE).events) == [391, 77, 3]


def test_search_asks_a_bounded_number_of_questions_and_says_how_far_it_came(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(searching, "QUESTIONS", 4)
    with questions(5):
        found = search(Event.objects.all(), "old", 100, EVERYWHERE)
    assert len(found.events) < 100
    assert 0 < len(found.rest) < EVENTS


def test_search_reads_a_bounded_number_of_bodies_and_says_how_far_it_came(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(searching, "BODIES", 30)
    found = search(Event.objects.all(), '"beside other"', 5, EVERYWHERE)
    assert found.events == []
    assert 0 < len(found.rest) < EVENTS
    upwards = search(Event.objects.all(), '"beside other"', 5, EVERYWHERE, upwards=True)
    assert upwards.rest.stop == EVENTS
    assert upwards.rest.start > 0


def test_stretch_is_found_by_the_index_whatever_the_log_holds():
    near = Event.objects.about_the_time_of(390, 399).containing("everywhere")
    with transaction.atomic(), connection.cursor() as cursor:
        # An index of words can only be read as a bitmap; whatever the planner thinks of a small table, it is left that.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        assert "audit_event_found" in near.explain()
    assert set(range(390, 400)) <= set(places(list(near.select_related("leaf"))))
    assert near.count() < EVENTS


def test_places_of_a_time_hold_everything_recorded_then():
    assert selectors.places_between(None, None) == EVERYWHERE
    first, last = (Event.objects.get(leaf__leaf_index=place).at for place in (120, 340))
    within = selectors.places_between(first, last)
    assert set(range(120, 341)) <= set(within)
    assert len(within) < EVENTS


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("-old", True),
        ('-"beside each other" -old', True),
        ("- old", True),
        ('-"never closed', True),
        ("everywhere -old", False),
        ('-"beside each other" seldom', False),
        ("card-fraud", False),
        ("2026-11-24", False),
        ("!!!", False),
        ("", False),
    ],
)
def test_what_only_leaves_out_is_told_from_what_finds(text: str, nothing: bool):
    assert searching.only_leaves_out(text) is nothing
