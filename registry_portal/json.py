"""JSON over the wire: strict on the way in, quick on the way out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.utils.encoders import JSONEncoder

from apps.core.errors import TooLarge

DEEPEST = 64
OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


class StrictJSONParser(BaseParser):
    """Refuses what two readers could read differently (RFC 8259, section 4): duplicate keys, NaN, lone surrogates."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the parsed body; raises ParseError with the reason, TooLarge before more is kept in memory."""
        return loads(_bounded(stream, settings.DATA_UPLOAD_MAX_MEMORY_SIZE))


def _bounded(stream: IO[bytes], most: int) -> bytes:
    body = bytearray()
    while chunk := stream.read(most + 1 - len(body)):
        body += chunk
        if len(body) > most:
            raise TooLarge(f"A JSON body has at most {most:,} bytes; artifacts are sent as raw bodies.")
    return bytes(body)


def loads(body: bytes) -> Any:
    """Parse one JSON text strictly; raises ParseError with the reason."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except UnicodeDecodeError:
        raise ParseError("The body is not UTF-8.") from None
    except RecursionError:
        raise ParseError(f"The body is nested deeper than {DEEPEST} levels.") from None
    except ValueError as error:
        raise ParseError(f"The body is not valid JSON: {error}.") from None
    _check(value, 0)
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        name = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ParseError(f"The key {name!r} appears twice in one object.")
    return found


def _refuse_constant(word: str) -> None:
    raise ParseError(f"{word} is not JSON.")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ParseError(f"The number {digits} is too large.")
    return value


def _check(value: Any, depth: int) -> None:
    """Refuse text that PostgreSQL cannot hold and nesting that recursive readers cannot follow."""
    if depth > DEEPEST:
        raise ParseError(f"The body is nested deeper than {DEEPEST} levels.")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)


def _check_text(value: str) -> None:
    if "\x00" in value:
        raise ParseError("Text must not contain the null character.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ParseError("Text must not contain half a surrogate pair.") from None


class StrictJSONRenderer(BaseRenderer):
    """orjson, with the types that serializers leave behind written as Django REST framework writes them."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "text"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Return `data` as UTF-8 JSON; nothing for None."""
        return b"" if data is None else dumps(data)


def dumps(data: Any) -> bytes:
    """Return `data` as UTF-8 JSON."""
    try:
        return orjson.dumps(data, default=_encode, option=OPTIONS)
    except TypeError:
        # orjson stops at 64-bit integers.
        return json.dumps(data, cls=JSONEncoder, ensure_ascii=False, allow_nan=False).encode()


def _encode(value: Any) -> Any:
    return JSONEncoder().default(value)
