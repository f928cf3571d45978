"""How times, numbers and states read, and how small pictures are drawn; no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps.approvals.states import CheckStatus, RuleStatus, State, Verdict
from apps.models.states import RiskTier, ScanVerdict, Stage, VersionState
from apps.portal import bands, plots, wording
from apps.portal.bands import Stretch
from apps.portal.sparkline import sparkline

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=5), "now"),
        (timedelta(minutes=-5), "5 min ago"),
        (timedelta(hours=-2), "2 h ago"),
        (timedelta(days=-1), "1 day ago"),
        (timedelta(days=-6), "6 days ago"),
        (timedelta(days=-30), "23 Oct"),
        (timedelta(days=-400), "18 Oct 2025"),
        (timedelta(days=3), "in 3 days"),
        (timedelta(days=14), "in 14 days"),
        (timedelta(days=60), "21 Jan 2027"),
    ],
)
def test_instant_reads_as_people_say_it(distance: timedelta, words: str):
    assert wording.relative(NOW + distance, NOW) == words


@pytest.mark.parametrize(
    ("distance", "urgency"), [(timedelta(0), "is-late"), (timedelta(days=2), "is-soon"), (timedelta(days=9), "")]
)
def test_due_date_stands_out_when_it_is_near(distance: timedelta, urgency: str):
    assert wording.urgency(NOW + distance, NOW) == urgency


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.952, "0.952"),
        (0.06150000169, "0.0615"),
        (1.0, "1"),
        (1234567, "1\u202f234\u202f567"),
        (True, "True"),
        ("a", "a"),
    ],
)
def test_number_reads_with_five_digits(value: object, words: str):
    assert wording.number(value) == words


@pytest.mark.parametrize(("count", "words"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (3_400_000_000, "3.4 GB")])
def test_size_reads_in_decimal_units(count: int, words: str):
    assert wording.size(count) == words


@pytest.mark.parametrize(("name", "letters"), [("Ada Kim", "AK"), ("train-bot", "TB"), ("leo", "L"), ("", "")])
def test_initials_are_at_most_two(name: str, letters: str):
    assert wording.initials(name) == letters


@pytest.mark.parametrize(
    "states", [Stage, State, RiskTier, ScanVerdict, CheckStatus, RuleStatus, Verdict, VersionState]
)
def test_every_state_has_a_look_of_its_own(states: type[Stage]):
    looks = [wording.LOOKS[state.value] for state in states]
    assert len({(look.word, look.shape) for look in looks}) == len(looks)


def test_unknown_state_is_shown_by_its_own_word():
    assert wording.look_of("on_hold").word == "On hold"


def test_chart_ends_with_what_is_in_production_now():
    old = Stretch("1.0.0", "production", NOW - timedelta(days=100), NOW - timedelta(days=50))
    gone = Stretch("1.0.0", "archived", NOW - timedelta(days=50), None)
    new = Stretch("1.1.0", "production", NOW - timedelta(days=50), None)
    chart = bands.chart([new, gone, old], NOW)
    assert chart is not None
    assert [
        (lane.version, [(band.stretch.stage, band.x, band.width) for band in lane.bands]) for lane in chart.lanes
    ] == [("1.1.0", [("production", 50, 50)]), ("1.0.0", [("production", 0, 50), ("archived", 50, 50)])]
    assert bands.chart([], NOW) is None


def test_plot_knows_its_best_value_and_keeps_within_its_frame():
    plot = plots.plot("log_loss", [("1.0.0", 0.2), ("1.1.0", 0.1), ("2.0.0", 0.15)])
    assert (plot.first.version, plot.best.version, plot.last.version) == ("1.0.0", "1.1.0", "2.0.0")
    assert all(plots.LEFT <= p.x <= plots.WIDTH and 0 < p.y < plots.HEIGHT for p in plot.points)
    assert plot.points[0].y < plot.points[2].y < plot.points[1].y


@pytest.mark.parametrize("value", [0.0, 0.5, -3, 1e300])
def test_plot_of_one_value_is_drawn_in_the_middle(value: float):
    plot = plots.plot("auc", [("1.0.0", value)])
    assert (plots.LEFT < plot.last.x < plots.WIDTH, 0 < plot.last.y < plots.HEIGHT) == (True, True)


def test_sparkline_keeps_within_its_box():
    line = sparkline("auc", [0.9, 0.95, 0.91])
    points = [tuple(map(float, point.split(","))) for point in line.points.split()]
    assert all(0 <= x <= line.width and 0 <= y <= line.height for x, y in points)
    assert points[1][1] < points[0][1]
    assert points[-1] == line.last
