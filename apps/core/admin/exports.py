"""Lists of the admin as files: streamed, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import html
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.admin.utils import lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

CHUNK = 500
KINDS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}
# What makes a spreadsheet take a text for a formula (OWASP, "CSV Injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        """Return the line."""
        return text


def lines(kind: str, rows: Iterable[models.Model], columns: Sequence[str], page: Any) -> Iterator[str]:
    """Yield a list as CSV with a header, or as JSON Lines, one row at a time."""
    if kind == "jsonl":
        for row in rows:
            yield json.dumps(_record(row, columns, page), ensure_ascii=False, default=str) + "\n"
        return
    writer = csv.writer(Echo())
    yield str(writer.writerow(columns))
    for row in rows:
        yield str(writer.writerow([cell(value) for value in _record(row, columns, page).values()]))


def cell(value: Any) -> Any:
    """Return what stands in a CSV cell; a text that looks like a formula is marked as text."""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _record(row: models.Model, columns: Sequence[str], page: Any) -> dict[str, Any]:
    return {name.strip("_"): plain(_value(row, name, page)) for name in columns}


def _value(row: models.Model, name: str, page: Any) -> Any:
    try:
        return lookup_field(name, row, page)[2]
    except ObjectDoesNotExist:
        return None


def plain(value: Any) -> Any:
    """Return a value as JSON data: times in ISO 8601, objects by their name, marked-up text without its marks."""
    if isinstance(value, SafeString):
        return " ".join(html.unescape(strip_tags(value)).split())
    if isinstance(value, datetime | date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float | str | dict | list):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)
