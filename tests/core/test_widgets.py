"""A long choice is the field that Django would draw."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.test.html import parse_html

from apps.core.portal.widgets import LongSelect

CHOICES = [("", "Every <team>"), ("R&D", [('a"', "A"), ("b", "B<")]), ("c", "C")]


@pytest.mark.parametrize(("value", "attrs"), [("b", {}), ("", {"id": "by_team", "required": True}), (None, {"x": "<"})])
def test_long_choice_is_drawn_as_any_choice(value: Any, attrs: dict[str, Any]):
    drawn = [str(kind(choices=CHOICES).render("team", value, attrs)) for kind in (forms.Select, LongSelect)]
    assert parse_html(drawn[0]) == parse_html(drawn[1])
