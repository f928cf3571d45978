"""Where the address and the token come from: the environment first, then what `registry-portal login` kept."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from registry_portal_client.errors import WrongUse
from registry_portal_client.transport import checked_token, checked_url

VARIABLES = {
    "REGISTRY_URL": "address of the registry, such as https://registry.example.org",
    "REGISTRY_TOKEN": "API token; kept out of command lines on purpose",
    "REGISTRY_TOKEN_FILE": "file that holds the token, instead of REGISTRY_TOKEN",
    "REGISTRY_ALLOW_HTTP": "1 lets the token travel unencrypted to another machine",
    "REGISTRY_CACHE": "folder of fetched bytes (default ~/.cache/registry-portal)",
    "REGISTRY_CONFIG": "folder of what login keeps (default ~/.config/registry-portal)",
}


@dataclass(frozen=True, repr=False)
class Settings:
    """How to reach the registry; never shown as a whole."""

    url: str
    token: str
    allow_http: bool


def found(url: str = "", *, allow_http: bool = False) -> Settings:
    """Return the settings that hold; raises WrongUse saying what is missing."""
    kept = _kept()
    allow_http = allow_http or os.environ.get("REGISTRY_ALLOW_HTTP", "") == "1"
    given = url or os.environ.get("REGISTRY_URL", "") or (next(iter(kept)) if len(kept) == 1 else "")
    if not given:
        many = f"; you are logged in to {', '.join(kept)}" if kept else ""
        raise WrongUse(f"which registry? set REGISTRY_URL{many}", advice="export REGISTRY_URL=https://…, or --url")
    address = checked_url(given, allow_http=allow_http)
    token = os.environ.get("REGISTRY_TOKEN", "") or _from_file() or kept.get(address, "")
    if not token:
        raise WrongUse(
            f"there is no token for {address}",
            advice="set REGISTRY_TOKEN, or keep one with `registry-portal login`; make it in the portal under Profile",
        )
    return Settings(address, checked_token(token), allow_http)


def cache() -> Path:
    """Return the folder that keeps fetched bytes by digest."""
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get("REGISTRY_CACHE") or f"{home}/registry-portal").expanduser()


def keep(url: str, token: str) -> Path:
    """Keep a token for this user alone; return the file."""
    place = _credentials()
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(place, {**_kept(), url: token})
    return place


def forget(url: str) -> bool:
    """Forget the token of a registry; return whether there was one."""
    kept = _kept()
    if url not in kept:
        return False
    del kept[url]
    _write(_credentials(), kept)
    return True


def _credentials() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(os.environ.get("REGISTRY_CONFIG") or f"{home}/registry-portal").expanduser() / "credentials.json"


def _kept() -> dict[str, str]:
    place = _credentials()
    try:
        content = json.loads(place.read_text(encoding="utf-8"))
        return {str(url): str(token) for url, token in content.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError):
        raise WrongUse(f"{place} cannot be read", advice="remove it and `registry-portal login` again") from None


def _write(place: Path, kept: dict[str, str]) -> None:
    """Replace the file as a whole; a temporary file is readable by its owner alone from the beginning."""
    handle, name = tempfile.mkstemp(dir=place.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(kept, stream, indent=1)
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _from_file() -> str:
    name = os.environ.get("REGISTRY_TOKEN_FILE", "")
    if not name:
        return ""
    try:
        return Path(name).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"REGISTRY_TOKEN_FILE: {name} cannot be read", advice="correct its path or its mode") from error
