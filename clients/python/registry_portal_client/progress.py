"""How transfers are told: bars on a terminal, quiet lines elsewhere, nothing where nobody wants to know."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

REDRAWN_EVERY = 0.1
TOLD_EVERY = 30.0

Advance = Callable[[int], None]


class Progress:
    """Says nothing; the base of those that do."""

    def say(self, message: str) -> None:
        """Tell one line."""

    @contextmanager
    def transfer(self, label: str, total: int, done: int = 0) -> Iterator[Advance]:
        """Yield a function that is told the bytes that went; a negative number takes them back."""
        yield lambda count: None


class Lines(Progress):
    """One line for each finished transfer, and one in 30 seconds for a long one."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr

    def say(self, message: str) -> None:
        """Tell one line."""
        print(message, file=self.stream, flush=True)

    @contextmanager
    def transfer(self, label: str, total: int, done: int = 0) -> Iterator[Advance]:
        """Yield the function that counts."""
        begun = told = time.monotonic()
        at = done

        def advance(count: int) -> None:
            nonlocal at, told
            at += count
            if time.monotonic() - told >= TOLD_EVERY:
                told = time.monotonic()
                self.say(f"{label}: {share(at, total)} of {size(total)}")

        yield advance
        self.say(f"{label}: {size(total)} in {time.monotonic() - begun:.1f} s")


class Bars(Lines):
    """A bar that is redrawn in place."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__(stream)
        self._drawn = False

    def say(self, message: str) -> None:
        """Tell one line above the bar."""
        self._wipe()
        super().say(message)

    @contextmanager
    def transfer(self, label: str, total: int, done: int = 0) -> Iterator[Advance]:
        """Draw the bar while bytes go, and leave one line when they are over."""
        begun, drawn, at = time.monotonic(), 0.0, done

        def advance(count: int) -> None:
            nonlocal at, drawn
            at += count
            now = time.monotonic()
            if now - drawn >= REDRAWN_EVERY:
                drawn = now
                self._draw(label, at, total, (at - done) / max(now - begun, 0.001))

        advance(0)
        try:
            yield advance
        finally:
            self._wipe()
        self.say(f"{label}: {size(total)} in {time.monotonic() - begun:.1f} s")

    def _draw(self, label: str, at: int, total: int, rate: float) -> None:
        width = shutil.get_terminal_size().columns
        left = f" {(total - at) / rate:.0f} s left" if rate > 0 and at < total else ""
        tail = f" {share(at, total):>4} {size(at)} of {size(total)}, {size(int(rate))}/s{left}"
        name = label if len(label) <= max(10, width // 3) else f"…{label[-max(9, width // 3 - 1) :]}"
        room = width - len(name) - len(tail) - 4
        full = round(room * at / total) if total and room > 0 else 0
        bar = f" [{'#' * min(full, room)}{'.' * (room - min(full, room))}]" if room >= 8 else ""
        self.stream.write(f"\r\x1b[K{(name + bar + tail)[: width - 1]}")
        self.stream.flush()
        self._drawn = True

    def _wipe(self) -> None:
        if self._drawn:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self._drawn = False


def chosen(stream: TextIO | None = None, *, quiet: bool = False) -> Progress:
    """Return bars on a terminal, lines elsewhere, neither where it shall be quiet."""
    stream = stream or sys.stderr
    if quiet:
        return Progress()
    return Bars(stream) if stream.isatty() else Lines(stream)


def share(at: int, total: int) -> str:
    """Return a percentage."""
    return f"{100 * at // total if total else 100} %"


def size(count: int) -> str:
    """Return a number of bytes as people read it, in powers of 1024."""
    amount, unit = float(count), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if amount < 1024 or unit == "TiB":
            break
        amount /= 1024
    return f"{count} B" if unit == "B" else f"{amount:.1f} {unit}"
