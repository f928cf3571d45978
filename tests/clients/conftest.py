"""A server on loopback that answers what a test tells it to, however wrong: what no honest registry would say."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest

from registry_portal_client import Registry

TOKEN = "rp_secret_of_the_tests"


class Answer(NamedTuple):
    """What is answered: JSON, or bytes as they are."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = {}


class Liar:
    """Answers by method and path; keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], list[Answer]] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def says(self, path: str, *answers: Answer, method: str = "GET") -> None:
        """Answer in this order, and the last one from then on."""
        self.answers[method, f"/api/v1/{path}"] = list(answers)

    def next_answer(self, method: str, path: str) -> Answer:
        """Return what is to be answered now."""
        left = self.answers.get((method, path), [Answer({"code": "not_found", "detail": path}, 404)])
        return left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture
def liar() -> Iterator[Liar]:
    """Yield a server that says what it is told."""
    server = Liar()
    thread = threading.Thread(target=server.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.server.shutdown()
    server.server.server_close()
    thread.join()


@pytest.fixture
def registry(liar: Liar) -> Registry:
    """Return a client of that server, which does not wait long before it tries again."""
    return Registry(liar.url, TOKEN, attempts=3, backoff=0.01)


def handler(liar: Liar) -> type[BaseHTTPRequestHandler]:
    """Return the handler of a server."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            liar.asked.append((self.command, self.path, dict(self.headers)))
            body, status, headers = liar.next_answer(self.command, self.path.partition("?")[0])
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - names of http.server

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
