"""The judge: run every trial and every known case of a library, in one process or several."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from library.errors import LibraryError
from library.folder import open_folder
from library.model import OpenLibrary
from library.opening import open_library
from reachback.validation.bench import Bench
from reachback.validation.cases import Case, CaseFolder, read_case
from reachback.validation.records import Record, record_of
from reachback.validation.trials import Amount, Half, Trial, is_judged, plan
from spectra.errors import SpectraError
from spectra.identify import identify
from spectra.reference import Reference
from spectra.spectrum import Spectrum, Technique

__all__ = ["Judged", "Remarks", "judge"]

Tell = Callable[[str], None]

_CHUNK = 25  # trials handed to a process at a time


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """All that was tried on one technique.

    Parameters
    ----------
    simulated, measured : tuple of Record
    native : bool
        True where simulated scans were mixed from the references as measured, not from compiled curves.
    n_foreign : int
        Substances of the case folder that the library does not hold.
    """

    technique: Technique
    simulated: tuple[Record, ...]
    measured: tuple[Record, ...]
    native: bool
    n_foreign: int


@dataclass(frozen=True, slots=True)
class Remarks:
    """Sentences on cases that were not judged: those that could not be read, and those that prove nothing."""

    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


def judge(
    library: Path | str | None,
    folder: CaseFolder,
    *,
    amount: Amount,
    half: Half,
    seed: int,
    processes: int = 1,
    tell: Tell = lambda step: None,
) -> tuple[OpenLibrary, tuple[Judged, ...], Remarks]:
    """Judge a library; returns it, what was tried on each technique, and what was not judged.

    Raises
    ------
    LibraryError
        No library, or one that cannot be used.
    """
    opened = open_library(library, tell)
    measured, remarks = _judge_cases(opened, library, folder, half, tell)
    judged = []
    for technique in opened.sets:
        job = _Job(str(library) if library is not None else None, str(folder.path), technique)
        bench, n_foreign = _make_bench(job, opened)
        trials = plan(opened.sets[technique].entries, n_foreign, amount, half, seed)
        simulated = tuple(_run(trials, job, bench, processes, tell))
        native = bool(_measured_references(job.library).get(technique))
        judged.append(Judged(technique, simulated, tuple(measured.get(technique, ())), native, n_foreign))
    return opened, tuple(judged), replace(remarks, problems=(*folder.problems, *remarks.problems))


@dataclass(frozen=True, slots=True)
class _Job:
    """What a process needs to make its own bench."""

    library: str | None
    cases: str
    technique: Technique


def _make_bench(job: _Job, opened: OpenLibrary) -> tuple[Bench, int]:
    measured = _measured_references(job.library).get(job.technique, ())
    known = {name for entry in opened.sets[job.technique].entries for name in _names(entry.substance, entry.inchikey)}
    foreign = [
        reference
        for reference in _measured_references(job.cases).get(job.technique, ())
        if not known & set(_names(reference.entry.substance, reference.entry.inchikey))
    ]
    by_id = {reference.entry.id: reference for reference in measured}
    return Bench(opened.sets[job.technique], opened.calibrations[job.technique], by_id, foreign), len(foreign)


def _names(substance: str, inchikey: str | None) -> tuple[str, ...]:
    """How one substance is recognised in two libraries: its name, and the skeleton of its InChIKey."""
    return (substance.casefold(), inchikey[:14]) if inchikey else (substance.casefold(),)


def _measured_references(folder: str | None) -> Mapping[Technique, Sequence[Reference]]:
    """The references of a folder library as measured; nothing where it is none (compiled, or a folder of cases)."""
    if folder is None:
        return {}
    with suppress(LibraryError):
        return open_folder(Path(folder)).references()
    return {}


_bench: list[Bench] = []  # of this process, once the pool has started it


def _start(job: _Job) -> None:
    _bench[:] = [_make_bench(job, open_library(job.library))[0]]


def _run_here(trial: Trial) -> list[Record]:
    return _bench[0].run(trial)


def _run(trials: Sequence[Trial], job: _Job, bench: Bench, processes: int, tell: Tell) -> Iterator[Record]:
    if processes == 1:
        yield from _counted(map(bench.run, trials), len(trials), job.technique, tell)
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_start, initargs=(job,)) as pool:
        yield from _counted(pool.map(_run_here, trials, chunksize=_CHUNK), len(trials), job.technique, tell)


def _counted(found: Iterable[list[Record]], total: int, technique: Technique, tell: Tell) -> Iterator[Record]:
    for done, records in enumerate(found, start=1):
        if done % _CHUNK == 0 or done == total:
            tell(f"simulated {technique} scans, {done:,} of {total:,}")
        yield from records


def _judge_cases(
    opened: OpenLibrary, library: Path | str | None, folder: CaseFolder, half: Half, tell: Tell
) -> tuple[dict[Technique, list[Record]], Remarks]:
    own, repeated = _digests(library), 0
    records: dict[Technique, list[Record]] = {}
    problems: list[str] = []
    for number, case in enumerate(folder.cases, start=1):
        tell(f"known cases, {number:,} of {len(folder.cases):,}")
        if not any(is_judged(name, half) for name in case.truth):
            continue
        scans = read_case(case)
        if isinstance(scans, str):
            problems.append(scans)
            continue
        if _digest(case.path) in own:
            repeated += 1
            continue
        for scan in scans:
            record = _judge_case(opened, case, scan)
            if isinstance(record, str):
                problems.append(record)
            else:
                records.setdefault(scan.technique, []).append(record)
    proof = f"{repeated:,} of the cases are files of the library itself, which proves nothing; they were not judged"
    return records, Remarks(tuple(problems), (proof,) if repeated else ())


def _judge_case(opened: OpenLibrary, case: Case, scan: Spectrum) -> Record | str:
    if scan.technique not in opened.sets:
        return f"{case.file}: is a {scan.technique} scan, and the library {opened.name} has no such references"
    references = opened.sets[scan.technique]
    try:
        verdict = identify(scan, references, opened.calibrations[scan.technique])
    except SpectraError as error:
        return f"{case.file}: {str(error).rstrip('.')}"
    by_name = {name: entry for entry in references.entries for name in _names(entry.substance, entry.inchikey)}
    entry = case.reference.entry if case.reference else None
    aliases = _names(entry.substance, entry.inchikey) if entry else ()
    held = [
        by_name.get(name.casefold()) or next((by_name[a] for a in aliases if a in by_name), None) for name in case.truth
    ]
    # In the library's own spelling, where it has the substance.
    truth = tuple(known.substance if known else name for known, name in zip(held, case.truth, strict=True))
    watched = any(known.watch for known in held if known) or bool(entry and entry.watch)
    family = entry.substance_class if entry else next((known.substance_class for known in held if known), None)
    return record_of(
        verdict,
        panel="case",
        truth=truth,
        known=all(held),
        watched_truth=watched,
        family=family,
        file=case.file,
    )


def _digests(library: Path | str | None) -> set[str]:
    """SHA-256 of every file of a folder library."""
    if library is None or not Path(library).is_dir():
        return set()
    return {digest for path in Path(library).rglob("*") if (digest := _digest(path))}


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    except OSError:
        return ""
