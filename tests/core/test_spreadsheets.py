"""Tables as CSV: nothing in a cell becomes a formula, and every cell reads back as it was."""

from __future__ import annotations

import csv
import io

import pytest

from apps.core import spreadsheets


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n@x", "\uff1d1+1", "=cmd|' /C calc'!A0"]
)
def test_text_that_would_be_a_formula_is_text(text: str):
    assert spreadsheets.cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "written"), [("card-fraud 1.4.0", "card-fraud 1.4.0"), (-3, "-3"), (0.5, "0.5"), (None, ""), ("", "")]
)
def test_other_values_stay_as_they_are(value: object, written: str):
    assert spreadsheets.cell(value) == written


def test_lines_read_back_whole():
    rows = [["a", 'quote " and, comma'], ["two\nlines", "é"]]
    assert list(csv.reader(io.StringIO(spreadsheets.lines(rows).decode(), newline=""))) == rows
