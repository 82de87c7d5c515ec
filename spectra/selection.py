"""Which references to take in next: gain in the slope domain, one pass over the library for each component.

In first derivatives slow backgrounds vanish, and a small shift or broadening of a reference is, to first order, its
own first or second derivative there: both are projected out with it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spectra.question import Question
from spectra.similarity import own_lengths

__all__ = ["Selection"]

FloatArray = NDArray[np.float64]

_SWAP_ROUNDS = 2
_TRIED_IN_PLACE = 3  # references tried in the place of each component
# References looked at exactly: those with the largest products with what is left. All of a small library; in a large
# one this leaves out only what shares little with the rest, however much of it lies within the components found.
_FRONT = 500
# What lies almost wholly within the components found adds nothing but noise [1].
_LEAST_OUTSIDE = 0.15


class Selection:
    """The scan's feature, the library, and the references shortlisted so far.

    Attributes
    ----------
    scan : array, shape (n_points,)
        [per cm^-1] Slope of the scan, zero where it was not measured.
    pool : set of int
        Every reference that was ever shortlisted.
    """

    def __init__(self, question: Question) -> None:
        self._references, self._comparable = question.references, question.comparable
        self._coverage = (question.ready.first, question.ready.stop)
        self._least_shared = question.criteria.min_overlap * (question.ready.stop - question.ready.first)
        self._axis = question.references.axis
        self._own = own_lengths(self._coverage, question.references.features, question.references.coverage)
        self._seen: dict[int, FloatArray] = {}
        self.scan = question.ready.feature
        self.pool: set[int] = set()

    def explained(self, rows: list[int]) -> float:
        """Squared length of the scan's slope that the references account for."""
        return float(((self._basis(rows).T @ self.scan) ** 2).sum())

    def shortlist(self, rows: list[int], n: int) -> list[int]:
        """The references that would explain most of what ``rows`` leave, best first, at most ``n``."""
        basis = self._basis(rows)
        residual = self.scan - basis @ (basis.T @ self.scan)
        products = self._references.features @ residual.astype(np.float32)
        front = np.argpartition(-products, min(_FRONT, products.size) - 1)[:_FRONT]
        front = np.sort(front[self._open(rows, front) & (products[front] > 0)])
        captured = ((self._references.features[front] @ basis.astype(np.float32)) ** 2).sum(axis=1)
        outside = np.sqrt(np.clip(self._own[front] ** 2 - captured, 0.0, None))
        usable = outside > _LEAST_OUTSIDE
        front, gain = front[usable], products[front[usable]] / outside[usable]
        chosen: list[int] = front[np.argsort(-gain, kind="stable")[:n]].tolist()
        self.pool.update(chosen)
        return chosen

    def reconsidered(self, rows: list[int]) -> list[int]:
        """Exchange components for shortlisted references as long as that explains more."""
        for _ in range(_SWAP_ROUNDS):
            before = list(rows)
            for i in range(len(rows)):
                rows = [*rows[:i], self._best_in_place(rows[:i] + rows[i + 1 :], rows[i]), *rows[i + 1 :]]
            if rows == before:
                break
        return rows

    def _best_in_place(self, others: list[int], current: int) -> int:
        """The pooled reference that explains most of what the others leave; the current one unless beaten."""
        basis = self._basis(others)
        residual = self.scan - basis @ (basis.T @ self.scan)
        pool = np.array(sorted(self.pool), dtype=np.intp)
        pool = pool[self._open(others, pool)]
        features = self._references.features[pool].astype(np.float64)
        outside = np.clip((features**2).sum(axis=1) - ((features @ basis) ** 2).sum(axis=1), 1e-4, None)
        best, most = current, self._gain(current, basis, residual) * (1 + 1e-6)
        for row in pool[np.argsort(-(features @ residual) / np.sqrt(outside))[:_TRIED_IN_PLACE]].tolist():
            gain = self._gain(row, basis, residual)
            if gain > most:
                best, most = row, gain
        return best

    def _gain(self, row: int, basis: FloatArray, residual: FloatArray) -> float:
        """Squared length that one more component, shifted and broadened, takes from a residual."""
        columns = self._columns(row)
        own = np.linalg.qr(columns - basis @ (basis.T @ columns))[0]
        return float(((own.T @ residual) ** 2).sum())

    def _basis(self, rows: list[int]) -> FloatArray:
        """Orthonormal basis of references with their shift and broadening, shape (n_points, n_columns)."""
        if not rows:
            return np.zeros((self._axis.size, 0))
        return np.asarray(np.linalg.qr(np.concatenate([self._columns(row) for row in rows], axis=1))[0])

    def _columns(self, row: int) -> FloatArray:
        if row not in self._seen:
            feature = self._references.features[row].astype(np.float64)
            feature[: self._coverage[0]] = feature[self._coverage[1] :] = 0.0
            slope = np.gradient(feature, self._axis)
            columns = np.stack([feature, slope, np.gradient(slope, self._axis)], axis=1)
            self._seen[row] = columns / np.maximum(np.linalg.norm(columns, axis=0), 1e-30)
        return self._seen[row]

    def _open(self, rows: list[int], among: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which of some references may stand beside ``rows``, shape (n_among,)."""
        identities = self._references.identities
        # One substance is one component, however many measurements of it the library holds.
        taken = np.isin(identities[among], identities[rows])
        # All components are weighed on the points they share, which must stay most of the scan.
        first, stop = self._references.coverage.T
        low = max([self._coverage[0], *(int(first[row]) for row in rows)])
        high = min([self._coverage[1], *(int(stop[row]) for row in rows)])
        shared = np.minimum(stop[among], high) - np.maximum(first[among], low)
        open_: NDArray[np.bool_] = self._comparable[among] & ~taken & (shared >= self._least_shared)
        return open_
