"""Bounded reading: nothing outside the file, nothing longer than asked for, an end to all work."""

from __future__ import annotations

import struct
from typing import BinaryIO

WINDOW = 64 * 1024


class Malformed(Exception):
    """The bytes are not what their first bytes promise; the message says why, without quoting them."""


class Reader:
    """A position in a file of known size; every step is checked against the end and against a budget of steps."""

    def __init__(self, file: BinaryIO, size: int, budget: int = 400_000) -> None:
        self.file = file
        self.size = size
        self.budget = budget
        self.position = 0
        self._window = b""
        self._window_start = 0

    @property
    def left(self) -> int:
        """Bytes between here and the end."""
        return self.size - self.position

    def take(self, count: int) -> bytes:
        """Read exactly `count` bytes."""
        self._step(count)
        offset = self.position - self._window_start
        if offset < 0 or offset + count > len(self._window):
            self.file.seek(self.position)
            self._window, self._window_start, offset = self.file.read(max(count, WINDOW)), self.position, 0
        found = self._window[offset : offset + count]
        if len(found) != count:
            raise Malformed("The file ends early.")
        self.position += count
        return found

    def skip(self, count: int) -> None:
        """Pass over `count` bytes without reading them."""
        self._step(count)
        self.position += count

    def unpack(self, form: str) -> int:
        """Read one little-endian number, `form` as in the struct module."""
        (value,) = struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))
        return int(value)

    def go(self, position: int) -> None:
        """Continue at another place of the file."""
        if not 0 <= position <= self.size:
            raise Malformed("The header points outside the file.")
        self.position = position

    def skip_texts(self, count: int, longest: int) -> None:
        """Pass over `count` texts, each behind its length in eight bytes; quicker than one by one."""
        self.budget -= count // 8
        for _ in range(count):
            offset = self.position - self._window_start
            if not 0 <= offset <= len(self._window) - 8:
                self.file.seek(self.position)
                self._window, self._window_start, offset = self.file.read(WINDOW), self.position, 0
            length = int.from_bytes(self._window[offset : offset + 8], "little")
            if length > longest or length + 8 > self.left or self.budget < 0:
                raise Malformed("The header describes longer texts, or more of them, than are read of any file.")
            self.position += length + 8

    def _step(self, count: int) -> None:
        self.budget -= 1
        if self.budget < 0:
            raise Malformed("The header describes more than is read of any file.")
        if count < 0 or count > self.left:
            raise Malformed("The header claims more bytes than the file has.")


def shown(text: str, longest: int = 100) -> str:
    """Return text from a file for people to read: short, without characters that steer a terminal or page."""
    return "".join(sign if sign.isprintable() else "�" for sign in text[:longest])
