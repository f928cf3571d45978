"""The pickle family, recognised by its first opcodes and its last; never loaded.

Opcodes: the standard library's `pickletools`, which reads without executing.
"""

from __future__ import annotations

import pickletools
from typing import Any

from apps.models.formats.reader import Malformed, Reader

PROTOCOL = 0x80
NEWEST = 5
STOP = b"."
# The number that starts torch.save's format from before it was a zip archive.
LEGACY_TORCH = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
# How the textual protocols 0 and 1 begin: mark, list, dict, tuple, global.
TEXTUAL = (b"(dp", b"(lp", b"(tp", b"(c", b"c", b"(ip", b"(S", b"(V", b"ccopy_reg", b"]q", b"}q", b"(K")
FIRST_OPCODES = 50
PREFIX = 4096


def looks_like(head: bytes, size: int) -> bool:
    """Tell from the first bytes: a protocol mark, or a run of opcodes of the textual protocols."""
    if len(head) >= 2 and head[0] == PROTOCOL:
        return 2 <= head[1] <= NEWEST
    return head.startswith(TEXTUAL) and _begins_with_opcodes(head[:PREFIX])


def read(reader: Reader) -> tuple[str, dict[str, Any]]:
    """Return the protocol; raises Malformed where no STOP ends the file."""
    head = reader.take(min(reader.size, len(LEGACY_TORCH)))
    if head == LEGACY_TORCH:
        return "pytorch", {"legacy": True}
    reader.go(reader.size - 1)
    if reader.take(1) != STOP:
        raise Malformed("The pickle does not end with STOP.")
    return "pickle", {"protocol": head[1] if head[0] == PROTOCOL else 0}


def _begins_with_opcodes(head: bytes) -> bool:
    """Tell whether the bytes decode as opcodes that build something by name or stop."""
    names = set()
    try:
        for count, (opcode, _, _) in enumerate(pickletools.genops(head)):
            names.add(opcode.name)
            if count >= FIRST_OPCODES:
                break
    except (ValueError, IndexError, UnicodeDecodeError, OverflowError):
        return False
    return bool(names & {"GLOBAL", "STOP", "PUT", "BINPUT", "INST"})
