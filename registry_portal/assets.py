"""Static files collected once for all portals that share the folder, again only when a source has changed."""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from registry_portal import environment


def collect() -> bool:
    """Collect, compress and name static files by content; return whether anything had to be done."""
    folder, fingerprint = environment.folder(Path(settings.STATIC_ROOT)), _fingerprint()
    stamp = folder / ".sources"
    # Two portals that start at once must not clear the folder under each other.
    with open(folder.with_name(f"{folder.name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == fingerprint:
            return False
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(fingerprint)
    return True


def _fingerprint() -> str:
    """Return a digest over names, sizes and times of our files and over the pinned packages that bring their own."""
    digest = hashlib.sha256((Path(settings.BASE_DIR) / "requirements/run.txt").read_bytes())
    for folder in settings.STATICFILES_DIRS:
        for path in sorted(Path(folder).rglob("*")):
            state = path.stat()
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
