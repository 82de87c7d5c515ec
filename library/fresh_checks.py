"""Check what is new in a store: each reference by itself, and beside everything that lives there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from library.compile_chunks import compile_on_all_cores
from library.folder import References
from library.folder_intake import Readable, Refused
from library.ledger import Ledger, State
from library.matrix import MatrixReference
from library.qc.axis_standards import AxisStandard, read_standards
from library.qc.findings import Finding
from library.qc.spectrum_checks import Measured, judge_measured
from library.qc.thresholds import THRESHOLDS
from library.qc.whole import check_axes, check_sets, measure_all
from library.releases import as_folder, open_release
from library.starter import starter_folder
from library.store import LibraryStore
from library.stored_reference import StoredReference
from spectra.reference import Reference, ReferenceSet
from spectra.spectrum import Technique

__all__ = ["Fresh", "check_fresh", "living_sets", "measure_readable", "shipped_standards"]

Tell = Callable[[str], None]
Fresh = tuple[StoredReference, Readable]
LIVING = (State.PROPOSED, State.REVIEWED, State.RELEASED)


def measure_readable(readable: Sequence[Readable], tell: Tell) -> tuple[dict[str, Measured], list[Refused]]:
    """Measure each by itself; those that could never be compiled are refused.

    Returns
    -------
    measured : dict of str to Measured
        By the place that the manifest names.
    refused : list of Refused
    """
    sources = References(tuple(each.source for each in readable))
    resolutions = {each.source.entry.id: value for each in readable if (value := _resolution(each.row.detail))}
    measured, refused = {}, []
    for each, found in zip(readable, measure_all(sources, resolutions, tell), strict=True):
        if found.problem:
            refused.append(Refused(each.row.place, f"it cannot be compared: {found.problem}"))
        else:
            measured[each.row.place] = found
    return measured, refused


def check_fresh(
    store: LibraryStore, ledger: Ledger, fresh: Sequence[Fresh], measured: Mapping[str, Measured], tell: Tell
) -> list[Finding]:
    """Findings on new references, gravest first."""
    if not fresh:
        return []
    findings: list[Finding] = []
    for reference, read in fresh:
        findings += judge_measured(replace(measured[read.row.place], id=reference.id), THRESHOLDS)
    named = {
        technique: References(tuple(_named(reference, read) for reference, read in fresh if _of(read) is technique))
        for technique in Technique
    }
    for references in named.values():
        findings += check_axes(references, shipped_standards())
    sets, rows = {}, {}
    for technique, references in named.items():
        if not len(references):
            continue
        living = living_sets(store, ledger, technique, tell)
        new = compile_on_all_cores(references, lambda done: None)
        sets[technique] = joined([*living, new])
        rows[technique] = np.arange(sets[technique].n_refs - new.n_refs, sets[technique].n_refs, dtype=np.int64)
    settled = {key: decision.reason for key, decision in ledger.decisions.items()}
    return list(check_sets(sets, findings, settled=settled, only=rows, tell=tell).findings)


def living_sets(
    store: LibraryStore, ledger: Ledger, technique: Technique, tell: Tell = lambda step: None
) -> list[ReferenceSet]:
    """Compiled references of a store that were proposed, reviewed or released; the last release's from the cache."""
    wanted = {
        each.reference.id: each.reference
        for each in ledger.of_state(*LIVING)
        if each.reference.row.technique is technique
    }
    sets = []
    if ledger.releases:
        released = open_release(store, ledger.releases[-1], tell).sets.get(technique)
        if released is not None:
            keep = [row for row, entry in enumerate(released.entries) if wanted.pop(entry.id, None)]
            sets += [chosen_rows(released, keep)] if keep else []
    if wanted:
        tell(f"preparing {len(wanted):,} references that are not released yet")
        found = as_folder(store, tuple(wanted.values())).references()
        sets.append(compile_on_all_cores(found[technique], lambda done: None))
    return sets


def chosen_rows(references: ReferenceSet, rows: Sequence[int]) -> ReferenceSet:
    """Some references of a set, in this order."""
    if len(rows) == references.n_refs:
        return references
    chosen = np.asarray(rows, dtype=np.int64)
    return ReferenceSet(
        references.technique,
        references.axis,
        references.curves[chosen],
        references.features[chosen],
        references.coverage[chosen],
        tuple(references.entries[row] for row in rows),
        references.recipe,
    )


def joined(sets: Sequence[ReferenceSet]) -> ReferenceSet:
    """Sets of one technique and recipe as one, in their order."""
    if len(sets) == 1:
        return sets[0]
    return ReferenceSet(
        sets[0].technique,
        sets[0].axis,
        np.concatenate([each.curves for each in sets]),
        np.concatenate([each.features for each in sets]),
        np.concatenate([each.coverage for each in sets]),
        tuple(entry for each in sets for entry in each.entries),
        sets[0].recipe,
    )


def shipped_standards() -> tuple[AxisStandard, ...]:
    """Calibration standards whose positions are shipped."""
    folder = starter_folder()
    # Beside the standards lie tables of materials, whose positions were never meant for an axis.
    return read_standards([folder / "calibration", folder / "raman"], saying="calibration")


def _named(reference: StoredReference, read: Readable) -> Reference | MatrixReference:
    """The numbers under the id that the store gave them."""
    return replace(read.source, entry=replace(read.source.entry, id=reference.id))


def _of(read: Readable) -> Technique:
    return read.row.technique


def _resolution(detail: Callable[[str], str | None]) -> float | None:
    stated = detail("resolution")
    return float(stated) if stated else None
