"""Nearest neighbours of every reference among all others: blocks of one float32 product, never the whole square.

20,000 references have 400 million pairs, 1.6 GB in single precision; a block of rows at a time needs a few tens of MB,
and only the best few of each row are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spectra.reference import ReferenceSet

__all__ = ["Neighbours", "find_neighbours", "thinned_features"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

BLOCK = 512
MAX_COVERAGES = 512  # more different coverages than this are rounded inwards before lengths are worked out
LEAST_SHARED = 0.6  # of the shorter coverage, that two references must share to be compared
THINNED_STEP = 4.0  # [cm^-1] slopes are smooth over 20 cm^-1; every further point only costs


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The references most alike to each one, best first.

    Parameters
    ----------
    rows : int array, shape (n_asked,)
        Which references were asked about.
    others : int array, shape (n_asked, n_kept)
        Rows of their neighbours.
    scores : float32 array, shape (n_asked, n_kept)
        [1] Cosine of the slopes over the points that both cover; -1 where there is no further neighbour.
    """

    rows: Ints
    others: Ints
    scores: Floats


def thinned_features(references: ReferenceSet) -> tuple[Floats, Ints]:
    """Features averaged down to `THINNED_STEP`, each of unit length, and the coverage on the thinner axis.

    Returns
    -------
    features : float32 array, shape (n_refs, n_thin)
    coverage : int array, shape (n_refs, 2)
    """
    # The median: where regions are masked, the axis jumps.
    factor = max(1, round(THINNED_STEP / float(np.median(np.diff(references.axis)))))
    n_thin = references.axis.size // factor
    thin = np.empty((references.n_refs, n_thin), dtype=np.float32)
    for start in range(0, references.n_refs, 4096):
        rows = slice(start, start + 4096)
        block = references.features[rows, : n_thin * factor]
        thin[rows] = block.reshape(len(block), n_thin, factor).mean(axis=2)
    lengths = np.linalg.norm(thin, axis=1, keepdims=True)
    thin /= np.where(lengths > 0, lengths, 1.0)
    coverage = np.empty_like(references.coverage)
    coverage[:, 0] = -(-references.coverage[:, 0] // factor)
    coverage[:, 1] = references.coverage[:, 1] // factor
    return thin, coverage


def find_neighbours(
    features: Floats,
    coverage: Ints,
    kinds: NDArray[np.bool_],
    n_kept: int = 10,
    rows: Ints | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Neighbours:
    """The ``n_kept`` nearest neighbours of each asked reference among all references of its kind.

    Parameters
    ----------
    features : float32 array, shape (n_refs, n_points)
        Zero where not covered, each of unit length.
    coverage : int array, shape (n_refs, 2)
    kinds : bool array, shape (n_refs,)
        References of different kinds (SERS and normal Raman) are never neighbours.
    rows : int array or None
        Which references to ask about; by default all.
    progress : callable
        Called with the number of references done and of all.
    """
    asked = np.arange(len(features), dtype=np.int64) if rows is None else rows
    n_kept = min(n_kept, max(1, len(features) - 1))
    others = np.zeros((asked.size, n_kept), dtype=np.int64)
    scores = np.full((asked.size, n_kept), -1.0, dtype=np.float32)
    shared = _SharedLengths(features, coverage)
    for start in range(0, asked.size, BLOCK):
        block = asked[start : start + BLOCK]
        alike = features[block] @ features.T
        shared.normalise(alike, block)
        alike[kinds[block][:, None] != kinds[None, :]] = -1.0
        alike[np.arange(block.size), block] = -1.0
        best = np.argpartition(alike, -n_kept, axis=1)[:, -n_kept:] if alike.shape[1] > n_kept else _all(alike)
        found = np.take_along_axis(alike, best, axis=1)
        order = np.argsort(-found, axis=1, kind="stable")[:, :n_kept]
        others[start : start + block.size] = np.take_along_axis(best, order, axis=1)
        scores[start : start + block.size] = np.take_along_axis(found, order, axis=1)
        progress(min(start + BLOCK, asked.size), asked.size)
    return Neighbours(asked, others, scores)


def _all(alike: Floats) -> Ints:
    return np.tile(np.arange(alike.shape[1], dtype=np.int64), (alike.shape[0], 1))


class _SharedLengths:
    """Lengths of the features over what two references share, by the few different coverages of a library."""

    def __init__(self, features: Floats, coverage: Ints) -> None:
        ranges, self._of = np.unique(_rounded(coverage), axis=0, return_inverse=True)
        self._of = self._of.reshape(-1)
        self._alike = len(ranges) == 1
        if self._alike:
            return
        first = np.maximum(ranges[:, None, 0], ranges[None, :, 0])
        stop = np.minimum(ranges[:, None, 1], ranges[None, :, 1])
        spans = ranges[:, 1] - ranges[:, 0]
        self._comparable = (stop - first) >= LEAST_SHARED * np.minimum(spans[:, None], spans[None, :])
        self._lengths = np.ones((len(features), len(ranges)), dtype=np.float32)
        for number, (low, high) in enumerate(ranges):
            for start in range(0, len(features), 4096):
                rows = slice(start, start + 4096)
                self._lengths[rows, number] = np.linalg.norm(features[rows, low : max(low, high)], axis=1)

    def normalise(self, alike: Floats, block: Ints) -> None:
        """Divide products of rows ``block`` with all by both lengths over the shared points, in place."""
        if self._alike:
            return
        mine, theirs = self._of[block], self._of
        lengths = self._lengths[block][:, theirs]
        lengths *= self._lengths[:, np.unique(mine)].T[np.searchsorted(np.unique(mine), mine)]
        np.divide(alike, lengths, out=alike, where=lengths > 1e-6)
        alike[~self._comparable[mine][:, theirs]] = -1.0


def _rounded(coverage: Ints) -> Ints:
    """Coverages, rounded inwards as far as needed to leave a manageable number of different ones."""
    step, rounded = 1, coverage
    while len(np.unique(rounded, axis=0)) > MAX_COVERAGES:
        step *= 2
        rounded = np.column_stack([-(-coverage[:, 0] // step) * step, coverage[:, 1] // step * step])
    return rounded
