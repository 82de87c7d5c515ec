"""The look-alike map: which pairs of different substances a scan cannot tell apart, and how good it would have to be.

A pair is asked as a scan would be: one reference is taken for the scan, with noise; the other is fitted to it with
everything that a real scan may do to a reference (shift, width, tilt, bands varying in height, a slow baseline). What
the fit loses against the true one is the same likelihood that the matching core decides by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from library.compile_chunks import in_processes, processes_for
from library.qc.findings import Finding, Level
from library.qc.neighbours import Neighbours
from library.qc.thresholds import Thresholds
from spectra.criteria import CRITERIA
from spectra.evidence import WeighedFit, part_of
from spectra.reference import ReferenceSet

__all__ = ["LookAlike", "find_look_alikes"]

MAX_PAIRS = 3_000  # looked at exactly, the most alike first; the rest is counted
CHUNK = 50
PARALLEL_FROM = 400  # pairs; below, starting processes takes longer

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Question = tuple[Floats, Floats, Floats, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Two references of different identity that look alike.

    Parameters
    ----------
    rows : (int, int)
    similarity : float
        [1] Cosine of their slopes.
    told_apart_from : float or None
        [1] The smallest asked ratio of strongest band to noise at which a scan tells them apart; None where none does.
    """

    rows: tuple[int, int]
    similarity: float
    told_apart_from: float | None

    def finding(self, references: ReferenceSet) -> Finding:
        """The same in words."""
        one, other = (references.entries[row] for row in self.rows)
        names = [f"{each.id} ({each.substance}{', ' + each.form if each.form else ''})" for each in (one, other)]
        how = (
            "by no scan that a field instrument makes"
            if self.told_apart_from is None
            else f"only by scans whose strongest band is {self.told_apart_from:g} times the noise or more"
        )
        figures = {"similarity": self.similarity}
        if self.told_apart_from is not None:
            figures["told_apart_from_snr"] = self.told_apart_from
        watched = one.watch != other.watch
        return Finding(
            "look_alike",
            Level.WARNING if watched and self.told_apart_from is None else Level.NOTE,
            (one.id, other.id),
            f"{names[0]} and {names[1]} can be told apart {how}",
            figures,
        )


def find_look_alikes(
    neighbours: Neighbours,
    references: ReferenceSet,
    limits: Thresholds,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> tuple[list[LookAlike], int]:
    """Pairs that some asked scan cannot tell apart, the most alike first.

    Returns
    -------
    pairs : list of LookAlike
    not_asked : int
        Pairs above the similarity that were not looked at, as there were more than 3,000.
    """
    pairs = _pairs(neighbours, references, limits)
    asked, not_asked = pairs[:MAX_PAIRS], max(0, len(pairs) - MAX_PAIRS)
    found = []
    answers = _answered(asked, references, tuple(sorted(limits.asked_snr)))
    for done, ((one, other, score), told_apart) in enumerate(zip(asked, answers, strict=True), start=1):
        progress(done, len(asked))
        if told_apart is None or told_apart > min(limits.asked_snr):
            found.append(LookAlike((one, other), score, told_apart))
    return found, not_asked


def _pairs(neighbours: Neighbours, references: ReferenceSet, limits: Thresholds) -> list[tuple[int, int, float]]:
    identities = references.identities
    best: dict[tuple[int, int], float] = {}
    close = neighbours.scores >= limits.look_alike
    for at, place in zip(*np.nonzero(close), strict=True):
        one, other = int(neighbours.rows[at]), int(neighbours.others[at, place])
        if identities[one] != identities[other]:
            best[min(one, other), max(one, other)] = float(neighbours.scores[at, place])
    return sorted(((*pair, score) for pair, score in best.items()), key=lambda each: -each[2])


def _answered(
    pairs: list[tuple[int, int, float]], references: ReferenceSet, asked: tuple[float, ...]
) -> Iterator[float | None]:
    chunks = (
        [_question(one, other, references, asked) for one, other, _ in pairs[start : start + CHUNK]]
        for start in range(0, len(pairs), CHUNK)
    )
    if len(pairs) < PARALLEL_FROM:
        parts: Iterable[list[float | None]] = map(_told_apart, chunks)
    else:
        parts = in_processes(_told_apart, chunks, processes_for(100 * len(pairs)))
    for part in parts:
        yield from part


def _question(one: int, other: int, references: ReferenceSet, asked: tuple[float, ...]) -> Question:
    first = int(references.coverage[[one, other], 0].max())
    stop = int(references.coverage[[one, other], 1].min())
    curves = [references.curves[row, first:stop].astype(np.float64) for row in (one, other)]
    return references.axis[first:stop], curves[0], curves[1], asked


def _told_apart(questions: list[Question]) -> list[float | None]:
    """The smallest asked ratio of signal to noise at which each pair is told apart both ways."""
    return [
        next((snr for snr in asked if _differ(axis, one, other, snr) and _differ(axis, other, one, snr)), None)
        for axis, one, other, asked in questions
    ]


def _differ(axis: Floats, scan: Floats, other: Floats, snr: float) -> bool:
    """True where a scan of the one, with this noise, speaks against the other."""
    sigma = float(scan.max()) / snr
    # The scan is the reference itself without noise, so all that is left over is what noise would have to hide.
    fit = WeighedFit(axis, scan, [part_of(axis, other, CRITERIA.band_variation)], sigma)
    return float(fit.whitened_residual @ fit.whitened_residual) >= CRITERIA.look_alike_loss
