"""What clients do while the clock runs: each function returns what makes one client's act."""

from __future__ import annotations

import itertools
import json
import socket
from typing import Any

import psycopg

from benchmarks.load import Act, MakeAct

Headers = dict[str, str]
SELECT = "SELECT body FROM benchmark WHERE id = %s"
INSERT = "INSERT INTO benchmark (body) VALUES (%s)"
ROWS, BODY = 1000, "x" * 100


class Connection:
    """The least of an HTTP client: requests prepared beforehand, one kept-alive connection, answers by length."""

    def __init__(self, address: str) -> None:
        host, _, port = address.partition(":")
        self.address = address
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")

    def prepare(self, method: str, path: str, headers: Headers, body: Any = None) -> bytes:
        """Return the bytes of a request."""
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.address}", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "Content-Type: application/json", "", ""]).encode() + content

    def ask(self, request: bytes, status: bytes) -> bytes:
        """Send a request and return the body of its answer; raises RuntimeError where the status is another one."""
        self.socket.sendall(request)
        first, length = self.stream.readline(), 0
        while (line := self.stream.readline()) not in (b"\r\n", b""):
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        answer = self.stream.read(length)
        if not first:
            raise RuntimeError("the connection was closed before an answer came")
        if first[9:12] != status:
            raise RuntimeError(f"{first.decode().strip()}: {answer[:500].decode()}")
        return answer


def bare_select(url: str) -> MakeAct:
    """Read one row by its key, prepared, without a transaction of its own."""

    def make(number: int) -> Act:
        connection = psycopg.connect(url, autocommit=True, prepare_threshold=0)
        keys = itertools.cycle(range(1 + number, ROWS + 1, 7))
        return lambda: None if connection.execute(SELECT, (next(keys),)).fetchone() else _missing()

    return make


def bare_insert(url: str) -> MakeAct:
    """Insert and commit one row."""

    def make(number: int) -> Act:
        connection = psycopg.connect(url, autocommit=True, prepare_threshold=0)
        return lambda: _done(connection.execute(INSERT, (BODY,)))

    return make


def look_up(address: str, token: str, model: str) -> MakeAct:
    """Ask which version is in production."""

    def make(number: int) -> Act:
        connection = Connection(address)
        request = connection.prepare("GET", f"/api/v1/models/{model}/production/", bearer(token))
        return lambda: _done(connection.ask(request, b"200"))

    return make


def register(address: str, token: str, models: list[str]) -> MakeAct:
    """Register the next version of a model of one's own."""

    def make(number: int) -> Act:
        connection = Connection(address)
        body = {"bump": "patch", "metrics": {"auc": 0.9}, "parameters": {"depth": 6}}
        request = connection.prepare("POST", f"/api/v1/models/{models[number]}/versions/", bearer(token), body)
        return lambda: _done(connection.ask(request, b"201"))

    return make


def decide(address: str, tokens: list[str], promotions: list[tuple[int, str]], password: str) -> MakeAct:
    """Approve a promotion of one's own and take that back, in turns: each is a signed decision."""

    def make(number: int) -> Act:
        connection, (pk, etag) = Connection(address), promotions[number]
        headers = bearer(tokens[number]) | {"If-Match": etag}
        requests = []
        for verdict in ("approve", "retract"):
            body = {"verdict": verdict, "comment": "because", "signature": {"password": password, "meaning": "I do"}}
            requests.append(connection.prepare("POST", f"/api/v1/promotions/{pk}/decisions/", headers, body))
        read = connection.prepare("GET", f"/api/v1/promotions/{pk}/", headers)
        said = json.loads(connection.ask(read, b"200"))["decisions"]
        if said and said[-1]["verdict"] == "approve":
            requests.reverse()
        turns = itertools.cycle(requests)
        return lambda: _done(connection.ask(next(turns), b"201"))

    return make


def bearer(token: str) -> Headers:
    """Return the header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


def _missing() -> None:
    raise RuntimeError("a row is missing")


def _done(_: object) -> None:
    return None
