"""Artifact paths: relative, plain, the same on every file system."""

from __future__ import annotations

import re
import unicodedata

from apps.core.errors import Invalid

MAX_LENGTH = 500
MAX_SEGMENT = 255
ENCODED = re.compile(r"%(2e|2f|5c|25|00)", re.IGNORECASE)
WINDOWS_DEVICES = re.compile(
    r"^(con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE
)
WINDOWS_SIGNS = frozenset('<>:"|?*')
# Control, format (such as right-to-left override), surrogate, private and unassigned characters.
REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def checked(path: str) -> str:
    """Return the path, or raise Invalid (code `invalid_path`) with what is wrong with it."""
    if reason := _fault(path):
        raise Invalid(
            f"{reason} Use a relative path such as weights/model.safetensors.", code="invalid_path", field="path"
        )
    return path


def key(path: str) -> str:
    """Return what two paths share that some file system would not tell apart."""
    return unicodedata.normalize("NFC", path.casefold())


def collision(path: str, others: list[str]) -> str | None:
    """Return one of the other paths that cannot lie beside this one: same but for case, or file against folder."""
    mine = key(path)
    for other in others:
        theirs = key(other)
        if other != path and (theirs == mine or theirs.startswith(f"{mine}/") or mine.startswith(f"{theirs}/")):
            return other
    return None


def _fault(path: str) -> str:
    if not path or len(path) > MAX_LENGTH:
        return f"An artifact path has 1 to {MAX_LENGTH} characters."
    if any(unicodedata.category(sign) in REFUSED_CATEGORIES for sign in path):
        return "The path holds a control or invisible character."
    if unicodedata.normalize("NFC", path) != path:
        return "The path is not in Unicode normal form C."
    if "\\" in path or WINDOWS_SIGNS & set(path):
        return 'The path holds one of the characters \\ < > : " | ? *.'
    if ENCODED.search(path):
        return "The path is percent-encoded more than once."
    if path.startswith("/"):
        return "The path is absolute."
    return next((reason for segment in path.split("/") if (reason := _segment_fault(segment))), "")


def _segment_fault(segment: str) -> str:
    if not segment:
        return "The path has an empty segment."
    if segment in {".", ".."}:
        return "The path holds a . or .. segment."
    if segment != segment.strip() or segment.endswith("."):
        return "A segment of the path begins or ends with a space, or ends with a dot."
    if len(segment.encode()) > MAX_SEGMENT:
        return f"A segment of the path is longer than {MAX_SEGMENT} bytes."
    if WINDOWS_DEVICES.match(segment):
        return "A segment of the path is the name of a device."
    return ""
