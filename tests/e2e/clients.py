"""How programs and people reach a running portal over HTTP, and a receiver of its webhooks."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any
from uuid import uuid4

import requests

SECONDS = 120
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Client:
    """A program with a token; each call proves the status it expects."""

    def __init__(self, base_url: str, token: str) -> None:
        self.api = f"{base_url}/api/v1/"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def send(self, method: str, path: str, status: int, **options: Any) -> requests.Response:
        """Send a request below /api/v1/ (or to a whole address) and return the answer of this status."""
        url = path if path.startswith("http") else f"{self.api}{path}"
        answer = self.session.request(method, url, timeout=SECONDS, **options)
        assert answer.status_code == status, f"{method} {url}: {answer.status_code} {answer.text}"
        return answer

    def get(self, path: str, status: int = 200, **headers: str) -> requests.Response:
        """Read."""
        return self.send("GET", path, status, headers=headers)

    def post(self, path: str, body: dict[str, Any], status: int = 201, **headers: str) -> requests.Response:
        """Act once: the key is new unless it is given."""
        return self.send("POST", path, status, json=body, headers={"Idempotency-Key": str(uuid4()), **headers})

    def upload(self, version: str, file: Path) -> None:
        """Stream a file into a version, announcing nothing but its length, and check the digest in the answer."""
        with file.open("rb") as stream:
            placed = self.send("PUT", f"{version}artifacts/{file.name}", 201, data=stream).json()
        assert placed["sha256"] == sha256(file.read_bytes())

    def decide(self, promotion: int, password: str, verdict: str = "approve", comment: str = "") -> requests.Response:
        """Read a promotion, and sign a verdict on the round that was read."""
        etag = self.get(f"promotions/{promotion}/").headers["ETag"]
        body = {"verdict": verdict, "comment": comment, "signature": {"password": password, "meaning": "I mean it"}}
        return self.post(f"promotions/{promotion}/decisions/", body, **{"If-Match": etag})

    def until(self, promotion: int, state: str) -> dict[str, Any]:
        """Wait until a promotion is in a state, and return it."""
        end = time.monotonic() + SECONDS
        while (found := self.get(f"promotions/{promotion}/").json())["state"] != state:
            assert time.monotonic() < end, f"still {found['state']}: {found['sentence']}"
            time.sleep(0.2)
        return dict(found)


def signed_in_session(base_url: str, username: str, password: str) -> requests.Session:
    """Sign in as a person does, and return the session of that browser."""
    session, login = requests.Session(), f"{base_url}/accounts/login/"
    found = CSRF.search(session.get(login, timeout=SECONDS).text)
    assert found is not None
    form = {"login": username, "password": password, "csrfmiddlewaretoken": found[1]}
    landed = session.post(login, data=form, headers={"Referer": login}, timeout=SECONDS)
    assert landed.url.rstrip("/") == base_url, landed.text
    return session


def signed_in(base_url: str, username: str, password: str, *scopes: str) -> Client:
    """Sign in, create a token for oneself, and return a client that uses it."""
    session = signed_in_session(base_url, username, password)
    body = {"name": "walk", "scopes": list(scopes), "lifetime_days": 1}
    headers = {"X-CSRFToken": session.cookies["csrftoken"], "Referer": base_url}
    made = session.post(f"{base_url}/api/v1/tokens/", json=body, headers=headers, timeout=SECONDS)
    assert made.status_code == 201, made.text
    return Client(base_url, made.json()["token"])


@contextmanager
def receiver() -> Iterator[tuple[str, Queue[tuple[dict[str, str], bytes]]]]:
    """Yield the address of an HTTP server on loopback and the queue of what is posted to it."""
    received: Queue[tuple[dict[str, str], bytes]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.put(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sha256(content: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
