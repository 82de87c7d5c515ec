"""Copies the laboratory's library store into a backup while it is written to.

Objects are on disk before any event names them, and neither is ever rewritten: the objects of a later moment hold all
that the events of an earlier one speak of. So the events go first.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from library.safe_files import verify_object
from library.store import DESCRIPTION, LibraryStore

__all__ = ["copy_library"]


def copy_library(store: Path, copy: Path) -> None:
    """Copy a store to a place that does not exist yet, and verify the copy; nothing is done where there is none.

    Raises
    ------
    LibraryError
        The store, and so the copy, is damaged.
    """
    if not (store / DESCRIPTION).is_file():
        return
    for part in ("journal", "objects", "keys"):
        shutil.copytree(store / part, copy / part, ignore=shutil.ignore_patterns(".*"))
    shutil.copy2(store / DESCRIPTION, copy / DESCRIPTION)
    ledger = LibraryStore.at(copy).ledger()
    digests = {standing.reference.digest for standing in ledger.standings.values()}
    for digest in sorted(digests | {release.digest for release in ledger.releases}):
        verify_object(copy, digest)
