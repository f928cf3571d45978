"""The calls of the API that this client makes, by operation id; a test finds each in the OpenAPI document."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlencode


class Call(NamedTuple):
    """Method, path below `/api/v1/`, and the query parameters that are used."""

    method: str
    path: str
    query: tuple[str, ...] = ()

    def address(self, query: dict[str, str] | None = None, **parts: str) -> str:
        """Return the path with its parts escaped; only an artifact's path keeps its slashes."""
        escaped = {name: quote(part, safe="/" if name == "path" else "") for name, part in parts.items()}
        unknown = set(query or ()) - set(self.query)
        if unknown:
            raise ValueError(f"{self.path} takes no {', '.join(sorted(unknown))}")
        return self.path.format(**escaped) + (f"?{urlencode(query)}" if query else "")


VERSION = "models/{name}/versions/{version}/"
ARTIFACT = f"{VERSION}artifacts/{{path}}"

CALLS: dict[str, Call] = {
    "me": Call("GET", "me/"),
    "models_retrieve": Call("GET", "models/{name}/"),
    "models_create": Call("POST", "models/"),
    "models_production": Call("GET", "models/{name}/production/", ("at",)),
    "versions_create": Call("POST", "models/{name}/versions/"),
    "versions_retrieve": Call("GET", VERSION),
    "versions_seal": Call("POST", f"{VERSION}seal/"),
    "artifacts_link": Call("POST", ARTIFACT),
    "artifacts_upload": Call("PUT", ARTIFACT),
    "artifacts_download": Call("GET", ARTIFACT),
    "promotions_list": Call("GET", "promotions/", ("model", "version", "target_stage", "state")),
    "promotions_request": Call("POST", "promotions/"),
    "promotions_retrieve": Call("GET", "promotions/{promotion_id}/"),
    "promotions_execute": Call("POST", "promotions/{promotion_id}/execute/"),
    "promotions_report_check": Call("POST", "promotions/{promotion_id}/checks/"),
}
