"""The laboratory's store: references and their states, content-addressed and never rewritten.

::

    store.json               schema and name
    journal/000001.created.json …   what was done, by whom, when; chained by SHA-256
    objects/ab/cdef…         spectra files and manifests of releases, named by their SHA-256
    keys/                    the Ed25519 key that signs releases, and its public half
    lock                     held by whoever writes

Every step below is one event of the journal: a kill leaves the state before it or the state after it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from library.errors import NotAStore, OutputRefused, StepRefused
from library.journal import Event, Journal
from library.ledger import Ledger, Standing, State, fold
from library.safe_files import write_once

__all__ = ["LibraryStore", "review", "settle", "settle_each", "store_folder", "withdraw"]

SCHEMA = "reachback.library-store/1"
DESCRIPTION = "store.json"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
LOCK_SECONDS = 600.0  # longer than the slowest step of another writer
FOLDERS = ("journal", "objects", "keys")

Tell = Callable[[str], None]


def store_folder() -> Path:
    """``REACHBACK_LIBRARY_STORE``, else ``library`` in ``REACHBACK_DATA_DIR`` (``reachback-data``)."""
    if stated := os.environ.get("REACHBACK_LIBRARY_STORE"):
        return Path(stated)
    return Path(os.environ.get("REACHBACK_DATA_DIR") or "reachback-data") / "library"


@dataclass(frozen=True, slots=True)
class LibraryStore:
    """A store at ``path`` of the library ``name``; opened with :meth:`at`, made with :meth:`create`."""

    path: Path
    name: str

    @classmethod
    def at(cls, path: Path) -> LibraryStore:
        """The store at a place.

        Raises
        ------
        NotAStore
            There is none.
        """
        try:
            stored = json.loads((path / DESCRIPTION).read_bytes())
            schema, name = stored["schema"], str(stored["name"])
        except (OSError, ValueError, KeyError, TypeError):
            raise NotAStore(
                f"{path} is no library store; make one with 'reachback library init NAME', or name another place"
                " with REACHBACK_LIBRARY_STORE"
            ) from None
        if schema != SCHEMA:
            raise NotAStore(f"{path} is a store of the schema {schema!r}, this engine reads {SCHEMA}")
        return cls(path, name)

    @classmethod
    def create(cls, path: Path, name: str, by: str, at: str) -> LibraryStore:
        """Make an empty store; its releases will be called ``NAME-1``, ``NAME-2`` and so on.

        Raises
        ------
        StepRefused
            The name cannot be used, or there is a store already.
        OutputRefused
            The place cannot be written, or holds something else.
        """
        if not NAME.fullmatch(name) or re.search(r"-[0-9]+$", name):
            raise StepRefused(
                f"a library cannot be called {name!r}: take a letter, then letters, digits, '_', '.' or '-',"
                " and no number at its end"
            )
        if (path / DESCRIPTION).exists():
            raise StepRefused(f"{path} is a library store already; nothing was changed")
        if path.exists() and any(child.name not in (*FOLDERS, "lock") for child in path.iterdir()):
            raise OutputRefused(f"{path} holds other files; choose an empty place for the store")
        try:
            for folder in FOLDERS:
                (path / folder).mkdir(parents=True, exist_ok=True)
            with cls(path, name).locked():
                journal = Journal(path / "journal")
                if journal.paths():  # a kill came between the event and the description
                    name = fold(journal.events()).name
                else:
                    journal.append("created", _person(by), at, {"name": name}, after=None)
                write_once(path / DESCRIPTION, json.dumps({"schema": SCHEMA, "name": name}).encode())
        except FileExistsError:
            raise StepRefused(f"{path} is a library store already; nothing was changed") from None
        except OSError as error:
            raise OutputRefused(f"{path} cannot be written ({error.strerror}); choose another place") from None
        return cls(path, name)

    @property
    def journal(self) -> Journal:
        """What was done so far."""
        return Journal(self.path / "journal")

    def ledger(self) -> Ledger:
        """The state after the last event; reading needs no lock, as events never change."""
        return fold(self.journal.events())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store: of two writers one waits for the other.

        Raises
        ------
        StepRefused
            Another writer holds it for longer than any step takes.
        """
        lock = FileLock(self.path / "lock", timeout=LOCK_SECONDS)
        try:
            with lock:
                yield
        except Timeout:
            raise StepRefused(f"{self.path} is in use by another writer; try again when that one has ended") from None

    def record(self, kind: str, by: str, at: str, body: dict[str, Any], ledger: Ledger) -> Event:
        """Write the next event after the state that ``ledger`` shows; the caller holds the lock."""
        return self.journal.append(kind, _person(by), at, body, after=ledger.head)


def review(
    store: LibraryStore, ids: Sequence[str], by: str, at: str, accepted: bool = True, comment: str | None = None
) -> tuple[str, ...]:
    """Accept proposed references, or send them back as drafts; returns their ids.

    Raises
    ------
    StepRefused
        One is not proposed, or its proposer is the reviewer; then nothing is changed.
    """
    if not accepted and not comment:
        raise StepRefused("a reference is sent back with a reason; say which")
    with store.locked():
        ledger = store.ledger()
        for standing in _standings(ledger, ids):
            refusal = _may_not_review(standing, _person(by))
            if refusal:
                raise StepRefused(refusal)
        store.record("reviewed", by, at, {"ids": list(ids), "accepted": accepted, "comment": comment}, ledger)
    return tuple(ids)


def settle(store: LibraryStore, keys: Sequence[str], by: str, at: str, reason: str) -> None:
    """Decide that findings may stand, for a reason; a release passes over them from then on.

    Raises
    ------
    StepRefused
        No reason, or no finding was named.
    """
    if not reason.strip() or not keys:
        raise StepRefused("a finding is settled by its key and a reason; give both")
    with store.locked():
        ledger = store.ledger()
        store.record("settled", by, at, {"keys": list(keys), "reason": reason.strip()}, ledger)


def settle_each(store: LibraryStore, reasons: Mapping[str, str], by: str, at: str) -> None:
    """As `settle`, each finding with its own reason; one event, so that a table is taken whole or not at all.

    Raises
    ------
    StepRefused
        No finding, or one without a reason.
    """
    if not reasons or not all(reason.strip() for reason in reasons.values()):
        raise StepRefused("a finding is settled by its key and a reason; give both")
    with store.locked():
        ledger = store.ledger()
        stated = {key: reason.strip() for key, reason in reasons.items()}
        store.record("settled", by, at, {"keys": list(stated), "reasons": stated}, ledger)


def withdraw(
    store: LibraryStore, ids: Sequence[str], by: str, at: str, reason: str, successor: str | None = None
) -> None:
    """Take references back: drafts, proposed and reviewed ones become ``withdrawn``; released ones are deprecated.

    Nothing is deleted: releases that hold a deprecated reference hold it for ever, the next one does not.

    Raises
    ------
    StepRefused
        No reason, an unknown id, a reference that is gone already, or a successor that is none.
    """
    if not reason.strip():
        raise StepRefused("a reference is withdrawn or deprecated with a reason; say which")
    with store.locked():
        ledger = store.ledger()
        for standing in _standings(ledger, ids):
            if standing.state in (State.WITHDRAWN, State.DEPRECATED):
                raise StepRefused(f"{standing.reference.id} is {standing.state} already ({standing.reason})")
        if successor is not None:
            _refuse_successor(ledger, ids, successor)
        body = {"ids": list(ids), "reason": reason.strip(), "successor": successor}
        store.record("withdrawn", by, at, body, ledger)


def _refuse_successor(ledger: Ledger, ids: Sequence[str], successor: str) -> None:
    standing = _standings(ledger, [successor])[0]
    if successor in ids or standing.state in (State.WITHDRAWN, State.DEPRECATED):
        raise StepRefused(f"{successor} cannot succeed: it goes itself, or is {standing.state}")


def _may_not_review(standing: Standing, reviewer: str) -> str | None:
    """Why this person may not review this reference; None where nothing speaks against it."""
    identifier = standing.reference.id
    if standing.state is not State.PROPOSED:
        return f"{identifier} is {standing.state}, not proposed; only what is proposed can be reviewed"
    if reviewer.casefold() in (name.casefold() for name in standing.proposer.split("; ")):
        return f"{identifier} was proposed by {reviewer}; another person has to review it"
    return None


def _standings(ledger: Ledger, ids: Sequence[str]) -> list[Standing]:
    if not ids:
        raise StepRefused("no reference was named")
    unknown = [identifier for identifier in ids if identifier not in ledger.standings]
    if unknown:
        raise StepRefused(f"{unknown[0]} is no reference of this store; 'reachback library list' shows them")
    return [ledger.standings[identifier] for identifier in dict.fromkeys(ids)]


def _person(name: str) -> str:
    """A name in one spelling, so that blanks make no second person of one."""
    plain = " ".join(name.split())
    if not plain or ";" in plain:
        raise StepRefused("every step needs the name of the person who answers for it, without a semicolon")
    return plain
