"""Where the library lies that is shipped."""

from __future__ import annotations

from pathlib import Path

from library.errors import NotALibrary
from library.manifest import MANIFEST_NAME

__all__ = ["starter_folder"]


def starter_folder() -> Path:
    """Folder of the library that is shipped, in an installed package or in the repository.

    Raises
    ------
    NotALibrary
        The installation is incomplete.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "_starter", here.parent / "reference_spectra"):
        if (folder / MANIFEST_NAME).is_file():
            return folder
    raise NotALibrary("the starter library is missing from this installation; install it again or name a library")
