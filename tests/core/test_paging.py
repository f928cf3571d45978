"""A long list is counted up to a bound, and every page of it is there all the same."""

from __future__ import annotations

import pytest

from apps.accounts.models import Team
from apps.core.counts import Count, counted
from apps.core.portal.paging import Pages
from tests.factories import team

pytestmark = pytest.mark.django_db


class Counted(Pages):
    """Counts no further than four."""

    most = 4


@pytest.fixture
def pages() -> Counted:
    """Seven teams, two to a page."""
    for number in range(7):
        team(f"team-{number}")
    return Counted(Team.objects.order_by("slug"), 2)


@pytest.mark.parametrize(
    ("asked", "number", "shown", "follows"),
    [
        (None, 1, (1, 2), True),
        ("-1", 1, (1, 2), True),
        ("two", 1, (1, 2), True),
        ("2", 2, (3, 4), True),
        ("3", 3, (5, 6), True),
        ("4", 4, (7, 7), False),
        ("5", 4, (7, 7), False),
        ("9" * 30, 4, (7, 7), False),
        pytest.param("9" * 5_000, 1, (1, 2), True, id="endless"),
    ],
)
def test_every_page_is_found(pages: Counted, asked: str | None, number: int, shown: tuple[int, int], follows: bool):
    page = pages.get_page(asked)
    assert (page.number, page.start_index(), page.end_index(), page.has_next()) == (number, *shown, follows)
    assert [each.slug for each in page] == [f"team-{place - 1}" for place in range(shown[0], shown[1] + 1)]
    assert page.has_previous() == (number > 1)
    if number > 1:
        assert page.previous_page_number() == number - 1
    if follows:
        assert page.next_page_number() == number + 1


def test_no_more_rows_are_counted_than_the_bound(pages: Counted):
    assert (pages.counted.words, str(pages.counted), pages.counted.more) == ("more than 4", "4+", True)


@pytest.mark.parametrize(
    ("there", "words", "short"),
    [(0, "0", "0"), (1_000, "1,000", "1,000"), (1_001, "more than 1,000", "1,000+")],
)
def test_count_says_when_there_are_more(there: int, words: str, short: str):
    count = Count(there)
    assert (count.words, str(count), bool(count)) == (words, short, there > 0)


def test_what_is_counted_is_exact_below_the_bound(pages: Counted):
    assert counted(Team.objects.filter(slug__in=["team-1", "team-3"]), 2) == Count(2, 2)
