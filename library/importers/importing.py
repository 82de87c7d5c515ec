"""The way of an import: members of a source, read one by one, into a folder library with its lists of what is open."""

from __future__ import annotations

import contextlib
import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from device_adapters.stated import Stated
from library.errors import OutputRefused
from library.importers.conflicts import CONFLICTS_NAME, Conflict, Named, conflicts_csv, find_conflicts, read_decisions
from library.importers.decisions import Decided
from library.importers.folder_writing import (
    LEFT_OUT_NAME,
    keep_references,
    left_out_csv,
    manifest_csv,
    substances_csv,
    write_text_safely,
)
from library.importers.journal import Done, Journal, Kept, member_digest, prepare_folder
from library.importers.known_substances import KnownSubstances, Resolved
from library.importers.reading_on_cores import batches_of, read_batches
from library.importers.source import Found, LeftOut, Member, Source
from library.manifest import MANIFEST_NAME
from library.substances import SUBSTANCES_NAME

__all__ = ["Imported", "Statements", "alone_in", "import_library"]

Tell = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Statements:
    """What the user says of the whole source; None where nothing was said.

    ``scans`` holds technique, mode, laser and units; ``controlled`` whether its substances are, where nobody else says;
    ``may_be_passed_on`` whether its licence allows that, as somebody who has read it says.
    """

    scans: Stated
    controlled: bool | None = None
    licence: str | None = None
    name: str | None = None
    may_be_passed_on: bool | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to."""

    folder: Path
    n_references: int
    n_substances: int
    n_taken_over: int  # members that an earlier run had read already
    left_out: tuple[LeftOut, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def counted(self) -> tuple[LeftOut, ...]:
        """What was left out of those that ought to have been imported."""
        return tuple(each for each in self.left_out if each.counts)

    @property
    def undecided(self) -> tuple[Conflict, ...]:
        """The conflicts a release has to wait for."""
        return tuple(each for each in self.conflicts if each.must_decide and not each.decision)


def import_library(
    source: Source,
    path: Path,
    out: Path,
    known: KnownSubstances,
    statements: Statements,
    today: str,
    tell: Tell = lambda done, name: None,
) -> Imported:
    """Import a source into a folder library at ``out``; the same call again goes on, or reads only what is new.

    Parameters
    ----------
    known : KnownSubstances
        What names are mapped to.
    today : str
        The day, ISO 8601, that stands beside what the source states.
    tell : callable
        Called with the number of members done and the name of the next.

    Raises
    ------
    LibraryError
        The source cannot be used at all, or ``out`` holds something else.
    """
    members = source.members(path)
    first = next(members, None)  # a source that is refused leaves no folder behind
    try:
        with alone_in(out), contextlib.closing(Journal(out, _settings(source, statements), today)) as journal:
            decided = read_decisions(out)
            everything, n_taken_over = _read_all(source, _with(first, members), statements, out, journal, tell)
            return _finish(out, everything, n_taken_over, known, statements, decided, journal.begun)
    except OSError as error:
        raise OutputRefused(f"{out} cannot be written: {error.strerror}") from None


def _with(first: Member | LeftOut | None, rest: Iterator[Member | LeftOut]) -> Iterator[Member | LeftOut]:
    if first is not None:
        yield first
        yield from rest


def _read_all(
    source: Source, members: Iterator[Member | LeftOut], statements: Statements, out: Path, journal: Journal, tell: Tell
) -> tuple[list[Done], int]:
    everything: list[Done] = []
    n_taken_over = 0
    lots: deque[list[LeftOut | Done | Unread]] = deque()  # those that are being read, oldest first

    def unread() -> Iterator[list[Member]]:
        for lot in batches_of(members):
            looked_up = [_looked_up(member, journal) for member in lot]
            lots.append(looked_up)
            yield [each.member for each in looked_up if isinstance(each, Unread)]

    for found in read_batches(source, statements.scans, unread()):
        answers = iter(found)
        for each in lots.popleft():
            if isinstance(each, LeftOut):
                everything.append(Done("", (), (each,)))
                continue
            if isinstance(each, Unread):
                tell(len(everything), each.member.name)
                each = _kept(out, each, next(answers), journal)
            else:
                n_taken_over += 1
            everything.append(each)
    return everything, n_taken_over


@dataclass(frozen=True, slots=True)
class Unread:
    """A member that no earlier run has read."""

    member: Member
    digest: str


def _looked_up(member: Member | LeftOut, journal: Journal) -> LeftOut | Done | Unread:
    if isinstance(member, LeftOut):
        return member
    digest = member_digest(member)
    return journal.find(member.name, digest) or Unread(member, digest)


def _kept(out: Path, unread: Unread, read: Sequence[Found | LeftOut], journal: Journal) -> Done:
    """Lay what a member gave into the folder, and remember that."""
    kept = keep_references(out, unread.member, [each for each in read if isinstance(each, Found)])
    done = Done(unread.digest, kept, tuple(each for each in read if isinstance(each, LeftOut)))
    journal.add(unread.member.name, done)
    return done


def _finish(
    out: Path,
    everything: list[Done],
    n_taken_over: int,
    known: KnownSubstances,
    statements: Statements,
    decided: dict[str, Decided],
    date: str,
) -> Imported:
    kept = [each for done in everything for each in done.kept]
    kept = [_passed_on(each, statements) for each in kept]
    named = [Named(each.reference, _stated(known.resolve(each.identity), statements), each.content) for each in kept]
    kept, named, doubled = _without_doubles(kept, named)
    left_out = (*(each for done in everything for each in done.left_out), *doubled)
    conflicts = find_conflicts(named, decided)
    write_text_safely(out / LEFT_OUT_NAME, left_out_csv(left_out))
    write_text_safely(out / CONFLICTS_NAME, conflicts_csv(conflicts))
    if kept:
        name = statements.name or out.resolve().name
        write_text_safely(out / "library.toml", f"name = {json.dumps(name)}\n")
        write_text_safely(out / SUBSTANCES_NAME, substances_csv(named, date))
        write_text_safely(out / MANIFEST_NAME, manifest_csv(kept, named, conflicts))
    else:
        (out / MANIFEST_NAME).unlink(missing_ok=True)
    n_substances = len({each.identity.name for each in named})
    return Imported(out, len(kept), n_substances, n_taken_over, left_out, conflicts)


def _stated(resolved: Resolved, statements: Statements) -> Resolved:
    """What the user says where nobody else says anything."""
    identity = resolved.identity
    controlled = statements.controlled if identity.controlled is None else identity.controlled
    stated = replace(identity, licence=identity.licence or statements.licence or "", controlled=controlled)
    return replace(resolved, identity=stated, status_said=controlled is not None)


def _passed_on(kept: Kept, statements: Statements) -> Kept:
    if statements.may_be_passed_on is None or kept.details.get("may_be_passed_on"):
        return kept
    answer = "yes" if statements.may_be_passed_on else "no"
    return replace(kept, details={**kept.details, "may_be_passed_on": answer})


def _without_doubles(kept: list[Kept], named: list[Named]) -> tuple[list[Kept], list[Named], list[LeftOut]]:
    """The very same numbers under the same name are one reference; the later ones are left out."""
    first: dict[tuple[str, str, str | None], str] = {}
    chosen: list[int] = []
    left_out: list[LeftOut] = []
    for position, (each, known) in enumerate(zip(kept, named, strict=True)):
        key = (each.content, known.identity.name, known.identity.form)
        earlier = first.setdefault(key, each.origin)
        if earlier is each.origin:
            chosen.append(position)
        else:
            left_out.append(LeftOut(each.origin, f"the very same numbers as {earlier}, which is of the same name"))
    return [kept[i] for i in chosen], [named[i] for i in chosen], left_out


def _settings(source: Source, statements: Statements) -> dict[str, str]:
    scans = statements.scans
    said = {"technique": scans.technique, "mode": scans.mode, "laser_nm": scans.laser_nm, "y_units": scans.y_units}
    return {"source": source.name, **{key: str(value) for key, value in said.items() if value is not None}}


@contextlib.contextmanager
def alone_in(out: Path) -> Iterator[None]:
    """Hold the folder of an import: two writers at once would write over each other; the lock goes with its process.

    Raises
    ------
    OutputRefused
        Another process holds it, or something else than an import lies there.
    """
    try:
        with FileLock(prepare_folder(out) / "lock", timeout=0):
            yield
    except Timeout:
        raise OutputRefused(f"{out} is being imported into by another process; wait for it") from None
