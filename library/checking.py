"""Check a library, whatever it is: a folder, a compiled one, a release, or everything that lives in a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from library.compile_chunks import compile_on_all_cores
from library.compiled_folder import is_compiled, open_compiled, verify_compiled
from library.folder import References, open_folder
from library.folder_intake import read_for_store
from library.fresh_checks import LIVING, joined, living_sets, shipped_standards
from library.model import ManifestRow
from library.opening import place_of_library
from library.qc.axis_standards import AxisStandard, read_standards
from library.qc.findings import Finding, Level
from library.qc.spectrum_checks import judge_measured
from library.qc.thresholds import THRESHOLDS
from library.qc.whole import Checked, check_axes, check_sets, check_spectra, measure_all
from library.release_manifest import ReleaseManifest
from library.releases import FoundRelease, as_folder, find_release, open_found, read_release, verify_release
from library.store import LibraryStore
from library.substances import Catalogue, Substance, read_families, read_statements
from spectra.reference import ReferenceSet
from spectra.spectrum import Technique

__all__ = ["LibraryCheck", "check_library", "check_store", "stated_of"]

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class LibraryCheck:
    """A checked library.

    Parameters
    ----------
    name : str
        As the user knows it.
    digest : str or None
    checked : Checked
    counts : mapping of Technique to int
    missing : mapping of Technique to tuple of Substance
        On the watch list, and without any reference of this technique.
    remarks : tuple of str
        What could not be checked, and why.
    """

    name: str
    digest: str | None
    checked: Checked
    counts: Mapping[Technique, int]
    missing: Mapping[Technique, tuple[Substance, ...]]
    remarks: tuple[str, ...] = ()

    @property
    def has_passed(self) -> bool:
        """True where nothing was found that somebody has to decide."""
        return not self.checked.blocking


def check_library(library: str | None, standards: Iterable[Path] = (), tell: Tell = lambda step: None) -> LibraryCheck:
    """Check a folder library, a compiled one, or a release by its name.

    Parameters
    ----------
    library : str or None
        As `library.opening.open_library` takes it.
    standards : iterable of Path
        Folders with peak tables of calibration standards, beside those that are shipped.

    Raises
    ------
    LibraryError
        There is no such library, or it is damaged.
    """
    known = (*shipped_standards(), *read_standards(standards))
    found = find_release(library) if library and not Path(library).is_dir() else None
    if found is not None:
        return _check_release(found, known, tell)
    path = place_of_library(library)
    return _check_compiled(path, tell) if is_compiled(path) else _check_folder(path, known, tell)


def stated_of(library: str | None) -> Catalogue | None:
    """What a release, or a folder library, states of substances; None where it keeps no statements (compiled ones).

    Raises
    ------
    LibraryError
        There is no such library, or it is damaged.
    """
    found = find_release(library) if library and not Path(library).is_dir() else None
    if found is not None:
        manifest = read_release(found)
        return Catalogue((each.row for each in manifest.references), manifest.statements, manifest.links)
    path = place_of_library(library)
    if is_compiled(path):
        return None
    return Catalogue(open_folder(path).rows, read_statements(path), read_families(path))


def check_store(store: LibraryStore, standards: Iterable[Path] = (), tell: Tell = lambda step: None) -> LibraryCheck:
    """Check everything that was proposed, reviewed or released, as if it were one library."""
    known = (*shipped_standards(), *read_standards(standards))
    ledger = store.ledger()
    settled = {key: decision.reason for key, decision in ledger.decisions.items()}
    living = [each.reference for each in ledger.of_state(*LIVING)]
    findings = _spectra(as_folder(store, living).references(), [each.row for each in living], known, tell)
    parts = {technique: living_sets(store, ledger, technique, tell) for technique in Technique}
    sets = {technique: joined(found) for technique, found in parts.items() if found}
    checked = check_sets(sets, findings, len(living), settled, tell=tell)
    return LibraryCheck(
        f"{store.name} (store, not released)", None, checked, _counts(sets), _missing(ledger.catalogue(*LIVING), sets)
    )


def _check_release(found: FoundRelease, standards: Sequence[AxisStandard], tell: Tell) -> LibraryCheck:
    manifest: ReleaseManifest = verify_release(found)
    folder = as_folder(found.store, manifest.references)
    findings = _spectra(folder.references(), folder.rows, standards, tell)
    sets = open_found(found, tell).sets
    settled = {each.key: each.reason for each in manifest.decisions}
    checked = check_sets(sets, findings, len(manifest.references), settled, tell=tell)
    catalogue = Catalogue((each.row for each in manifest.references), manifest.statements, manifest.links)
    return LibraryCheck(found.name, found.digest, checked, _counts(sets), _missing(catalogue, sets))


def _check_folder(path: Path, standards: Sequence[AxisStandard], tell: Tell) -> LibraryCheck:
    reading = read_for_store(path, tell)
    findings = [
        Finding("row", Level.FAILURE, (each.what,), f"{each.what} cannot be used: {each.reason}")
        for each in reading.refused
    ]
    rows = [each.row for each in reading.readable]
    sets = {}
    for technique in Technique:
        sources = References(tuple(each.source for each in reading.readable if each.row.technique is technique))
        measured = list(measure_all(sources, _resolutions(rows), tell))
        for each in measured:
            findings += judge_measured(each, THRESHOLDS)
        findings += check_axes(sources, standards)
        usable = References(
            tuple(source for source, each in zip(sources.sources, measured, strict=True) if not each.problem)
        )
        if len(usable):
            tell(f"preparing {len(usable):,} {technique} references")
            sets[technique] = compile_on_all_cores(usable, lambda done: None)
    checked = check_sets(sets, findings, len(rows), tell=tell)
    catalogue = Catalogue(rows, reading.statements, reading.links)
    return LibraryCheck(str(path), None, checked, _counts(sets), _missing(catalogue, sets))


def _check_compiled(path: Path, tell: Tell) -> LibraryCheck:
    opened = open_compiled(path)
    verify_compiled(path)
    remark = "a compiled library holds no spectra as measured: noise, saturation and axis were not looked at"
    checked = check_sets(opened.sets, tell=tell)
    rows = {
        technique: {entry.substance for entry in references.entries} for technique, references in opened.sets.items()
    }
    watched = {entry.substance for references in opened.sets.values() for entry in references.watched_entries}
    missing = {
        technique: tuple(
            Substance(name, None, None, None, (), True, (), ()) for name in sorted(watched - rows.get(technique, set()))
        )
        for technique in opened.sets
    }
    return LibraryCheck(str(path), opened.digest, checked, _counts(opened.sets), missing, (remark,))


def _spectra(
    references: Mapping[Technique, References],
    rows: Sequence[ManifestRow],
    standards: Sequence[AxisStandard],
    tell: Tell,
) -> list[Finding]:
    resolutions = _resolutions(rows)
    return [
        finding
        for sources in references.values()
        for finding in check_spectra(sources, resolutions, standards, tell=tell)
    ]


def _resolutions(rows: Sequence[ManifestRow]) -> dict[str, float]:
    return {row.id: float(stated) for row in rows if (stated := row.detail("resolution"))}


def _counts(sets: Mapping[Technique, ReferenceSet]) -> dict[Technique, int]:
    return {technique: references.n_refs for technique, references in sets.items()}


def _missing(catalogue: Catalogue, sets: Mapping[Technique, ReferenceSet]) -> dict[Technique, tuple[Substance, ...]]:
    """A library of one technique lacks nothing of the other: it was not made for it."""
    return {technique: catalogue.watched_without_reference(technique) for technique in sets}
