"""Is a "pure" spectrum explained by two others? Then its sample was probably cut, or the label wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from library.qc.findings import Finding, Level
from library.qc.neighbours import BLOCK, Neighbours
from library.qc.thresholds import Thresholds
from spectra.reference import Grade, ReferenceSet

__all__ = ["SuspectedMixture", "find_mixtures"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

N_SECONDS = 3  # candidates for the second part that are looked at exactly


@dataclass(frozen=True, slots=True)
class SuspectedMixture:
    """A reference that two others explain.

    Parameters
    ----------
    row : int
    parts : (int, int)
        Rows of the two.
    shares : (float, float)
        [1] Parts of the signal area, adding up to 1.
    explained : float
        [1] Of its squared slopes, by both.
    alone : float
        [1] By the better of them alone.
    """

    row: int
    parts: tuple[int, int]
    shares: tuple[float, float]
    explained: float
    alone: float

    def finding(self, references: ReferenceSet) -> Finding:
        """The same in words."""
        entries = references.entries
        words = " and ".join(
            f"{100 * share:.0f} % {entries[part].substance} ({entries[part].id})"
            for part, share in zip(self.parts, self.shares, strict=True)
        )
        own = entries[self.row]
        return Finding(
            "mixture",
            Level.WARNING,
            (own.id, *(entries[part].id for part in self.parts)),
            f"{own.id} ({own.substance}) is explained to {100 * self.explained:.1f} % by {words};"
            " check that its sample was pure",
            {"explained": self.explained, "alone": self.alone, "share": min(self.shares)},
        )


def find_mixtures(
    references: ReferenceSet,
    features: Floats,
    neighbours: Neighbours,
    limits: Thresholds,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> list[SuspectedMixture]:
    """Measured references that two others of different substances explain, each with its best pair.

    Parameters
    ----------
    references : ReferenceSet
    features : float32 array, shape (n_refs, n_thin)
        For the screening; candidates are then looked at on the full axis.
    neighbours : Neighbours
        Of the references to be asked about.
    """
    first, asked = _first_parts(neighbours, references, limits)
    found = []
    for start in range(0, asked.size, BLOCK):
        rows, mains = neighbours.rows[asked[start : start + BLOCK]], first[start : start + BLOCK]
        seconds = _second_parts(features, rows, mains, references)
        for row, main, others in zip(rows.tolist(), mains.tolist(), seconds.tolist(), strict=True):
            suspects = (_exact(references, row, main, other, limits) for other in others)
            best = max((each for each in suspects if each), key=lambda each: each.explained, default=None)
            if best:
                found.append(best)
        progress(min(start + BLOCK, asked.size), asked.size)
    return found


def _first_parts(neighbours: Neighbours, references: ReferenceSet, limits: Thresholds) -> tuple[Ints, Ints]:
    """For each asked reference its best neighbour that is no twin of it; references without one are left out."""
    usable = (neighbours.scores < limits.almost_itself) & (neighbours.scores > 0)
    # A share of a tenth gives a cosine of about a tenth to something that has nothing in common with the rest.
    best = usable.argmax(axis=1)
    rows = np.arange(len(usable))
    measured = np.array([references.entries[row].grade is Grade.MEASURED for row in neighbours.rows], dtype=bool)
    good = np.flatnonzero(usable.any(axis=1) & measured & (neighbours.scores[rows, best] ** 2 > limits.mixture_share))
    return neighbours.others[good, best[good]], good


def _second_parts(features: Floats, rows: Ints, mains: Ints, references: ReferenceSet) -> Ints:
    """Candidates for the second part: what explains most of the rest, main part projected out."""
    own, main = features[rows], features[mains]
    along = np.einsum("ij,ij->i", own, main)[:, None]
    rest = (own - along * main) @ features.T
    overlap = main @ features.T
    gain = rest / np.sqrt(np.clip(1.0 - overlap**2, 0.05, None))
    same_kind = references.is_sers[rows][:, None] == references.is_sers[None, :]
    gain[~same_kind] = -1.0
    gain[np.arange(rows.size), rows] = -1.0
    n = min(N_SECONDS, gain.shape[1])
    return np.argpartition(gain, -n, axis=1)[:, -n:]


def _exact(references: ReferenceSet, row: int, main: int, other: int, limits: Thresholds) -> SuspectedMixture | None:
    """Non-negative fit on the full axis; None where the suspicion does not hold."""
    if references.identities[main] == references.identities[other] or other in (row, main):
        return None
    first = int(references.coverage[[row, main, other], 0].max())
    stop = int(references.coverage[[row, main, other], 1].min())
    if stop - first < 64:
        return None
    own, *parts = (references.features[each, first:stop].astype(np.float64) for each in (row, main, other))
    total = float(own @ own)
    twins = [float(own @ part) ** 2 / (total * float(part @ part)) for part in parts]
    if not total > 0 or max(twins) >= limits.almost_itself**2:
        return None
    amounts, left = nnls(np.stack(parts, axis=1), own)
    explained = 1.0 - left**2 / total
    shares = amounts * _slope_to_area(references, (main, other))
    shares = shares / shares.sum() if shares.sum() > 0 else shares
    if (
        explained < limits.mixture_explained
        or explained - max(twins) < limits.mixture_gain
        or shares.min() < limits.mixture_share
    ):
        return None
    return SuspectedMixture(row, (main, other), (float(shares[0]), float(shares[1])), explained, max(twins))


def _slope_to_area(references: ReferenceSet, rows: tuple[int, int]) -> NDArray[np.float64]:
    """Signal area of a reference whose feature has unit length, up to one factor for all."""
    # Curves have unit area and features unit length; a feature is the slope of its curve times a factor of its own.
    areas = []
    for row in rows:
        curve = references.curves[row].astype(np.float64)
        slope = np.gradient(curve, references.axis)
        areas.append(1.0 / max(float(np.linalg.norm(slope)), 1e-30))
    return np.array(areas)
