"""What is in the scan: a search for mixtures over the whole library.

Forward: the reference that explains most of what is left is taken in, together with what an instrument may do to it
(a small shift, a small broadening), and every earlier choice is reconsidered. It stays when the weighed evidence
(:mod:`spectra.evidence`) speaks for it. Backward: a component whose evidence vanished once others came in is
dropped. Choosing by gain and keeping by evidence matters: alone, no component of a mixture is significant, because
nothing alone explains enough; and gain alone keeps components that a clean scan does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spectra.criteria import Criteria
from spectra.evidence import Weighed, WeighedFit, weigh
from spectra.preprocess.recipe import Prepared
from spectra.reference import Grade, ReferenceSet
from spectra.similarity import own_lengths

__all__ = ["Question", "Unmixed", "keep_only", "unmix"]

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]

_SWAP_ROUNDS = 2
_COLUMNS = 3  # of a component in the slope domain: itself, shifted, broadened
# Below this similarity two references cannot be mistaken for each other.
_LEAST_LOOK_ALIKE = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One scan and the references it may consist of.

    Parameters
    ----------
    ready : Prepared
        The scan.
    comparable : bool array, shape (n_refs,)
        References that may be named.
    references : ReferenceSet
    sigma : float
        [as the scan] Noise of a point on the grid.
    criteria : Criteria
    """

    ready: Prepared
    comparable: NDArray[np.bool_]
    references: ReferenceSet
    sigma: float
    criteria: Criteria
    _weighed: dict[tuple[int, ...], Weighed] = field(default_factory=dict, init=False, repr=False)

    def window(self, rows: list[int]) -> slice:
        """Points of the axis that the scan and all these references cover."""
        first = max([self.ready.first, *(int(self.references.coverage[row, 0]) for row in rows)])
        stop = min([self.ready.stop, *(int(self.references.coverage[row, 1]) for row in rows)])
        return slice(first, stop)

    def curves(self, rows: list[int], window: slice) -> FloatArray:
        """Curves of some references within a window, shape (n_rows, n_window)."""
        return np.asarray(self.references.curves[rows][:, window], dtype=np.float64)

    def variation(self, rows: list[int]) -> FloatArray:
        """How much the bands of these references vary in height [1], shape (n_rows,)."""
        tables = [self.references.entries[row].grade is Grade.BAND_TABLE for row in rows]
        return np.where(tables, self.criteria.table_variation, self.criteria.band_variation)

    def fit(self, rows: list[int], window: slice) -> WeighedFit:
        """The weighted fit of these references over a window."""
        return WeighedFit(
            self.references.axis[window],
            self.ready.curve[window],
            self.curves(rows, window),
            self.variation(rows),
            self.sigma,
        )

    def weigh(self, rows: list[int]) -> Weighed:
        """The evidence for each of these references over the points they share."""
        key = tuple(rows)
        if key not in self._weighed:
            window = self.window(rows)
            self._weighed[key] = weigh(
                self.references.axis[window],
                self.ready.curve[window],
                self.curves(rows, window),
                self.variation(rows),
                self.sigma,
            )
        return self._weighed[key]


@dataclass(frozen=True, slots=True, eq=False)
class Unmixed:
    """The components of a scan.

    Parameters
    ----------
    rows : tuple of int, length n_parts
        References, largest amount first; no two of the same substance and form.
    window : slice
        Points of the axis that the scan and all its components cover.
    weighed : Weighed
        Amounts and evidence over the window; curves in the order of ``rows``.
    explained : float
        [1] Part of the scan's squared slopes that the components account for, noise taken out.
    look_alikes : tuple of tuple of int, length n_parts
        For each component the references that would explain the scan as well.
    """

    rows: tuple[int, ...]
    window: slice
    weighed: Weighed
    explained: float
    look_alikes: tuple[tuple[int, ...], ...]


class _Forward:
    """Selection in the slope domain: scan feature, library, and the references chosen so far."""

    def __init__(self, question: Question) -> None:
        self.references, self.comparable = question.references, question.comparable
        self.coverage = (question.ready.first, question.ready.stop)
        self.least_shared = question.criteria.min_overlap * (question.ready.stop - question.ready.first)
        self.scan = question.ready.feature
        self.axis = question.references.axis
        self.own = own_lengths(self.coverage, question.references.features, question.references.coverage)
        self.pool: set[int] = set()
        self._captured_rows: list[int] = []
        self._captured = np.zeros(question.references.n_refs, dtype=np.float32)
        self._seen: dict[int, FloatArray] = {}

    def basis(self, rows: list[int]) -> FloatArray:
        """Orthonormal basis of references with their shift and broadening, shape (n_points, n_columns)."""
        if not rows:
            return np.zeros((self.axis.size, 0))
        return np.asarray(np.linalg.qr(np.concatenate([self._columns(row) for row in rows], axis=1))[0])

    def _columns(self, row: int) -> FloatArray:
        if row not in self._seen:
            feature = self.references.features[row].astype(np.float64)
            feature[: self.coverage[0]] = feature[self.coverage[1] :] = 0.0
            slope = np.gradient(feature, self.axis)
            columns = np.stack([feature, slope, np.gradient(slope, self.axis)], axis=1)
            self._seen[row] = columns / np.maximum(np.linalg.norm(columns, axis=0), 1e-30)
        return self._seen[row]

    def _open(self, rows: list[int], among: NDArray[np.intp] | slice) -> NDArray[np.bool_]:
        """Which of some references may stand beside ``rows``, shape (n_among,)."""
        identities = self.references.identities[among]
        # One substance is one component, however many measurements of it the library holds.
        taken = np.zeros(identities.size, dtype=bool)
        for row in rows:
            taken |= identities == self.references.identities[row]
        # All components are weighed on the points they share, which must stay most of the scan.
        first, stop = self.references.coverage.T
        low = max([self.coverage[0], *(int(first[row]) for row in rows)])
        high = min([self.coverage[1], *(int(stop[row]) for row in rows)])
        shared = np.minimum(stop[among], high) - np.maximum(first[among], low)
        open_: NDArray[np.bool_] = self.comparable[among] & ~taken & (shared >= self.least_shared)
        return open_

    def explained(self, rows: list[int]) -> float:
        """Squared length of the scan's feature that the references account for."""
        basis = self.basis(rows)
        return float(((basis.T @ self.scan) ** 2).sum())

    def shortlist(self, rows: list[int], n: int) -> list[int]:
        """The references that would explain most of what ``rows`` leave, best first."""
        basis = self.basis(rows)
        residual = self.scan - basis @ (basis.T @ self.scan)
        gain, captured = self._products(rows, residual, basis)
        left = np.sqrt(np.clip(self.own**2 - captured, 0.0, None))
        # What lies almost wholly within the components found adds nothing but noise.
        usable = self._open(rows, slice(None)) & (left > 0.15) & (gain > 0)
        gain = np.where(usable, gain / np.where(usable, left, 1.0), -1.0)
        best = np.argpartition(-gain, min(n, gain.size) - 1)[:n]
        chosen = [int(row) for row in best[np.argsort(-gain[best], kind="stable")] if gain[row] > 0]
        self.pool.update(chosen)
        return chosen

    def _products(self, rows: list[int], residual: FloatArray, basis: FloatArray) -> tuple[Float32Array, Float32Array]:
        """Products of all references with the residual, and their squared length within the basis, in one pass."""
        known = len(self._captured_rows)
        if rows[:known] != self._captured_rows:
            known, self._captured = 0, np.zeros(self.references.n_refs, dtype=np.float32)
        # The basis of the rows known before is the beginning of this one, so only its new columns are looked at.
        block = np.column_stack([residual, basis[:, _COLUMNS * known :]]).astype(np.float32)
        products = self.references.features @ block
        self._captured = self._captured + (products[:, 1:] ** 2).sum(axis=1)
        self._captured_rows = list(rows)
        return products[:, 0], self._captured

    def reconsidered(self, rows: list[int]) -> list[int]:
        """Exchange components for shortlisted references as long as that explains more."""
        best = self.explained(rows)
        for _ in range(_SWAP_ROUNDS):
            changed = False
            for i in range(len(rows)):
                others = rows[:i] + rows[i + 1 :]
                basis = self.basis(others)
                pool = np.array(sorted(self.pool), dtype=np.intp)
                pool = pool[self._open(others, pool)]
                features = self.references.features[pool].astype(np.float64)
                residual = self.scan - basis @ (basis.T @ self.scan)
                left = np.sqrt(np.clip((features**2).sum(axis=1) - ((features @ basis) ** 2).sum(axis=1), 1e-4, None))
                for row in pool[np.argsort(-(features @ residual) / left)[:3]]:
                    trial = [*rows[:i], int(row), *rows[i + 1 :]]
                    value = self.explained(trial)
                    if value > best * (1 + 1e-6):
                        rows, best, changed = trial, value, True
            if not changed:
                break
        return rows


def unmix(question: Question) -> Unmixed:
    """Find the components of a prepared scan."""
    forward = _Forward(question)
    rows = _pruned(_gathered(forward, question), question)
    amounts = question.weigh(rows).fit.amounts
    rows = [rows[i] for i in np.argsort(-amounts).tolist()]
    return Unmixed(
        tuple(rows),
        question.window(rows),
        question.weigh(rows),
        _explained(forward, rows, question),
        _look_alikes(rows, question, sorted(forward.pool)),
    )


def keep_only(rows: list[int], unmixed: Unmixed, question: Question) -> Unmixed:
    """The same scan fitted with a part of the components that were found; the explained part stays that of all."""
    kept = [unmixed.rows.index(row) for row in rows]
    return Unmixed(
        tuple(rows),
        question.window(rows),
        question.weigh(rows),
        unmixed.explained,
        tuple(unmixed.look_alikes[i] for i in kept),
    )


def _gathered(forward: _Forward, question: Question) -> list[int]:
    """Components by gain alone, until what is left is small and nothing in it is significant any more."""
    criteria = question.criteria
    rows: list[int] = []
    total = float((forward.scan**2).sum())
    left = total
    while len(rows) < criteria.max_parts:
        best: list[int] = []
        for row in forward.shortlist(rows, criteria.shortlist)[: criteria.tries]:
            trial = forward.reconsidered([*rows, row])
            if not best or forward.explained(trial) > forward.explained(best):
                best = trial
        if not best:
            break
        then = total - forward.explained(best)
        if left - then < criteria.min_gain * left and question.weigh(best).z.min() < criteria.min_evidence:
            break
        rows, left = best, then
    return rows


def _pruned(rows: list[int], question: Question) -> list[int]:
    """Drop the weakest component as long as one lacks evidence or share."""
    criteria = question.criteria
    while rows:
        weighed = question.weigh(rows)
        amounts = np.clip(weighed.fit.amounts, 0, None)
        shares = amounts / max(float(amounts.sum()), 1e-30)
        weak = (weighed.z < criteria.min_evidence) | (shares < criteria.min_share)
        if not weak.any():
            break
        worst = int(np.argmin(np.where(weak, weighed.z, np.inf)))
        rows = rows[:worst] + rows[worst + 1 :]
    return rows


def _explained(forward: _Forward, rows: list[int], question: Question) -> float:
    ready = question.ready
    total = float((forward.scan**2).sum())
    noise = question.sigma**2 * ready.recipe.slope_noise * (ready.stop - ready.first)
    left = max(total - forward.explained(rows) - noise, 0.0)
    return 1.0 - left / (total - noise) if total > noise else 0.0


def _look_alikes(rows: list[int], question: Question, pool: list[int]) -> tuple[tuple[int, ...], ...]:
    """For each component the pooled references that could stand in its place without the fit getting worse."""
    window = question.window(rows)
    groups = []
    for i, row in enumerate(rows):
        similar = question.references.features[pool] @ question.references.features[row] > _LEAST_LOOK_ALIKE
        asked = [row, *(other for other, close in zip(pool, similar, strict=True) if close and other not in rows)]
        z, _ = question.fit(rows[:i] + rows[i + 1 :], window).ask(question.curves(asked, window))
        loss = z[0] ** 2 - np.sign(z[1:]) * z[1:] ** 2
        close = np.flatnonzero(loss < question.criteria.look_alike_loss)
        groups.append(tuple(asked[k + 1] for k in close.tolist()))
    return tuple(groups)
