"""Which servers and programs beside the portal are there for the tests that are marked with their names."""

from __future__ import annotations

import os
import shutil
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = "NOT RUN"


@dataclass(frozen=True)
class Server:
    """A server on loopback, by a URL that an environment variable can change."""

    name: str
    variable: str
    default: str

    @property
    def url(self) -> str:
        """Return the server's URL."""
        return os.environ.get(self.variable) or self.default

    def missing(self) -> str:
        """Return why tests against it cannot run, nothing where they can."""
        parts = urlsplit(self.url)
        address = (parts.hostname or "127.0.0.1", parts.port or 0)
        try:
            socket.create_connection(address, timeout=2).close()
        except OSError:
            return f"{self.name} does not answer at {address[0]}:{address[1]} (set {self.variable})"
        return ""


SERVERS = {
    "redis": Server("Redis", "TEST_REDIS_URL", "redis://127.0.0.1:6379/15"),
    "rabbitmq": Server("RabbitMQ", "TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//"),
    "postgres_server": Server("PostgreSQL", "TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"),
}
MARKS = {*SERVERS, "browser"}


@cache
def missing(mark: str) -> str:
    """Return why tests with this mark cannot run here, nothing where they can."""
    if mark in SERVERS:
        return SERVERS[mark].missing()
    return "" if browser_path() else "no Chromium or Chrome found (install one or set BROWSER_PATH)"


@cache
def browser_path() -> str:
    """Return the browser to test with: BROWSER_PATH, an installed one, or Playwright's own."""
    given = os.environ.get("BROWSER_PATH")
    if given:
        return given if os.access(given, os.X_OK) else ""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    folders = [Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright"]
    patterns = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
    own = [path for folder in folders for pattern in patterns for path in folder.glob(pattern)]
    return str(sorted(own)[-1]) if own else ""
