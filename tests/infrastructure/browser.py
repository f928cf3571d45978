"""Install a browser for the tests where there is none and it can be done; no error otherwise, the suite reports it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.infrastructure import services

FONTS = "fonts-liberation"


def main() -> None:
    """Install Debian's Chromium as root, Playwright's otherwise."""
    if services.browser_path():
        return
    print("Installing a browser for the tests.", file=sys.stderr)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "chromium", FONTS]):
            run(["apt-get", "-qq", *arguments], quiet)
        services.browser_path.cache_clear()
    if not services.browser_path():
        run([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))


def run(command: list[str], environment: dict[str, str]) -> None:
    """Run one step; where it fails, its own words are on standard error."""
    subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
