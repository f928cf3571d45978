"""A receiver of webhooks on loopback, over real HTTP; it verifies what it gets by a library that is not ours."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Message:
    """One POST as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The webhook-id."""
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        """The parsed body."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    def verified(self, secret: str) -> dict[str, Any]:
        """Return the body once the signature is verified by `standardwebhooks`."""
        parsed: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return parsed


@dataclass
class Receiver:
    """Keeps what it got; answers what it is told to, the last answer again and again."""

    port: int = 0
    messages: list[Message] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=lambda: [(204, {}, b"")])
    before: Callable[[BaseHTTPRequestHandler], None] = lambda handler: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Where to post to."""
        return f"http://127.0.0.1:{self.port}/hook?key=k"

    def answer(self, *answers: int | tuple[int, dict[str, str]] | tuple[int, dict[str, str], bytes]) -> None:
        """Answer these, one after another: a status, and headers and body where they matter."""
        whole = [(each,) if isinstance(each, int) else each for each in answers]
        self.answers[:] = [(each[0], *(each[1:2] or ({},)), *(each[2:3] or (b"",))) for each in whole]

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        """Note one request and answer it."""
        length = int(handler.headers.get("Content-Length", 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        message = Message(handler.path, headers, handler.rfile.read(length))
        with self.lock:
            self.messages.append(message)
            status, extra, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.before(handler)
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **extra}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


class QuietServer(ThreadingHTTPServer):
    """A server to which clients that hang up are nothing special."""

    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def listening(receiver: Receiver, context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Let the receiver listen for the block, on the port it had before or on a free one."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.take(self)

        do_GET = do_POST  # noqa: N815 - the name that the base class looks for

        def log_message(self, *arguments: Any) -> None:
            """Keep quiet."""

    server = QuietServer(("127.0.0.1", receiver.port), Handler)
    receiver.port = server.server_address[1]
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
