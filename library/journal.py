"""The journal of a store: one file an event, each naming the SHA-256 of the one before; written once, read in order.

A step of the laboratory is exactly one event, so that a kill leaves the state before or the state after, and nothing
in between. What the events add up to is worked out by `library.ledger`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from library.errors import BrokenStore, OutputRefused
from library.safe_files import write_once

__all__ = ["Event", "Journal"]

SCHEMA = "reachback.library-event/1"
NAME = re.compile(r"(?P<number>[0-9]{6,})\.(?P<kind>[a-z_]+)\.json")
START = "0" * 64  # what the first event names as the one before


@dataclass(frozen=True, slots=True)
class Event:
    """Something that somebody did: what, who, when, and the SHA-256 of the file it stands in."""

    number: int
    kind: str
    by: str
    at: str
    body: Mapping[str, Any]
    digest: str


class Journal:
    """The events below one folder.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def events(self) -> Iterator[Event]:
        """All events in order, each checked against the chain.

        Raises
        ------
        BrokenStore
            One is missing, unreadable, or was changed.
        """
        before = START
        for expected, path in enumerate(self.paths(), start=1):
            event = self._read(path, expected, before)
            before = event.digest
            yield event

    def last(self, kind: str) -> Event | None:
        """The newest event of a kind, without reading the others; None where there is none."""
        paths = self.paths(kind)
        return self.alone(paths[-1]) if paths else None

    def paths(self, kind: str | None = None) -> list[Path]:
        """Files of the events, oldest first."""
        found = [
            (int(named["number"]), path)
            for path in self._folder.iterdir()
            if (named := NAME.fullmatch(path.name)) and kind in (None, named["kind"])
        ]
        return [path for _, path in sorted(found)]

    def alone(self, path: Path) -> Event:
        """One event, without looking at the one before.

        Raises
        ------
        BrokenStore
            It cannot be read.
        """
        named = NAME.fullmatch(path.name)
        return self._read(path, int(named["number"]) if named else 0, None)

    def append(self, kind: str, by: str, at: str, body: Mapping[str, Any], after: Event | None) -> Event:
        """Write the next event; the caller holds the lock.

        Raises
        ------
        OutputRefused
            It cannot be written; nothing was changed.
        """
        number = after.number + 1 if after else 1
        stored = {
            "schema": SCHEMA,
            "number": number,
            "kind": kind,
            "by": by,
            "at": at,
            "previous": after.digest if after else START,
            "body": body,
        }
        content = json.dumps(stored, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        path = self._folder / f"{number:06d}.{kind}.json"
        if any(int(each.name.split(".")[0]) >= number for each in self.paths()):
            raise OutputRefused(f"{path} is taken: somebody else wrote into this store meanwhile; do the step again")
        try:
            write_once(path, content)
        except OSError as error:
            raise OutputRefused(f"{path} cannot be written ({error.strerror}); nothing was changed") from None
        return Event(number, kind, by, at, body, hashlib.sha256(content).hexdigest())

    def _read(self, path: Path, number: int, before: str | None) -> Event:
        try:
            content = path.read_bytes()
            stored = json.loads(content)
            event = Event(
                number=stored["number"],
                kind=stored["kind"],
                by=stored["by"],
                at=stored["at"],
                body=stored["body"],
                digest=hashlib.sha256(content).hexdigest(),
            )
            previous = stored["previous"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BrokenStore(f"{path} cannot be read ({type(error).__name__}); restore the store's journal") from None
        if event.number != number or before not in (None, previous) or stored["schema"] != SCHEMA:
            raise BrokenStore(
                f"the journal of the store is broken at {path}: an event before it is missing or was changed;"
                " restore the journal from a backup"
            )
        return event
