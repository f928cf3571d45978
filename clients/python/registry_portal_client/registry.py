"""One registry, as a library: every call of a pipeline."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from registry_portal_client import fetching, registration, settings
from registry_portal_client.calls import CALLS
from registry_portal_client.errors import Ended, Refused, StillWaiting, WrongUse
from registry_portal_client.progress import Progress
from registry_portal_client.shapes import (
    CheckReport,
    File,
    KnownBytes,
    Lineage,
    Me,
    Model,
    NewModel,
    NewPromotion,
    NewVersion,
    Production,
    Promotion,
    PromotionSummary,
    Version,
)
from registry_portal_client.transport import Bytes, Transport

ENDED_STATES = frozenset({"rejected", "cancelled", "expired", "superseded"})
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0


class Registry:
    """A registry at an address such as `https://registry.example.org`, used with one API token.

    Every call raises Refused with the registry's reason, or Unreachable after several attempts.
    """

    def __init__(self, url: str, token: str, *, progress: Progress | None = None, **options: Any) -> None:
        self.progress = progress or Progress()
        self.transport = Transport(url, token, tell=self.progress.say, **options)

    @classmethod
    def from_environment(cls, *, progress: Progress | None = None, **options: Any) -> Registry:
        """Return the registry that REGISTRY_URL and REGISTRY_TOKEN name, or `registry-portal login` kept."""
        found = settings.found()
        return cls(found.url, found.token, progress=progress, allow_http=found.allow_http, **options)

    def me(self) -> Me:
        """Return who asks, with which scopes and roles."""
        return cast(Me, self._call("me"))

    def model(self, name: str) -> Model:
        """Return a model."""
        return cast(Model, self._call("models_retrieve", name=name))

    def ensure_model(self, model: NewModel) -> bool:
        """Create a model unless it is there; return whether it was created."""
        try:
            self.model(model["name"])
        except Refused as error:
            if error.status != 404:
                raise
            self._act("models_create", model)
            return True
        return False

    def version(self, model: str, version: str) -> Version:
        """Return a version by semantic version, number or `@alias`."""
        return cast(Version, self._call("versions_retrieve", name=model, version=version))

    def open_version(self, model: str, content: NewVersion, *, about: str = "") -> Version:
        """Open a pending version; the same content (and `about`) again gives the same version, as it is now."""
        opened = self._act("versions_create", content, about=about, name=model)
        return self.version(model, str(opened["version"]))

    def link(self, model: str, version: str, path: str, known: KnownBytes) -> bool:
        """Put bytes that the registry has already into a pending version; return False where it lacks them."""
        try:
            self._call("artifacts_link", known, name=model, version=version, path=path)
        except Refused as error:
            if error.code == "unknown_blob":
                return False
            raise
        return True

    def upload(self, model: str, version: str, file: File, content: Bytes) -> File:
        """Stream an artifact; `content` yields the bytes anew for each attempt."""
        address = CALLS["artifacts_upload"].address(name=model, version=version, path=file["path"])
        return cast(File, self.transport.upload(address, content, file["size"], file["sha256"]))

    def seal(self, model: str, version: str) -> Version:
        """Close a version: immutable from here."""
        try:
            return cast(Version, self._call("versions_seal", name=model, version=version))
        except Refused as error:
            sealed = self.version(model, version) if error.status == 409 else None
            if sealed is None or sealed["state"] != "ready":
                raise
            return sealed

    def register(
        self,
        model: str,
        artifacts: registration.Artifacts,
        *,
        version: str | None = None,
        bump: str | None = None,
        description: str = "",
        metrics: dict[str, float] | None = None,
        parameters: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        lineage: Lineage | None = None,
        seal: bool = True,
    ) -> registration.Registered:
        """Register a version with its artifacts and seal it; the same call again continues where it was cut.

        `artifacts` are files and folders, or a mapping from names in the version to them. Give `version`, or `bump`
        (major, minor, patch). Raises Different where the version holds something else, WrongUse for wrong files.
        """
        if bool(version) == bool(bump):
            raise WrongUse("which version? give a semantic version, or bump: major, minor or patch")
        content: NewVersion = {"description": description, "metrics": metrics or {}, "parameters": parameters or {}}
        content |= {"metadata": metadata or {}, "lineage": lineage or {}}
        content |= {"version": version} if version else {"bump": bump}
        return registration.register(self, model, content, artifacts, seal=seal)

    def request(self, model: str, version: str, stage: str, reason: str = "", *, anew: bool = False) -> Promotion:
        """Ask for a stage; the same request again returns the first one, as it stands now, unless `anew`."""
        wanted: NewPromotion = {"model": model, "version": version, "target_stage": stage, "reason": reason}
        try:
            asked = self._act("promotions_request", wanted, about=str(uuid.uuid4()) if anew else "")
        except Refused as error:
            pending = self.promotions(model, version, stage, "pending") if error.code == "promotion_exists" else []
            if not pending:
                raise
            return self.promotion(pending[0]["id"])
        return self.promotion(asked["id"])

    def promotion(self, promotion: int) -> Promotion:
        """Return a promotion as it stands."""
        return cast(Promotion, self._call("promotions_retrieve", promotion_id=str(promotion)))

    def promotions(self, model: str, version: str = "", stage: str = "", state: str = "") -> list[PromotionSummary]:
        """Return the newest promotions of a model; `state` may be `pending`."""
        given = {"model": model, "version": version, "target_stage": stage, "state": state}
        query = {name: value for name, value in given.items() if value}
        return cast(list[PromotionSummary], self._call("promotions_list", query=query)["results"])

    def execute(self, promotion: int) -> Promotion:
        """Move the version, where the policy leaves that to whoever triggers it."""
        return cast(Promotion, self._act("promotions_execute", None, promotion_id=str(promotion)))

    def report_check(self, promotion: int, name: str, status: str, summary: str = "", url: str = "") -> Promotion:
        """Report a check (`passed`, `failed` or `error`) for the evidence as it is now."""
        digest = self.promotion(promotion)["evidence_digest"]
        report: CheckReport = {
            "name": name,
            "status": status,
            "summary": summary,
            "url": url,
            "evidence_digest": digest,
        }
        return cast(Promotion, self._act("promotions_report_check", report, promotion_id=str(promotion)))

    def wait(
        self,
        promotion: int,
        seconds: float,
        *,
        execute: bool = False,
        interval: float = LONGEST_PAUSE,
        tell: Callable[[Promotion], None] = lambda _: None,
    ) -> Promotion:
        """Follow a promotion until its version moved, telling every change of how it stands.

        Asks once a second at first, then less and less often, at most every `interval` seconds. With `execute` it
        triggers an approved promotion whose policy wants that. Raises Ended, StillWaiting.
        """
        end, pause, told = time.monotonic() + seconds, min(FIRST_PAUSE, interval), ("", "")
        while True:
            found = self.promotion(promotion)
            if execute and found["state"] == "approved" and "execute" in found["allowed_actions"]:
                found = self._executed(found)
            if told != (stands := (found["state"], found["sentence"])):
                told, pause = stands, min(FIRST_PAUSE, interval)
                tell(found)
            if found["state"] == "executed":
                return found
            if found["state"] in ENDED_STATES:
                raise Ended(f"promotion {promotion} ended as {found['state']}: {found['sentence']}")
            if time.monotonic() >= end:
                raise StillWaiting(f"promotion {promotion} is still {found['state']}: {found['sentence']}")
            time.sleep(max(0.0, min(pause, end - time.monotonic())))
            pause = min(pause * 1.5, interval)

    def production(self, model: str, at: str = "") -> Production:
        """Return the version in production, now or at an instant (RFC 3339 with offset)."""
        return cast(Production, self._call("models_production", query={"at": at} if at else {}, name=model))

    def fetch(
        self, model: str, into: Path | str, *, version: str = "", at: str = "", cache: Path | None = None
    ) -> fetching.Fetched:
        """Bring a version's artifacts into a folder, verified, complete or not at all; production unless `version`.

        `version` may be an `@alias`. Raises Corrupt for digests that do not match and paths that would leave the
        folder, Different where the folder holds something else.
        """
        found: Production | Version = self.version(model, version) if version else self.production(model, at)
        return fetching.fetch(self, found, Path(into), cache or settings.cache())

    def _executed(self, promotion: Promotion) -> Promotion:
        """Execute, unless somebody else did just now or something came in between."""
        try:
            return self.execute(promotion["id"])
        except Refused as error:
            if error.status != 409:
                raise
            return self.promotion(promotion["id"])

    def _act(self, operation: str, body: Any, *, about: str = "", **parts: str) -> Any:
        """POST under a key made from the request: a job that runs twice does it once."""
        said = json.dumps([CALLS[operation].address(None, **parts), body, about], sort_keys=True)
        key = hashlib.sha256(said.encode()).hexdigest()
        return self._call(operation, body, key, None, **parts)

    def _call(
        self, operation: str, body: Any = None, key: str = "", query: dict[str, str] | None = None, **parts: str
    ) -> Any:
        call = CALLS[operation]
        return self.transport.json(call.method, call.address(query, **parts), body, key)
