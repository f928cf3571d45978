"""One POST to a receiver: to a checked address, without redirects or proxies, within a hard limit of time."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Url, parse_url

from apps.notifications import addresses

SECONDS = 15.0
EXCERPT = 200
USER_AGENT = "Registry-Portal-Webhooks/1"


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt: a status, or the class of the error that prevented one."""

    status: int | None = None
    error: str = ""
    milliseconds: int = 0
    retry_after: timedelta | None = None
    excerpt: str = ""

    @property
    def delivered(self) -> bool:
        """Only 2xx is success: a redirect is not followed and counts as failure."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The receiver wants no more."""
        return self.status == 410

    @property
    def problem(self) -> str:
        """What went wrong, in a word; nothing when delivered."""
        return "" if self.delivered else self.error or f"HTTP {self.status}"


def post(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """Send one request and return what came of it; never raises for what a receiver or the network does."""
    started = time.monotonic()
    try:
        with Deadline(SECONDS) as deadline:
            status, retry_after, excerpt = _exchange(parse_url(url), body, headers, deadline)
    except (HTTPError, OSError, http.client.HTTPException, ValueError) as error:
        late = time.monotonic() - started >= SECONDS
        return Outcome(error="Timeout" if late else type(error).__name__, milliseconds=_since(started))
    return Outcome(status, "", _since(started), retry_after, excerpt)


class Deadline:
    """Cuts the connection when time is up, however slowly the receiver drips."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.watched: socket.socket | None = None
        self.timer = threading.Timer(seconds, self._cut)
        self.timer.daemon = True

    def __enter__(self) -> Self:
        self.timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.timer.cancel()
        if self.watched is not None:
            self.watched.close()

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection when time is up."""
        # TLS takes the socket away from its object; a duplicate still reaches the connection.
        self.watched = connection.dup()

    def _cut(self) -> None:
        if self.watched is not None:
            try:
                self.watched.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


class CheckedHTTP(HTTPConnection):
    """Plain HTTP to a checked address."""

    encrypted = False
    deadline: Deadline

    def _new_conn(self) -> socket.socket:
        timeout = float(self.timeout) if isinstance(self.timeout, int | float) else SECONDS
        connection = addresses.connect(self._dns_host, self.port or 0, encrypted=self.encrypted, timeout=timeout)
        self.deadline.watch(connection)
        return connection


class CheckedHTTPS(CheckedHTTP, HTTPSConnection):
    """HTTPS to a checked address; name and certificate are those of the URL's host."""

    encrypted = True


def _exchange(url: Url, body: bytes, headers: dict[str, str], deadline: Deadline) -> tuple[int, timedelta | None, str]:
    connection = _connection(url)
    connection.deadline = deadline
    try:
        connection.request("POST", url.request_uri, body, {"User-Agent": USER_AGENT, **headers}, preload_content=False)
        response = connection.getresponse()
        retry_after = _retry_after(response.headers.get("Retry-After")) if response.status in (429, 503) else None
        return response.status, retry_after, "" if response.status < 300 else _excerpt(response)
    finally:
        connection.close()


def _connection(url: Url) -> CheckedHTTP:
    host = (url.host or "").strip("[]")
    if url.scheme == "https":
        context = ssl.create_default_context()
        return CheckedHTTPS(host, url.port or 443, timeout=SECONDS, ssl_context=context)
    return CheckedHTTP(host, url.port or 80, timeout=SECONDS)


def _retry_after(value: str | None) -> timedelta | None:
    """Read seconds or an HTTP date (RFC 9110, section 10.2.3); None for anything else."""
    if value is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return timedelta(seconds=int(value))
    try:
        return parsedate_to_datetime(value) - datetime.now(UTC)
    except (TypeError, ValueError):
        return None


def _excerpt(response: BaseHTTPResponse) -> str:
    """Return the beginning of an answer as printable ASCII; what cannot be read does not matter any more."""
    try:
        answer = response.read(EXCERPT, decode_content=False)
    except (HTTPError, OSError, http.client.HTTPException):
        return ""
    return re.sub(rb"[^\x20-\x7e]+", b" ", answer[:EXCERPT]).decode().strip()


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
