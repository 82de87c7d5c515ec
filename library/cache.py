"""Compiled folder libraries kept for the next call, by digest and engine; never needed, only faster."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from library.compiled_folder import open_compiled, put_in_place, write_beside
from library.engine import engine_fingerprint
from library.errors import LibraryError, OutputRefused
from library.model import OpenLibrary

__all__ = ["cache_folder", "from_cache_or"]

MAX_ENTRIES = 12
STALE_SECONDS = 86_400.0


def cache_folder() -> Path:
    """``REACHBACK_CACHE_DIR``, else the platform's folder for caches."""
    if stated := os.environ.get("REACHBACK_CACHE_DIR"):
        return Path(stated)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "reachback"


def from_cache_or(build: Callable[[], OpenLibrary], digest: str) -> tuple[OpenLibrary, str | None]:
    """The library of this digest from the cache; else build it, keep it, and return it.

    An entry that cannot be opened is built again. Several processes may build the same entry at once: each
    writes beside and renames, whoever comes second takes the first one's.

    Parameters
    ----------
    build : callable
        Makes the library where the cache has none.
    digest : str
        The library's digest, recipes included.

    Returns
    -------
    library : OpenLibrary
    warning : str or None
        Why the library could not be kept.
    """
    try:
        entry = cache_folder() / "libraries" / _key(digest)
    except RuntimeError:  # an account without a home folder
        return build(), "the compiled library could not be kept for the next call: set REACHBACK_CACHE_DIR to a folder"
    kept = _opened(entry)
    if kept:
        return kept, None
    library = build()
    try:
        beside = write_beside(library, entry)
        if not _opened(entry):  # else another process was faster, and its entry may be in use by now
            put_in_place(beside, entry)
        shutil.rmtree(beside, ignore_errors=True)
        _throw_away_old(entry.parent)
    except (OutputRefused, OSError) as error:
        if not _opened(entry):
            return library, f"the compiled library could not be kept for the next call: {error}"
    return _opened(entry) or library, None


def _key(digest: str) -> str:
    return hashlib.sha256(f"{digest}\n{engine_fingerprint()}".encode()).hexdigest()[:32]


def _opened(entry: Path) -> OpenLibrary | None:
    try:
        library = open_compiled(entry)
    except LibraryError:
        return None
    with suppress(OSError):
        os.utime(entry)  # the time of last use decides what is thrown away
    return library


def _throw_away_old(folder: Path) -> None:
    """Keep the entries used last, and remove what a killed process left half written."""
    used: list[tuple[float, Path]] = []
    for path in folder.iterdir():
        with suppress(OSError):
            used.append((path.stat().st_mtime, path))
    kept = 0
    for when, path in sorted(used, reverse=True):
        if path.name.startswith("."):
            if time.time() - when > STALE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
            continue
        kept += 1
        if kept > MAX_ENTRIES:
            shutil.rmtree(path, ignore_errors=True)
