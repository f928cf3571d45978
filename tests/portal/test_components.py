"""Components that are drawn once say the same as if they were drawn for each use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine
from django.utils.safestring import mark_safe

from apps.portal.templatetags.components import ago, badge

THEN = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_marked_text_never_stands_for_the_same_text_unmarked():
    marked = mark_safe("<b>now</b>")
    assert "<b>now</b>" in badge("open", marked)
    assert "<b>now</b>" not in badge("open", "<b>now</b>")
    assert "<b>now</b>" in badge("open", marked)


def test_times_go_on():
    with time_machine.travel(THEN + timedelta(minutes=5), tick=False):
        assert ">5 min ago<" in ago(THEN)
    with time_machine.travel(THEN + timedelta(minutes=9), tick=False):
        assert ">9 min ago<" in ago(THEN)
