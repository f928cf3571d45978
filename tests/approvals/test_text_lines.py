"""Two texts line by line."""

from __future__ import annotations

import pytest

from apps.approvals.comparison import TextLine, text_lines


def test_equal_texts_have_no_difference():
    assert text_lines("a\nb", "a\nb\n") == ()


def test_changed_line_stands_among_its_neighbours_and_the_rest_is_counted():
    old = "\n".join(f"line {number}" for number in range(20))
    found = text_lines(old, old.replace("line 10", "line ten"), around=1)
    assert [(line.direction, line.text, line.count) for line in found] == [
        ("skipped", "", 9),
        ("same", "line 9", 1),
        ("removed", "line 10", 1),
        ("added", "line ten", 1),
        ("same", "line 11", 1),
        ("skipped", "", 8),
    ]


@pytest.mark.parametrize(("old", "new", "direction"), [("", "a\nb", "added"), ("a\nb", "", "removed")])
def test_text_that_came_or_went_is_whole(old: str, new: str, direction: str):
    assert text_lines(old, new) == (TextLine(direction, "a"), TextLine(direction, "b"))


def test_text_of_very_many_lines_is_replaced_whole():
    found = text_lines("a\n" * 1_500, "a\n" * 1_499)
    assert {line.direction for line in found} == {"removed", "added"}
