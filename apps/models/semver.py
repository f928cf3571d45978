"""Semantic versions (semver.org, 2.0.0): parsing, bumping, and a text key that sorts by precedence."""

from __future__ import annotations

from semver import Version

from apps.core.errors import Invalid

MAX_LENGTH = 100
WIDTH = 12
BUMPS = ("major", "minor", "patch")
FIRST = "1.0.0"


def parse(text: str) -> Version:
    """Return the parsed version; raises Invalid with what would be accepted."""
    try:
        version = Version.parse(text)
    except (ValueError, TypeError) as error:
        raise Invalid(
            f"{text!r} is not a semantic version; use MAJOR.MINOR.PATCH such as 1.4.0",
            code="invalid_version",
            field="version",
        ) from error
    if len(text) > MAX_LENGTH or any(len(str(part)) > WIDTH for part in version.to_tuple()[:3]):
        raise Invalid(
            f"A semantic version has at most {MAX_LENGTH} characters and numbers of at most {WIDTH} digits",
            code="invalid_version",
            field="version",
        )
    return version


def bump(highest: str | None, part: str) -> str:
    """Return the next version after the highest one; the first version is 1.0.0."""
    if part not in BUMPS:
        raise Invalid(f"{part!r} is not one of major, minor, patch", code="invalid_bump", field="bump")
    if highest is None:
        return FIRST
    current = parse(highest)
    return str(
        current.finalize_version() if current.prerelease and part == "patch" else getattr(current, f"bump_{part}")()
    )


def sort_key(text: str) -> str:
    """Return a key whose bytewise order is SemVer precedence (section 11 of the specification).

    Numbers are zero-padded; a release sorts above its pre-releases (`~` above `-`); numeric identifiers sort
    below alphanumeric ones; `!` ends an identifier, so a shorter list sorts below a longer one. Build metadata
    has no precedence.
    """
    version = parse(text)
    core = ".".join(f"{part:0{WIDTH}}" for part in (version.major, version.minor, version.patch))
    if not version.prerelease:
        return f"{core}~"
    return f"{core}-" + "".join(_identifier(part) for part in version.prerelease.split("."))


def _identifier(text: str) -> str:
    return f"0{len(text):03}{text}!" if text.isdigit() else f"1{text}!"
