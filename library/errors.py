"""What can be wrong with a reference library.

::

    LibraryError
    ├── NotALibrary          nothing there, or neither a manifest nor a compiled library
    ├── BrokenManifest       ``manifest.csv`` as a whole cannot be read
    ├── BrokenReferences     some rows of the manifest, or their files, cannot be used; ``problems`` lists them all
    ├── BrokenCompilation    a compiled library is damaged or was made for another engine
    ├── OutputRefused        the place to write to is taken or cannot be written
    ├── NotAStore            there is no store of references at the place named
    ├── BrokenStore          a store is damaged: an event or an object is missing or was changed
    ├── StepRefused          a rule of the store forbids this step; the message says which and why
    │   └── Unsettled        conflicts that nobody settled keep a release back; ``findings`` lists them all
    ├── KeyRefused           the key that signs releases, or checks them, cannot be used
    └── BrokenRelease        a release is not what its signature stands for

Every message is one sentence that says what is wrong, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "BrokenCompilation",
    "BrokenManifest",
    "BrokenReferences",
    "BrokenRelease",
    "BrokenStore",
    "KeyRefused",
    "LibraryError",
    "NotALibrary",
    "NotAStore",
    "OutputRefused",
    "StepRefused",
    "Unsettled",
]

MAX_SHOWN_PROBLEMS = 20


class LibraryError(Exception):
    """Root of everything the library refuses."""


class NotALibrary(LibraryError):
    """There is no library at the place named."""


class BrokenManifest(LibraryError):
    """The manifest as a whole cannot be read."""


class BrokenReferences(LibraryError):
    """Some rows of the manifest, or their files, cannot be used.

    Parameters
    ----------
    where : str
        The manifest as the user knows it.
    problems : sequence of str
        One clause for each bad row: line, column, what is wrong, what to do.
    """

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        rows = "1 row that cannot be used" if count == 1 else f"{count:,} rows that cannot be used"
        shown = "; ".join(self.problems[:MAX_SHOWN_PROBLEMS])
        rest = f"; and {count - MAX_SHOWN_PROBLEMS:,} more" if count > MAX_SHOWN_PROBLEMS else ""
        super().__init__(f"{where} has {rows}: {shown}{rest}")


class BrokenCompilation(LibraryError):
    """A compiled library is damaged, or was made for another engine."""


class OutputRefused(LibraryError):
    """The place to write a compiled library to is taken, or cannot be written."""


class NotAStore(LibraryError):
    """There is no store of references at the place named."""


class BrokenStore(LibraryError):
    """A store is damaged: an event or an object is missing or was changed."""


class StepRefused(LibraryError):
    """A rule of the store forbids this step."""


class Unsettled(StepRefused):
    """Conflicts that nobody settled keep a release back.

    Parameters
    ----------
    message : str
    findings : sequence of (str, str)
        Key and words of each.
    """

    def __init__(self, message: str, findings: Sequence[tuple[str, str]]) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class KeyRefused(LibraryError):
    """The key that signs releases, or checks them, cannot be used."""


class BrokenRelease(LibraryError):
    """A release is not what its signature stands for."""
