"""JSON columns that give back what was put in."""

from __future__ import annotations

import json
from typing import Any

SAFE_INTEGER = 2**53 - 1


class ExactDecoder(json.JSONDecoder):
    """Reads whole numbers beyond ±(2^53 - 1) as floats.

    PostgreSQL's jsonb writes the float 1e22 as its digits; only floats can have come in so large.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(parse_int=_number, **options)


def _number(digits: str) -> int | float:
    value = int(digits)
    return value if abs(value) <= SAFE_INTEGER else float(value)
