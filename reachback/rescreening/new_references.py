"""What a library has that an earlier one had not: references added, corrected, or gone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from library.errors import NotAStore
from library.model import OpenLibrary
from library.opening import open_library
from library.releases import find_release, read_release
from library.store import LibraryStore, store_folder
from reachback.errors import ReachbackError
from spectra.reference import ReferenceSet
from spectra.spectrum import Technique

__all__ = ["Changes", "SinceRefused", "changes_since", "changes_to", "exact_library"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")
_NOTHING: Mapping[Technique, tuple[int, ...]] = MappingProxyType({})

Tell = Callable[[str], None]


class SinceRefused(ReachbackError):
    """What to compare with cannot be understood; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What the present library has that the earlier one had not.

    Parameters
    ----------
    added : mapping of Technique to tuple of int
        Rows of the present reference sets that are new, or whose numbers or label were corrected.
    gone : frozenset of str
        Ids that the earlier library held and that mean something else now, or nothing.
    since : str
        The earlier library, in words.
    """

    added: Mapping[Technique, tuple[int, ...]]
    gone: frozenset[str]
    since: str

    @property
    def n_added(self) -> int:
        """Number of new references, all techniques together."""
        return sum(len(rows) for rows in self.added.values())


def exact_library(library: str | None) -> str | None:
    """The same library by a name that a later release does not change."""
    if library is None or Path(library).is_dir():
        return library
    found = find_release(library)
    return library if found is None else str((found.store.path / found.name).absolute())


def changes_since(since: str, present: OpenLibrary, library: str | None, tell: Tell = lambda step: None) -> Changes:
    """What is new since an earlier library, or since a day.

    Parameters
    ----------
    since : str
        The name of a release, a folder library or a compiled one – or a day (``2030-01-31``): then the newest release
        made before it, and where there was none yet, everything is new.
    library : str or None
        Where the present library was opened from.

    Raises
    ------
    SinceRefused
        It is neither a library nor a day.
    LibraryError
        The earlier library cannot be opened.
    """
    if not _DATE.fullmatch(since) or Path(since).is_dir():
        return _between(since, present, library, tell)
    day = _moment(since)
    before = _release_before(day, library)
    if before is None:
        return Changes(_everything(present), frozenset(), f"{since}, before any release")
    return _between(before, present, library, tell)


def changes_to(present: OpenLibrary, earlier: OpenLibrary, since: str) -> Changes:
    """Compare two opened libraries: by what each reference is called, and by its numbers."""
    added, gone = {}, set()
    for technique, references in present.sets.items():
        before = earlier.sets.get(technique)
        known = {} if before is None else _contents(before)
        now = _contents(references)
        rows = tuple(row for row, content in now.items() if content not in set(known.values()))
        if rows:
            added[technique] = rows
    for technique, references in earlier.sets.items():
        after = present.sets.get(technique)
        still = set() if after is None else set(_contents(after).values())
        gone |= {references.entries[row].id for row, content in _contents(references).items() if content not in still}
    return Changes(added, frozenset(gone), since)


def _between(since: str, present: OpenLibrary, library: str | None, tell: Tell) -> Changes:
    """Two releases of one store are compared by their manifests, without compiling the earlier one."""
    old, new = find_release(since), find_release(library) if library and not Path(library).is_dir() else None
    if old is not None and new is not None and old.store.path == new.store.path:
        ids = {each.id for each in read_release(old).references}
        now = {entry.id for references in present.sets.values() for entry in references.entries}
        rows = {
            technique: tuple(row for row, entry in enumerate(references.entries) if entry.id not in ids)
            for technique, references in present.sets.items()
        }
        return Changes({k: v for k, v in rows.items() if v}, frozenset(ids - now), old.name)
    if old is None and not Path(since).exists():
        raise SinceRefused(f"{since!r} is neither a release, nor a library, nor a day written as 2030-01-31")
    earlier = open_library(since, tell)
    return changes_to(present, earlier, f"{earlier.name} {earlier.release}")


def _contents(references: ReferenceSet) -> dict[int, str]:
    """Row → digest of what the reference says: its numbers, its substance and its form."""
    found = {}
    for row, entry in enumerate(references.entries):
        whole = hashlib.sha256(references.features[row].tobytes())
        whole.update(f"{entry.id}\n{entry.substance}\n{entry.form}\n{entry.mode}".encode())
        found[row] = whole.hexdigest()
    return found


def _everything(present: OpenLibrary) -> dict[Technique, tuple[int, ...]]:
    return {technique: tuple(range(references.n_refs)) for technique, references in present.sets.items()}


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SinceRefused(f"{text!r} is no day there is; write it as 2030-01-31") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _release_before(day: datetime, library: str | None) -> str | None:
    """The newest release of the present library's store that was made before this moment."""
    found = find_release(library) if library and not Path(library).is_dir() else None
    try:
        store = found.store if found is not None else LibraryStore.at(store_folder())
    except NotAStore:
        return None
    if found is None:
        return None  # the library in use is no release: when its references came, nobody wrote down
    made = [(event.at, int(event.body["number"])) for event in store.journal.events() if event.kind == "released"]
    earlier = [number for at, number in made if _moment(at) < day]
    return str(store.path / f"{store.name}-{max(earlier)}") if earlier else None
