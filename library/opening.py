"""Open a library, whatever it is: a folder with a manifest, a compiled one, or the starter that is shipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from library.cache import from_cache_or
from library.compile import compile_folder, recipe_digests
from library.compiled_folder import is_compiled, open_compiled, put_in_place, verify_compiled, write_beside
from library.errors import BrokenCompilation, NotALibrary, OutputRefused
from library.folder import FolderLibrary, open_folder
from library.manifest import MANIFEST_NAME
from library.model import OpenLibrary
from library.releases import FoundRelease, find_release, open_found, verify_release
from library.starter import starter_folder
from library.store import store_folder

__all__ = [
    "STARTER_NAME",
    "build_library",
    "open_library",
    "place_of_library",
    "starter_folder",
    "verify_library",
]

STARTER_NAME = "starter"

Tell = Callable[[str], None]


def _silent(step: str) -> None:
    """Nobody wants to know."""


def open_library(library: Path | str | None = None, tell: Tell = _silent) -> OpenLibrary:
    """Open a library for searching.

    Parameters
    ----------
    library : path, str or None
        A folder with a manifest, a compiled library, the name of a release (``narcotics-3``, or ``narcotics`` for
        the newest), or ``"starter"``; None is the starter library.
    tell : callable
        Called with what happens now, where it takes a while.

    Raises
    ------
    LibraryError
        No library, or one that cannot be used.
    """
    release = _release(library)
    if release is not None:
        return open_found(release, tell)
    path = place_of_library(library)
    if is_compiled(path):
        return _of_this_engine(open_compiled(path), path)
    folder = open_folder(path)
    digest = folder.digest(recipe_digests(folder.techniques))
    opened, warning = from_cache_or(lambda: compile_folder(folder, digest, tell), digest)
    return replace(opened, warnings=(*opened.warnings, warning)) if warning else opened


def build_library(source: Path, out: Path, tell: Tell = _silent) -> OpenLibrary:
    """Compile a folder library to exactly ``out``; a compiled library that lies there is replaced.

    Raises
    ------
    OutputRefused
        Something else lies at ``out``, or it cannot be written.
    LibraryError
        The folder is no library, or has references that cannot be used.
    """
    if (out.exists() or out.is_symlink()) and not (is_compiled(out) and not out.is_symlink()):
        raise OutputRefused(f"{out} exists and is no compiled library; choose another place or remove it")
    folder: FolderLibrary = open_folder(source)
    library = compile_folder(folder, tell=tell)
    tell("writing")
    put_in_place(write_beside(library, out), out)
    return open_compiled(out)


def verify_library(library: Path | str | None = None) -> None:
    """Compare every byte of a compiled library with what was written; a folder library is read anew anyway.

    Raises
    ------
    LibraryError
        No library, or a file of it was changed.
    """
    release = _release(library)
    if release is not None:
        verify_release(release)
        return
    path = place_of_library(library)
    if is_compiled(path):
        verify_compiled(path)


def _release(library: Path | str | None) -> FoundRelease | None:
    """A folder of the name comes first, as everywhere else; then a release."""
    if library is None or Path(library).is_dir() or str(library) == STARTER_NAME:
        return None
    return find_release(str(library))


def place_of_library(library: Path | str | None) -> Path:
    """The folder that is meant, also where it is no library.

    Raises
    ------
    NotALibrary
        There is no such folder.
    """
    if library is None:
        return starter_folder()
    path = Path(library)
    if path.is_dir():
        return path
    if str(library) == STARTER_NAME:
        return starter_folder()
    if path.exists():
        raise NotALibrary(f"{path} is a file; a library is a folder with {MANIFEST_NAME}, or a compiled library")
    raise NotALibrary(
        f"{path} is no library: there is no such folder and no such release in {store_folder()};"
        f" name a folder with {MANIFEST_NAME}"
    )


def _of_this_engine(library: OpenLibrary, path: Path) -> OpenLibrary:
    """The matrices are worth something only under the recipe that also prepares the scan."""
    recipes = recipe_digests(tuple(library.sets))
    for technique, references in library.sets.items():
        if references.recipe != recipes[technique]:
            raise BrokenCompilation(
                f"{path} was compiled with another {technique} preprocessing than this engine uses;"
                " build it again with 'reachback library build'"
            )
    return library
