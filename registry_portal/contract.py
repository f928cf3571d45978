"""The OpenAPI snapshot docs/openapi.yaml: written anew, or compared with what the code says (`--check`)."""

from __future__ import annotations

import difflib
import os
import sys
import tempfile
from pathlib import Path

SNAPSHOT = Path(__file__).resolve().parent.parent / "docs" / "openapi.yaml"
SHOWN_LINES = 40


def main(arguments: list[str]) -> None:
    """Write the snapshot; with `--check` end with the difference where it is out of date."""
    current = generate()
    if "--check" not in arguments:
        SNAPSHOT.parent.mkdir(exist_ok=True)
        SNAPSHOT.write_text(current, encoding="utf-8")
        return
    kept = SNAPSHOT.read_text(encoding="utf-8") if SNAPSHOT.exists() else ""
    if kept != current:
        lines = difflib.unified_diff(
            kept.splitlines(), current.splitlines(), "docs/openapi.yaml", "the code", "", "", 1
        )
        print(*list(lines)[:SHOWN_LINES], sep="\n")
        sys.exit("The API differs from docs/openapi.yaml; `make openapi` writes it anew.")


def generate() -> str:
    """Return the validated OpenAPI document of the code; warnings are errors."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_portal.settings")
    import django
    from django.core.management import CommandError, call_command

    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "openapi.yaml"
        try:
            call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(path))
        except CommandError as error:
            sys.exit(f"The OpenAPI document is not sound: {error}")
        return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
