"""A small client of the portal's HTTP API. Needs the standard library only."""

import base64
import hashlib
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
ATTEMPTS = 4
CLOSED_STATES = frozenset({"rejected", "cancelled", "expired", "superseded"})

Json = dict[str, Any]


class Unreachable(Exception):
    """The registry did not answer after several attempts."""


class Refused(Exception):
    """The registry answered with a problem (RFC 9457)."""

    def __init__(self, status: int, problem: Json) -> None:
        self.status = status
        self.code = str(problem.get("code", "unknown"))
        title = problem.get("detail") or problem.get("title") or "no reason given"
        fields = problem.get("errors")
        super().__init__(f"{status} {self.code}: {title}" + (f" {json.dumps(fields)}" if fields else ""))


class PromotionClosed(Exception):
    """The promotion ended without moving the version."""


class WaitedTooLong(Exception):
    """The promotion was still open when the waiting time was over."""


class Registry:
    """One registry at a base URL such as `https://registry.example.org`, used with one API token."""

    def __init__(self, base_url: str, token: str, timeout: float = 60.0) -> None:
        self.api = f"{base_url.rstrip('/')}/api/v1/"
        self._token = token
        self._timeout = timeout

    def ensure_model(self, model: Json) -> bool:
        """Create the model unless it exists; True when it was created. Raises Refused, Unreachable."""
        if self._find(f"models/{_part(model['name'])}/") is not None:
            return False
        try:
            self._post("models/", model)
        except Refused as error:
            if error.status != 409:
                raise
            return False
        return True

    def find_version(self, model: str, version: str) -> Json | None:
        """The version as the registry knows it, or None."""
        return self._find(f"models/{_part(model)}/versions/{_part(version)}/")

    def create_version(self, model: str, body: Json) -> Json:
        """Open a pending version; the same body twice gives the same version. Raises Refused, Unreachable."""
        return self._post(f"models/{_part(model)}/versions/", body)

    def upload(self, model: str, version: str, path: str, file: Path) -> None:
        """Stream a file as an artifact with its SHA-256 sent ahead (Repr-Digest, RFC 9530).

        Raises Refused, Unreachable.
        """
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").digest()
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(file.stat().st_size),
            "Repr-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
        }
        url = f"models/{_part(model)}/versions/{_part(version)}/artifacts/{quote(path)}"
        self._call("PUT", url, headers, lambda: file.open("rb"))

    def seal(self, model: str, version: str) -> None:
        """Close a version: immutable from here. Raises Refused, Unreachable."""
        self._post(f"models/{_part(model)}/versions/{_part(version)}/seal/", {})

    def request_promotion(self, model: str, version: str, stage: str, reason: str) -> Json:
        """Ask for a stage; the same request again gives the first answer. Raises Refused, Unreachable."""
        body = {"model": model, "version": version, "target_stage": stage, "reason": reason}
        return self._post("promotions/", body)

    def wait(self, promotion: Json, seconds: float, tell: Callable[[str], None], interval: float = 5.0) -> None:
        """Follow a promotion until it is executed, telling each new state.

        Raises PromotionClosed when it ends otherwise, WaitedTooLong after `seconds`, Refused, Unreachable.
        """
        deadline = time.monotonic() + seconds
        told = None
        while promotion["state"] != "executed":
            if promotion["state"] != told:
                told = promotion["state"]
                tell(f"promotion {promotion['id']} is {told}")
            if told in CLOSED_STATES:
                raise PromotionClosed(f"promotion {promotion['id']} ended as {told}")
            if time.monotonic() >= deadline:
                raise WaitedTooLong(f"promotion {promotion['id']} is still {told} after {seconds:.0f} s")
            time.sleep(min(interval, max(0.0, deadline - time.monotonic())))
            promotion = self._call("GET", f"promotions/{_part(str(promotion['id']))}/", {})
        tell(f"promotion {promotion['id']} is executed")

    def _find(self, path: str) -> Json | None:
        try:
            return self._call("GET", path, {})
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def _post(self, path: str, body: Json) -> Json:
        """POST JSON under an idempotency key made from the request: a repeated CI job changes nothing."""
        content = json.dumps(body, sort_keys=True).encode()
        key = hashlib.sha256(path.encode() + b"\n" + content).hexdigest()
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return self._call("POST", path, headers, lambda: content)

    def _call(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> Json:
        """One request; `body` is a function giving fresh bytes or a fresh file for every attempt."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._send(method, path, headers, body)
            except Refused as error:
                if error.status not in RETRIED_STATUSES or attempt == ATTEMPTS:
                    raise
            except (OSError, http.client.HTTPException) as error:
                if attempt == ATTEMPTS:
                    raise Unreachable(f"{method} {self.api}{path}: {error}") from error
            time.sleep(2.0 ** (attempt - 1))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _send(self, method: str, path: str, headers: dict[str, str], body: Any) -> Json:
        content: Any = body() if body else None
        all_headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/json",
            **headers,
        }
        request = urllib.request.Request(self.api + path, data=content, headers=all_headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:
                return _json(answer.read())
        except urllib.error.HTTPError as error:
            raise Refused(error.code, _json(error.read())) from error
        finally:
            if hasattr(content, "close"):
                content.close()


def _part(value: str) -> str:
    return quote(value, safe="")


def _json(content: bytes) -> Json:
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        return {"detail": content[:200].decode(errors="replace")}
    return found if isinstance(found, dict) else {"detail": found}
