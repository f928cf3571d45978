"""HTTP with the standard library: one token, one registry, patient with networks and careful with the token."""

from __future__ import annotations

import base64
import http.client
import ipaddress
import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from typing import IO, Any, cast
from urllib.parse import urlsplit

from registry_portal_client.errors import Refused, Unreachable, WrongUse

RETRIED = frozenset({429, 502, 503, 504})
LONGEST_PAUSE = 60.0
LONGEST_ANSWER = 64 * 1024 * 1024
USER_AGENT = "registry-portal-client/1"

Bytes = Callable[[], Iterator[bytes]]


class Transport:
    """Sends requests to one registry; every attempt that a network broke is repeated, `attempts` times in all."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        allow_http: bool = False,
        timeout: float = 120.0,
        attempts: int = 6,
        backoff: float = 0.5,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.url = checked_url(url, allow_http=allow_http)
        self._token = checked_token(token)
        self._timeout, self._attempts, self._backoff, self._tell = timeout, max(1, attempts), backoff, tell
        handlers = [_NoRedirects(), _Http(), _Https()]
        # What stays on this machine goes through no proxy.
        proxies = [urllib.request.ProxyHandler({})] if is_loopback(urlsplit(self.url).hostname or "") else []
        self._opener = urllib.request.build_opener(*handlers, *proxies)

    def __repr__(self) -> str:
        """Name the registry, never the token."""
        return f"Transport({self.url!r})"

    def json(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        """Return the JSON answer; `key` makes a POST repeatable. Raises Refused, Unreachable."""
        headers = {"Idempotency-Key": key} if key else {}
        content = b""
        if body is not None:
            content = json.dumps(body, allow_nan=False).encode()
            headers["Content-Type"] = "application/json"

        def once() -> Any:
            data = content if method != "GET" else None
            with self._open(method, path, headers, data) as answer:
                return _parsed(answer.read(LONGEST_ANSWER), self.url)

        return self.patiently(f"{method} {path}", once)

    def upload(self, path: str, content: Bytes, size: int, sha256: str) -> Any:
        """Stream bytes with their SHA-256 sent ahead (Repr-Digest, RFC 9530). Raises Refused, Unreachable."""
        digest = base64.b64encode(bytes.fromhex(sha256)).decode()
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(size),
            "Repr-Digest": f"sha-256=:{digest}:",
        }

        def once() -> Any:
            with self._open("PUT", path, headers, content()) as answer:
                return _parsed(answer.read(LONGEST_ANSWER), self.url)

        return self.patiently(f"PUT {path}", once)

    @contextmanager
    def download(self, path: str, start: int = 0, etag: str = "") -> Iterator[tuple[int, IO[bytes]]]:
        """Yield where the bytes begin, which is `start` when the registry knows the rest, and the bytes themselves.

        One attempt: the caller keeps what came and asks for the rest. Raises Refused, OSError, HTTPException.
        """
        headers = {"Range": f"bytes={start}-", "If-Range": etag} if start else {}
        with self._open("GET", path, headers | {"Accept": "*/*"}) as answer:
            yield start if answer.status == 206 else 0, cast(IO[bytes], answer)

    def patiently(self, what: str, once: Callable[[], Any], moved: Callable[[], int] = lambda: 0) -> Any:
        """Return what `once` returns, repeating it while the network or an overloaded registry fails it.

        Attempts count from one again whenever `moved` tells another number: a transfer that gets on may go on.
        """
        attempt, at = 0, moved()
        while True:
            attempt = 1 if at != (at := moved()) else attempt + 1
            try:
                return once()
            except Refused as error:
                if error.status not in RETRIED or attempt == self._attempts:
                    raise
                pause, why = error.retry_after, f"the registry is busy ({error.status} {error.code})"
            except (OSError, http.client.HTTPException) as error:
                why = _reason(error)
                if attempt == self._attempts:
                    raise Unreachable(
                        f"{self.url} does not answer: {why}", advice="check REGISTRY_URL and the network, then repeat"
                    ) from error
                pause = None
            if pause is None:
                pause = self._backoff * 2 ** (attempt - 1) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
            self._tell(f"{what}: {why}; attempt {attempt + 1} of {self._attempts}")
            time.sleep(min(pause, LONGEST_PAUSE))

    @contextmanager
    def _open(self, method: str, path: str, headers: dict[str, str], data: Any = None) -> Iterator[Any]:
        """Yield the answer of one request; raises Refused for a problem, OSError and HTTPException for the network."""
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            f"{self.url}/api/v1/{path}",
            data=data,
            headers={"Accept": "application/json", "User-Agent": USER_AGENT, **headers},
            method=method,
        )
        # Unredirected: whatever a proxy or server points to, the token does not follow.
        request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        try:
            answer = self._opener.open(request, timeout=self._timeout)
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error, self.url) from None
        with answer:
            yield answer


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The API does not redirect: a redirect means that the address is wrong, or something between changes it."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing."""


class _Patient(http.client.HTTPConnection):
    """Reads the answer even if sending broke off: a server that refuses an upload may answer before its end."""

    def endheaders(self, message_body: Any = None, *, encode_chunked: bool = False) -> None:
        """Send, and leave it to reading the answer to find out whether the connection is gone."""
        try:
            super().endheaders(message_body, encode_chunked=encode_chunked)
        except (BrokenPipeError, ConnectionResetError):
            if self.sock is None:
                raise


class _PatientTls(_Patient, http.client.HTTPSConnection):
    """The same over TLS."""


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Patient, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_PatientTls, req)


def checked_url(url: str, *, allow_http: bool = False) -> str:
    """Return the registry's base address; raises WrongUse where the token would travel in the clear."""
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise WrongUse(f"{url!r} is no address of a registry; give one such as https://registry.example.org")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise WrongUse("the registry's address holds more than scheme, host, port and path")
    if parts.scheme == "http" and not allow_http and not is_loopback(parts.hostname):
        raise WrongUse(
            f"the token would travel unencrypted to {parts.hostname}",
            advice="use https, or --allow-http (REGISTRY_ALLOW_HTTP=1) where the network itself is protected",
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def checked_token(token: str) -> str:
    """Return the token without white space around it; raises WrongUse, and never shows it."""
    token = token.strip()
    if not token or not (token.isascii() and token.isprintable()) or " " in token:
        raise WrongUse(
            "the API token is empty or holds characters that no token has",
            advice="set REGISTRY_TOKEN to the token as it was shown, or `registry-portal login`",
        )
    return token


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refusal(error: urllib.error.HTTPError, url: str) -> Refused:
    where = error.headers.get("Location", "")
    if 300 <= error.code < 400:
        detail = (
            f"{url} redirects to {urlsplit(where)._replace(query='', fragment='').geturl()}; set REGISTRY_URL to it"
        )
        return Refused(error.code, {"code": "redirected", "detail": detail})
    try:
        found = json.loads(error.read(LONGEST_ANSWER) or b"{}")
    except (OSError, http.client.HTTPException, ValueError):
        found = None
    problem = found if isinstance(found, dict) else {"code": "no_problem", "detail": f"{url} answered {error.reason}"}
    return Refused(error.code, problem, retry_after=_seconds(error.headers))


def _seconds(headers: Message) -> float | None:
    value = headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None


def _parsed(content: bytes, url: str) -> Any:
    try:
        return json.loads(content or b"null")
    except ValueError:
        raise WrongUse(f"{url} does not speak the registry's API; check REGISTRY_URL") from None


def _reason(error: Exception) -> str:
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    return str(inner) or type(inner).__name__
