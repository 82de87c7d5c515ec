"""Which references to take in next: gain in the slope domain, two passes over a large library in most scans.

In first derivatives slow backgrounds vanish, and a small shift or broadening of a reference is, to first order, its
own first or second derivative there: both are projected out with it.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spectra.least_squares import orthonormal
from spectra.question import Question

__all__ = ["Selection"]

FloatArray = NDArray[np.float64]

_SWAP_ROUNDS = 2
_TRIED_IN_PLACE = 3  # references tried in the place of each component
# References looked at exactly: those with the largest products with what is left. All of a small library; in a large
# one this leaves out only what shares little with the rest, however much of it lies within the components found.
_FRONT = 500
# References that a large library is narrowed down to at first: those with the largest products with the scan. What is
# not among them is looked for once more when the others have nothing left to explain (Selection.widen).
_NEAR = 2000
_CLOSE = 0.8  # of the best gain, for another reference to be tried too
_RIDGE = 1e-10  # [1] of the squared length of a column
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
        self._own, self._products = question.overview.own, question.overview.products
        self._tries = question.criteria.tries
        self._seen: dict[int, FloatArray] = {}
        self._bases: dict[frozenset[int], FloatArray] = {}
        self._best: dict[tuple[frozenset[int], int, int], int] = {}
        self._pool_made: tuple[NDArray[np.intp], FloatArray, FloatArray] | None = None
        self.scan = question.ready.feature
        self.pool: set[int] = set()

    @property
    def _is_narrowed(self) -> bool:
        return self._products.size > 2 * _NEAR

    @cached_property
    def _near(self) -> NDArray[np.intp]:
        """The rows of the library that are searched."""
        if not self._is_narrowed:
            return np.arange(self._products.size)
        return np.sort(np.argpartition(-self._products, _NEAR)[:_NEAR])

    @cached_property
    def _features(self) -> NDArray[np.float32]:
        """Their features, of a large library side by side in memory."""
        return self._references.features[self._near] if self._is_narrowed else self._references.features

    def widen(self, rows: list[int]) -> bool:
        """Search the whole library for what ``rows`` leave; True where a reference comes in that would be tried."""
        if not self._is_narrowed:
            return False
        products = self._references.features @ self._residual(self._basis(rows)).astype(np.float32)
        best = np.argpartition(-products, _FRONT - 1)[:_FRONT]
        new = np.setdiff1d(best[products[best] > 0], self._near)
        features = np.concatenate([self._features, self._references.features[new]])
        self._near, self._features = np.concatenate([self._near, new]), features
        return bool(np.isin(self.shortlist(rows, self._tries), new).any())

    def _residual(self, basis: FloatArray) -> FloatArray:
        return np.asarray(self.scan - basis @ (basis.T @ self.scan))

    def explained(self, rows: list[int]) -> float:
        """Squared length of the scan's slope that the references account for."""
        return float(((self._basis(rows).T @ self.scan) ** 2).sum())

    def shortlist(self, rows: list[int], n: int) -> list[int]:
        """The references that would explain most of what ``rows`` leave, best first, at most ``n``."""
        return self._shortlist(rows, n)[0]

    def promising(self, rows: list[int], n: int) -> list[int]:
        """Of the shortlist the first few, as many as are to be tried and gain nearly as much as the first."""
        chosen, gains = self._shortlist(rows, n)
        return [row for row, gain in zip(chosen[: self._tries], gains, strict=False) if gain >= _CLOSE * gains[0]]

    def _shortlist(self, rows: list[int], n: int) -> tuple[list[int], FloatArray]:
        basis = self._basis(rows)
        left = self._residual(basis).astype(np.float32)
        products = self._features @ left if rows else self._products[self._near]
        front = np.argpartition(-products, min(_FRONT, products.size) - 1)[:_FRONT]
        front = front[np.argsort(self._near[front])]
        front = front[self._open(rows, self._near[front]) & (products[front] > 0)]
        captured = ((self._features[front] @ basis.astype(np.float32)) ** 2).sum(axis=1) if rows else 0.0
        outside = np.sqrt(np.clip(self._own[self._near[front]] ** 2 - captured, 0.0, None))
        usable = outside > _LEAST_OUTSIDE
        front, gain = front[usable], products[front[usable]] / outside[usable]
        order = np.argsort(-gain, kind="stable")[:n]
        chosen: list[int] = self._near[front[order]].tolist()
        self.pool.update(chosen)
        return chosen, gain[order].astype(np.float64)

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
        key = (frozenset(others), current, len(self.pool))
        if key not in self._best:
            self._best[key] = self._sought_in_place(others, current)
        return self._best[key]

    def _sought_in_place(self, others: list[int], current: int) -> int:
        basis = self._basis(others)
        residual = self._residual(basis)
        rows, features, squares = self._pooled(len(self.pool))
        outside = np.clip(squares - ((features @ basis) ** 2).sum(axis=1), 1e-4, None)
        promise = np.where(self._open(others, rows), (features @ residual) / np.sqrt(outside), -np.inf)
        promising = [i for i in np.argsort(-promise)[:_TRIED_IN_PLACE].tolist() if np.isfinite(promise[i])]
        tried: list[int] = [current, *rows[promising].tolist()]
        gains = self._gains(tried, basis, residual)
        gains[0] *= 1 + 1e-6
        return tried[int(np.argmax(gains))]

    def _pooled(self, size: int) -> tuple[NDArray[np.intp], FloatArray, FloatArray]:
        """Rows of the pool, their features and squared lengths, made anew only when the pool has grown."""
        if self._pool_made is None or self._pool_made[0].size != size:
            rows = np.array(sorted(self.pool), dtype=np.intp)
            features = self._references.features[rows].astype(np.float64)
            self._pool_made = (rows, features, (features**2).sum(axis=1))
        return self._pool_made

    def _gains(self, rows: list[int], basis: FloatArray, residual: FloatArray) -> FloatArray:
        """Squared length that one more component each, shifted and broadened, takes from a residual [as its square]."""
        columns = np.concatenate([self._columns(row) for row in rows])
        own = (columns - (columns @ basis) @ basis.T).reshape(len(rows), -1, residual.size)
        # The normal equations of three columns of about unit length; a little is added where they lie within the rest.
        products = own @ residual
        normal = own @ own.transpose(0, 2, 1) + _RIDGE * np.eye(products.shape[1])
        return np.asarray((products * np.linalg.solve(normal, products[..., None])[..., 0]).sum(axis=1))

    def _basis(self, rows: list[int]) -> FloatArray:
        """Orthonormal basis of references with their shift and broadening, shape (n_points, n_columns)."""
        if not rows:
            return np.zeros((self._axis.size, 0))
        key = frozenset(rows)
        if key not in self._bases:
            columns = np.concatenate([self._columns(row) for row in sorted(rows)])
            self._bases[key] = orthonormal(columns.T)[0]
        return self._bases[key]

    def _columns(self, row: int) -> FloatArray:
        """A reference with its shift and broadening, each of unit length, shape (3, n_points)."""
        if row not in self._seen:
            feature = self._references.features[row].astype(np.float64)
            feature[: self._coverage[0]] = feature[self._coverage[1] :] = 0.0
            slope = np.gradient(feature, self._axis)
            columns = np.stack([feature, slope, np.gradient(slope, self._axis)])
            self._seen[row] = columns / np.maximum(np.linalg.norm(columns, axis=1), 1e-30)[:, None]
        return self._seen[row]

    def _open(self, rows: list[int], among: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which of some references may stand beside ``rows``, shape (n_among,)."""
        identities = self._references.identities
        # One substance is one component, however many measurements of it the library holds.
        taken = (identities[among, None] == identities[rows]).any(axis=1)
        # All components are weighed on the points they share, which must stay most of the scan.
        first, stop = self._references.coverage.T
        low = max([self._coverage[0], *(int(first[row]) for row in rows)])
        high = min([self._coverage[1], *(int(stop[row]) for row in rows)])
        shared = np.minimum(stop[among], high) - np.maximum(first[among], low)
        open_: NDArray[np.bool_] = self._comparable[among] & ~taken & (shared >= self._least_shared)
        return open_
