"""HTTP clients of a running portal: one kept-alive connection each, and several that strike at the same moment."""

from __future__ import annotations

import http.client
import json
import select
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

API = "/api/v1"
TIMEOUT_SECONDS = 60
BROKEN = (http.client.HTTPException, OSError)


@dataclass(frozen=True)
class Answer:
    """What came back: the parsed body, or none where it is no JSON."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The stable code of a problem, empty for a success."""
        is_problem = self.headers.get("content-type", "").startswith("application/problem+json")
        return str(self.body["code"]) if is_problem else ""

    def expect(self, *statuses: int) -> Answer:
        """Return the answer itself; anything else than these statuses fails the test."""
        assert self.status in statuses, f"{self.status}: {self.body}"
        return self


class Client:
    """One caller with one token and one connection; not for use by two threads at once."""

    def __init__(self, base_url: str, token: str) -> None:
        self.address = urlsplit(base_url).netloc
        self.headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self.connection = http.client.HTTPConnection(self.address, timeout=TIMEOUT_SECONDS)

    def get(self, path: str) -> Answer:
        """GET a path under /api/v1."""
        return self.send("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """POST JSON; header names are given with underscores."""
        content = None if body is None else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("POST", path, content, {"Content-Type": "application/json", **given})

    def put(self, path: str, content: bytes | Iterable[bytes], **headers: str) -> Answer:
        """PUT raw bytes."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("PUT", path, content, {"Content-Type": "application/octet-stream", **given})

    def send(self, method: str, path: str, content: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request; raises one of BROKEN where the connection breaks, and connects anew the next time."""
        if self.ended():
            self.connection.close()
        try:
            self.connection.request(method, API + path, content, {**self.headers, **(headers or {})})
            response = self.connection.getresponse()
            data = response.read()
        except BROKEN:
            self.connection.close()
            raise
        given = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, json.loads(data) if "json" in given.get("content-type", "") else None, given)

    def ended(self) -> bool:
        """Tell whether the server has closed the idle connection: then there is something to read, its end."""
        return self.connection.sock is not None and bool(select.select([self.connection.sock], [], [], 0)[0])


def at_once(*acts: Callable[[], Answer], head_start: float = 0.0) -> list[Answer]:
    """Do all acts at the same moment, each in a thread; a positive head start in seconds is the first one's.

    A negative one is that of the others.
    """
    barrier = threading.Barrier(len(acts))

    def struck(index: int, act: Callable[[], Answer]) -> Answer:
        barrier.wait(TIMEOUT_SECONDS)
        time.sleep(max(0.0, head_start if index else -head_start))
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(struck, index, act) for index, act in enumerate(acts)]]
