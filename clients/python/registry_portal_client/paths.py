"""Paths of artifacts, which come from elsewhere and must stay within their folder; and what a manifest digest is."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence

from registry_portal_client.errors import Corrupt
from registry_portal_client.shapes import File

DIGEST = re.compile(r"[0-9a-f]{64}")
DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
LONGEST = 500


def fault(path: object) -> str:
    """Return what is wrong with an artifact's path; empty where it is plain and relative."""
    if not isinstance(path, str) or not 0 < len(path) <= LONGEST:
        return f"is not 1 to {LONGEST} characters long"
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return "is absolute"
    if "\\" in path or any(unicodedata.category(sign).startswith(("C", "Zl", "Zp")) for sign in path):
        return "holds a backslash or a control character"
    for segment in path.split("/"):
        if segment in {"", ".", ".."}:
            return "has an empty, . or .. segment"
        if segment != segment.strip() or segment.endswith(".") or DEVICE.match(segment) or ":" in segment:
            return "has a segment that some file systems take for something else"
    return ""


def checked(files: Sequence[File]) -> list[File]:
    """Return files that can be written into one folder; raises Corrupt for any that would leave it or one another."""
    taken: dict[str, str] = {}
    for file in files:
        path = file["path"]
        if reason := fault(path):
            raise Corrupt(f"the registry names the path {path!r}, which {reason}; nothing was fetched")
        if not DIGEST.fullmatch(str(file["sha256"])) or file["size"] < 0:
            raise Corrupt(f"the registry gives no digest and size for {path!r}; nothing was fetched")
        if (key := _key(path)) in taken:
            raise Corrupt(f"{path!r} and {taken[key]!r} would be one file; nothing was fetched")
        taken[key] = path
    for key, path in taken.items():
        folders = key.split("/")[:-1]
        if above := next(
            (upper for end in range(len(folders)) if (upper := "/".join(folders[: end + 1])) in taken), ""
        ):
            raise Corrupt(f"{path!r} would lie in the file {taken[above]!r}; nothing was fetched")
    return list(files)


def manifest_digest(files: Sequence[File]) -> str:
    """Return the SHA-256 over the canonical JSON (RFC 8785) of path, size and SHA-256 of each file, by path."""
    ordered = sorted(files, key=lambda file: file["path"])
    rows = [{"path": file["path"], "sha256": file["sha256"], "size": file["size"]} for file in ordered]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _key(path: str) -> str:
    return unicodedata.normalize("NFC", path.casefold())
