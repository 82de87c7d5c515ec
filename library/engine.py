"""Which engine compiles: a fingerprint of the code that turns references into matrices and calibrations."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["engine_fingerprint"]


@cache
def engine_fingerprint() -> str:
    """SHA-256, shortened to 16 hexadecimal digits, over the source of the matching core and of this package.

    A version number would not do: it stays the same while the code is worked on, and a cached library
    made by yesterday's code would answer today.
    """
    digest = hashlib.sha256()
    for package in ("spectra", "device_adapters", "library"):
        for name, source in sorted(_sources(files(package), package)):
            digest.update(f"{name}\n{len(source)}\n".encode())
            digest.update(source)
    return digest.hexdigest()[:16]


def _sources(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for child in folder.iterdir():
        path = f"{name}/{child.name}"
        # The starter library lies inside this package in an installed wheel; data is not code.
        if child.is_dir() and not child.name.startswith("_"):
            found += _sources(child, path)
        elif child.name.endswith(".py"):
            found.append((path, child.read_bytes()))
    return found
