"""A TCP proxy on loopback that cuts connections after so many bytes, and counts what went through."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Cutter:
    """Passes connections on to a portal; `up` and `down` are the bytes after which one is cut, each used once."""

    target: str
    up: list[int] = field(default_factory=list)
    down: list[int] = field(default_factory=list)
    sent: int = 0
    received: int = 0
    cuts: int = 0

    def __enter__(self) -> Cutter:
        """Listen."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        self._listener.close()

    def _accept(self) -> None:
        place = urlsplit(self.target)
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection((place.hostname or "", place.port or 80))
                for pair in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, up: bool) -> None:
        """Pass bytes on; only a connection that carries more than a limit uses it up."""
        went = 0
        with suppress(OSError):
            while chunk := source.recv(65536):
                limits = self.up if up else self.down
                went += len(chunk)
                if limits and went > limits[0]:
                    limits.pop(0)
                    self.cuts += 1
                    break
                if up:
                    self.sent += len(chunk)
                else:
                    self.received += len(chunk)
                sink.sendall(chunk)
            else:
                sink.shutdown(socket.SHUT_WR)
                return
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
