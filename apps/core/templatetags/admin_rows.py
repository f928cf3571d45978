"""Rows of admin tables as the portal shows things: states to be drawn, yes and no in words, documents by line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
# Columns whose values are states: word, colour and shape, as everywhere.
STATES = frozenset(
    {"state", "stage", "target_stage", "source_stage", "verdict", "status", "scan_verdict", "risk_tier", "checked_at"}
)
TRUTH = re.compile(r'<img [^>]*alt="(True|False|None)"[^>]*>')
WORDS = {"True": "Yes", "False": "No", "None": ""}
DIGEST = re.compile(r"[0-9a-f]{40,}\Z")


@dataclass(frozen=True)
class Value:
    """One value of a row: a state, or markup that Django has escaped."""

    label: str
    name: str
    html: SafeString
    state: str = ""


@register.filter
def with_rows(results: Any, changelist: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the cells of each row with the row."""
    return zip(results, changelist.result_list, strict=True)


@register.simple_tag
def values_of(cells: Any, headers: Any, row: Any, columns: Any) -> list[Value]:
    """Return the cells of a row, each with its column's label, which stands beside it on narrow screens."""
    found = []
    for cell, header, name in zip(cells, headers, columns, strict=True):
        label = "" if name == "action_checkbox" else str(header["text"]).capitalize()
        # The cell is markup that Django has escaped; the label is escaped here.
        labelled = str(cell).replace("<td", f'<td data-label="{escape(label)}"', 1)
        found.append(Value(label, name, _in_words(labelled), _state(row, name)))
    return found


@register.simple_tag
def facts_of(form: Any, row: Any) -> list[Value]:
    """Return the fields of a row's page with what they hold."""
    return [_fact(field, row) for fieldset in form for line in fieldset for field in line]


@register.filter
def entry(words: dict[str, str], key: str) -> str:
    """Return what is said under a key; nothing where nothing is."""
    return words.get(key, "")


def _fact(field: Any, row: Any) -> Value:
    name, label = str(field.field["name"]), str(field.field["label"])
    raw = getattr(row, name, None)
    if isinstance(raw, dict) or (isinstance(raw, list) and any(isinstance(each, dict) for each in raw)):
        shown = format_html("<pre>{}</pre>", json.dumps(raw, indent=2, ensure_ascii=False)) if raw else SafeString("")
    elif isinstance(raw, str) and DIGEST.match(raw):
        shown = format_html("<code>{}</code>", raw)
    else:
        shown = _in_words(str(field.contents()))
    return Value(label, name, shown, _state(row, name))


def _in_words(markup: str) -> SafeString:
    return mark_safe(TRUTH.sub(lambda found: WORDS[found[1]], markup))  # noqa: S308 - Django has escaped it


def _state(row: Any, name: str) -> str:
    value = getattr(row, name, "") if name in STATES else ""
    return value if isinstance(value, str) else ""
