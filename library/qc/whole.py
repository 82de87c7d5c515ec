"""All checks on a whole library, or on what is new in one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from library.compile_chunks import CHUNK, in_processes, processes_for
from library.qc.axis_standards import AxisStandard, check_axis
from library.qc.findings import Finding, Level, worst
from library.qc.labels import Calls, call_by_the_rest, judge_labels
from library.qc.look_alikes import LookAlike, find_look_alikes
from library.qc.mixtures import SuspectedMixture, find_mixtures
from library.qc.neighbours import Neighbours, find_neighbours, thinned_features
from library.qc.spectrum_checks import Measured, judge_measured, measure
from library.qc.thresholds import THRESHOLDS, Thresholds
from spectra.reference import Reference, ReferenceSet
from spectra.spectrum import Technique

__all__ = ["Checked", "CheckedTechnique", "check_axes", "check_sets", "check_spectra", "measure_all"]

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class CheckedTechnique:
    """What the pairs of one technique showed.

    Parameters
    ----------
    references : ReferenceSet
    neighbours : Neighbours
        Their nearest ones, on the full axis.
    look_alikes : tuple of LookAlike
    not_asked : int
        Pairs that were alike but too many to be looked at.
    mixtures : tuple of SuspectedMixture
    calls : Calls
    """

    references: ReferenceSet
    neighbours: Neighbours
    look_alikes: tuple[LookAlike, ...]
    not_asked: int
    mixtures: tuple[SuspectedMixture, ...]
    calls: Calls


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """Everything a check found.

    Parameters
    ----------
    findings : tuple of Finding
        Gravest first; those that somebody settled are notes, and say so.
    techniques : mapping of Technique to CheckedTechnique
    n_measured : int
        Spectra that were looked at by themselves.
    """

    findings: tuple[Finding, ...]
    techniques: Mapping[Technique, CheckedTechnique]
    n_measured: int

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """Failures and conflicts that nobody settled."""
        return tuple(each for each in self.findings if each.is_blocking)


def check_sets(
    sets: Mapping[Technique, ReferenceSet],
    spectra: Iterable[Finding] = (),
    n_measured: int = 0,
    settled: Mapping[str, str] | None = None,
    only: Mapping[Technique, NDArray[np.int64]] | None = None,
    limits: Thresholds = THRESHOLDS,
    tell: Tell = lambda step: None,
) -> Checked:
    """Check all pairs of a library, and put the findings about single spectra beside them.

    Parameters
    ----------
    sets : mapping of Technique to ReferenceSet
    spectra : iterable of Finding
        Of `check_spectra`.
    settled : mapping of str to str
        Keys of findings that somebody decided may stand, and why.
    only : mapping of Technique to int array, or None
        Rows to ask about, each against all; by default all of them.
    """
    techniques = {
        technique: _checked(references, None if only is None else only[technique], limits, tell)
        for technique, references in sets.items()
        if only is None or only.get(technique, np.empty(0)).size
    }
    findings = list(spectra)
    for checked in techniques.values():
        findings += judge_labels(checked.neighbours, checked.references, limits)
        findings += [each.finding(checked.references) for each in checked.look_alikes]
        findings += [each.finding(checked.references) for each in checked.mixtures]
    done = [_as_settled(each, settled or {}) for each in findings]
    return Checked(tuple(worst(done)), techniques, n_measured)


def _as_settled(finding: Finding, settled: Mapping[str, str]) -> Finding:
    reason = settled.get(finding.key)
    if reason is None or not finding.is_blocking:
        return finding
    return replace(finding, level=Level.NOTE, words=f"{finding.words} – settled: {reason}")


def _checked(
    references: ReferenceSet, rows: NDArray[np.int64] | None, limits: Thresholds, tell: Tell
) -> CheckedTechnique:
    technique = references.technique
    thin, coverage = thinned_features(references)
    screened = find_neighbours(
        thin, coverage, references.is_sers, rows=rows, progress=_counting(f"comparing {technique} references", tell)
    )
    neighbours = _exact(screened, references)
    pairs, not_asked = find_look_alikes(
        neighbours, references, limits, _counting(f"looking at {technique} look-alikes", tell)
    )
    suspects = find_mixtures(references, thin, neighbours, limits, _counting(f"looking for {technique} mixtures", tell))
    return CheckedTechnique(
        references, neighbours, tuple(pairs), not_asked, tuple(suspects), call_by_the_rest(neighbours, references)
    )


def _exact(screened: Neighbours, references: ReferenceSet) -> Neighbours:
    """Scores of the neighbours on the full axis, over what both cover, in their new order."""
    scores = screened.scores.copy()
    coverage = references.coverage
    for at, row in enumerate(screened.rows):
        others = screened.others[at]
        own = references.features[row]
        theirs = references.features[others]
        first = np.maximum(coverage[others, 0], coverage[row, 0])
        stop = np.minimum(coverage[others, 1], coverage[row, 1])
        points = np.arange(own.size)
        shared = (points >= first[:, None]) & (points < stop[:, None])
        theirs = np.where(shared, theirs, 0.0)
        mine = np.sqrt((shared * own**2).sum(axis=1))
        lengths = mine * np.linalg.norm(theirs, axis=1)
        exact = np.divide(theirs @ own, lengths, out=np.zeros(len(others)), where=lengths > 0)
        scores[at] = np.where(screened.scores[at] > -1.0, exact, -1.0)
    order = np.argsort(-scores, axis=1, kind="stable")
    return Neighbours(
        screened.rows, np.take_along_axis(screened.others, order, axis=1), np.take_along_axis(scores, order, axis=1)
    )


def check_spectra(
    references: Sequence[Reference],
    resolutions: Mapping[str, float],
    standards: Sequence[AxisStandard] = (),
    limits: Thresholds = THRESHOLDS,
    tell: Tell = lambda step: None,
) -> Iterator[Finding]:
    """Findings about single spectra, on all cores where there are many.

    Parameters
    ----------
    references : sequence of Reference
        Asked for a chunk at a time.
    resolutions : mapping of str to float
        [cm^-1] As the laboratory stated them, by id.
    standards : sequence of AxisStandard
    """
    for measured in measure_all(references, resolutions, tell):
        yield from judge_measured(measured, limits)
    yield from check_axes(references, standards)


def check_axes(references: Sequence[Reference], standards: Sequence[AxisStandard]) -> Iterator[Finding]:
    """Findings about the axes of those references that are calibration standards."""
    for row in range(len(references) if standards else 0):
        yield from check_axis(references[row], standards)


def measure_all(
    references: Sequence[Reference], resolutions: Mapping[str, float], tell: Tell = lambda step: None
) -> Iterator[Measured]:
    """Measure each reference by itself, in their order."""
    count = _counting("looking at each reference", tell)
    done, processes = 0, processes_for(len(references))
    edges = [*range(0, len(references), CHUNK), len(references)] if len(references) else []
    chunks = (
        [(references[row], resolutions.get(references[row].entry.id)) for row in range(low, high)]
        for low, high in pairwise(edges)
    )
    for part in map(_measured, chunks) if processes == 1 else in_processes(_measured, chunks, processes):
        yield from part
        done += len(part)
        count(done, len(references))


def _measured(chunk: list[tuple[Reference, float | None]]) -> list[Measured]:
    return [measure(reference, resolution) for reference, resolution in chunk]


def _counting(what: str, tell: Tell) -> Callable[[int, int], None]:
    def count(done: int, of: int) -> None:
        tell(f"{what}, {done:,} of {of:,}")

    return count
