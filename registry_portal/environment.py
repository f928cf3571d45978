"""Reads settings from the environment; a wrong value ends the process with one clear line."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class Refused(SystemExit):
    """The portal cannot start as configured; printed as one line, exit status 1."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Registry Portal cannot start: {reason}")


def text(name: str, default: str = "") -> str:
    """Return the variable, or the default where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """Return the variable as a boolean."""
    value = os.environ.get(name)
    if value is None:
        return default
    word = value.strip().lower()
    if word in TRUE or word in FALSE:
        return word in TRUE
    raise Refused(f"{name}={value!r} is neither 1 nor 0.")


def number(name: str, default: int, minimum: int = 0) -> int:
    """Return the variable as a whole number of at least `minimum`."""
    value = text(name, str(default))
    if not value.lstrip("-").isdigit() or int(value) < minimum:
        raise Refused(f"{name}={value!r} is not a whole number of at least {minimum}.")
    return int(value)


def numbers(name: str, default: str) -> list[int]:
    """Return the comma-separated variable as whole numbers."""
    words = listing(name, default)
    if not all(word.isdigit() for word in words):
        raise Refused(f"{name}={','.join(words)!r} is not a list of whole numbers.")
    return [int(word) for word in words]


def listing(name: str, default: str = "") -> list[str]:
    """Return the comma-separated variable as a list without blanks."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def folder(path: Path, mode: int = 0o755) -> Path:
    """Return the folder, made where it is missing."""
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"{path} cannot be made ({error.strerror}); set PORTAL_HOME to a folder it may write.") from None
    return path


def stored_secret(home: Path, name: str, length: int = 48) -> str:
    """Return the secret kept under `home`/secrets for us alone, made of `length` random bytes on first use."""
    path = folder(home / "secrets", mode=0o700) / name
    try:
        # Linked into place complete: of two processes that start together, both read the same value.
        if not path.exists():
            draft = path.with_name(f"{name}.{secrets.token_hex(4)}")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as stream:
                stream.write(secrets.token_urlsafe(length))
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise Refused(f"{path} cannot be used ({error.strerror}); set PORTAL_HOME to a folder it may write.") from None


def email(url: str, folder_for_files: Path) -> dict[str, object]:
    """Return Django's e-mail settings for `smtp://user:password@host:port?tls=1`, `console://` or `file://`."""
    parts = urlsplit(url or "file://")
    if parts.scheme == "file":
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": unquote(parts.path) or str(folder_for_files)}
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise Refused(f"EMAIL_URL={url!r} is none of smtp://, smtps://, console://, file://.")
    options = dict(parse_qsl(parts.query))
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": options.get("tls", "0") in TRUE,
    }
