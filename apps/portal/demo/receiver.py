"""A receiver of webhooks on loopback, for as long as the demonstration's past is told: its deliveries are real ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

from django.conf import settings

LOOPBACK = "127.0.0.1"
BUSY_EVERY = 3


class Receiver(ThreadingHTTPServer):
    """Takes what comes, and now and then is too busy to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), Handler)
        self.received = count(1)

    @property
    def url(self) -> str:
        """Where messages are posted to."""
        return f"http://{LOOPBACK}:{self.server_port}/registry"


class Handler(BaseHTTPRequestHandler):
    """Answers one message."""

    server: Receiver

    def do_POST(self) -> None:
        """Read the message and answer 204, or 503."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204 if next(self.server.received) % BUSY_EVERY else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiving() -> Iterator[str]:
    """Yield the URL of a receiver that webhooks may be sent to during the block, and only then."""
    before = settings.WEBHOOK_ALLOWED_NETWORKS
    with Receiver() as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        settings.WEBHOOK_ALLOWED_NETWORKS = [*before, f"{LOOPBACK}/32"]
        try:
            yield receiver.url
        finally:
            settings.WEBHOOK_ALLOWED_NETWORKS = before
            receiver.shutdown()
