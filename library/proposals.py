"""Take a folder into the store: its references become drafts, and those that pass the checks are proposed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from library.errors import StepRefused
from library.folder_intake import Readable, Refused, read_for_store
from library.fresh_checks import Fresh, check_fresh, measure_readable
from library.ledger import Ledger, Standing, State
from library.qc.findings import Finding, Level
from library.safe_files import keep_object
from library.store import LibraryStore
from library.stored_reference import StoredReference
from library.substances import as_json

__all__ = ["ProposalReport", "Refused", "propose_drafts", "propose_folder"]

Tell = Callable[[str], None]
GONE = (State.WITHDRAWN, State.DEPRECATED)


@dataclass(frozen=True, slots=True)
class ProposalReport:
    """What became of a folder.

    Parameters
    ----------
    proposed : tuple of str
        Ids (``R000017``) that now wait for review.
    drafts : tuple of (str, str)
        Ids that stay drafts, and which check keeps them there; their proposer settles it or withdraws them.
    known : tuple of str
        Ids that hold the same numbers under the same description already: nothing was done.
    refused : tuple of Refused
        Rows that are no references, and why.
    findings : tuple of Finding
        What the checks found on the new references, alone and beside what is in the store; gravest first.
    n_stated : int
        Statements about substances and families that were new, and are kept.
    """

    proposed: tuple[str, ...]
    drafts: tuple[tuple[str, str], ...]
    known: tuple[str, ...]
    refused: tuple[Refused, ...]
    findings: tuple[Finding, ...] = ()
    n_stated: int = 0


def propose_folder(
    store: LibraryStore, folder: Path, by: str, at: str, tell: Tell = lambda step: None
) -> ProposalReport:
    """Take in a folder library: its references become drafts, are checked, and those that pass are proposed.

    The folder has a ``manifest.csv`` with the columns of the contract and, where they are known, those of
    `library.manifest.DETAIL_COLUMNS`; ``substances.csv`` and ``families.csv`` (`library.substances`) may lie beside it
    or stand alone. A row that cannot be used is refused with its reason and the others are taken in. A kill at any
    point leaves either nothing of the folder or all of it; the same folder twice changes nothing.

    Parameters
    ----------
    by : str
        The person who answers for the proposal; may not review it.
    at : str
        When, ISO 8601 UTC.
    tell : callable
        Called with what happens now.

    Raises
    ------
    LibraryError
        The folder as a whole is none, or the store cannot be written.
    """
    reading = read_for_store(folder, tell)
    measured, unusable = measure_readable(reading.readable, tell)
    with store.locked():
        ledger = store.ledger()
        usable = [each for each in reading.readable if each.row.place in measured]
        fresh, known, refused = _sorted_out(usable, ledger, _kept(store, usable, tell))
        findings = check_fresh(store, ledger, fresh, measured, tell)
        held = _held(findings, ledger)
        stopped = {identifier for identifier, _ in held}
        proposed = [reference.id for reference, _ in fresh if reference.id not in stopped]
        statements = [each for each in reading.statements if each not in ledger.statements]
        links = [each for each in reading.links if each not in ledger.links]
        if fresh or proposed or statements or links:
            body: dict[str, Any] = {
                "origin": folder.resolve().name,
                "references": [reference.to_json() for reference, _ in fresh],
                "statements": as_json(statements),
                "families": as_json(links),
                "ids": proposed,
                "held": held,
            }
            store.record("proposed", by, at, body, ledger)
    return ProposalReport(
        tuple(proposed),
        tuple(held),
        tuple(known),
        (*reading.refused, *unusable, *refused),
        tuple(findings),
        len(statements) + len(links),
    )


def propose_drafts(store: LibraryStore, ids: Sequence[str], by: str, at: str, reason: str) -> None:
    """Propose drafts that a check or a reviewer has kept back, as they are, for a reason the reviewer will read.

    Raises
    ------
    StepRefused
        No reason, or one is unknown or no draft; then nothing is changed.
    """
    if not reason.strip():
        raise StepRefused("a draft that was kept back is proposed with a reason; say which")
    with store.locked():
        ledger = store.ledger()
        for identifier in ids:
            standing = ledger.standings.get(identifier)
            if standing is None or standing.state is not State.DRAFT:
                what = "unknown" if standing is None else standing.state.value
                raise StepRefused(f"{identifier} is {what}; only a draft can be proposed")
        store.record("proposed", by, at, {"ids": list(ids), "reason": reason.strip()}, ledger)


def _kept(store: LibraryStore, readable: Sequence[Readable], tell: Tell) -> dict[Path, str]:
    """Every file as an object of the store; what a kill leaves behind here belongs to nothing and harms nothing."""
    tell("keeping the files")
    return {path: keep_object(store.path, path) for path in dict.fromkeys(each.path for each in readable)}


def _held(findings: Sequence[Finding], ledger: Ledger) -> list[tuple[str, str]]:
    """New references that failed a check by themselves, each with its reasons."""
    reasons: dict[str, list[str]] = {}
    for each in findings:
        if each.level is Level.FAILURE and each.references[0] not in ledger.standings:
            reasons.setdefault(each.references[0], []).append(each.words)
    return [(identifier, "; ".join(words)) for identifier, words in reasons.items()]


def _sorted_out(
    readable: Sequence[Readable], ledger: Ledger, digests: dict[Path, str]
) -> tuple[list[Fresh], list[str], list[Refused]]:
    """New references with their ids, ids that are in the store already, and what contradicts one of those."""
    standing = {each.reference.measurement: each for each in ledger.standings.values() if each.state not in GONE}
    here: dict[tuple[str, int | None], str] = {}  # numbers of this folder, and the first row that has them
    fresh: list[Fresh] = []
    known: list[str] = []
    refused: list[Refused] = []
    for each in readable:
        number = len(ledger.standings) + len(fresh) + 1
        reference = StoredReference(f"R{number:06d}", digests[each.path], each.grade, each.row)
        corrected = each.row.detail("corrects")
        there = standing.get(reference.measurement)
        first = here.setdefault(reference.measurement, each.row.place)
        if first != each.row.place:
            refused.append(Refused(each.row.place, f"it holds the same bytes as {first}; every measurement once"))
        elif there is not None and there.reference.says_the_same(each.row):
            known.append(there.reference.id)
        elif there is not None and there.reference.id != corrected:
            refused.append(Refused(each.row.place, _said_otherwise(there)))
        elif corrected and (ledger.standings.get(corrected) is None or ledger.standings[corrected].state in GONE):
            refused.append(Refused(each.row.place, f"it corrects {corrected}, which is no living reference here"))
        else:
            fresh.append((reference, each))
    return fresh, known, refused


def _said_otherwise(there: Standing) -> str:
    row = there.reference.row
    return (
        f"the same measurement stands in the store as {there.reference.id} ({row.substance}) with another description;"
        f" write {there.reference.id} into the column corrects, or withdraw that one"
    )
