"""What is in the scan: a search for mixtures over the whole library.

Forward: the reference that explains most of what is left is taken in, together with what an instrument may do to it
(a small shift, a small broadening), and every earlier choice is reconsidered. It stays when the weighed evidence
(:mod:`spectra.evidence`) speaks for it. Backward: a component whose evidence vanished once others came in is
dropped. Choosing by gain and keeping by evidence matters: alone, no component of a mixture is significant, because
nothing alone explains enough; and gain alone keeps components that a clean scan does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spectra.criteria import Criteria
from spectra.evidence import ErrorModel, Weighed, WeighedFit, weigh
from spectra.preprocess.recipe import Prepared
from spectra.reference import ReferenceSet
from spectra.similarity import shared_lengths

__all__ = ["Unmixed", "unmix"]

FloatArray = NDArray[np.float64]

_SWAP_ROUNDS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Unmixed:
    """The components of a scan.

    Parameters
    ----------
    rows : tuple of int, length n_parts
        References, largest amount first.
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

    def __init__(self, ready: Prepared, comparable: NDArray[np.bool_], references: ReferenceSet) -> None:
        self.references, self.comparable = references, comparable
        self.coverage = (ready.first, ready.stop)
        covered = ready.covered
        self.scan = np.zeros(references.axis.size)
        self.scan[covered] = ready.feature[covered]
        self.axis = references.axis
        self.pool: set[int] = set()

    def basis(self, rows: list[int]) -> FloatArray:
        """Orthonormal basis of references with their shift and broadening, shape (n_points, n_columns)."""
        if not rows:
            return np.zeros((self.axis.size, 0))
        columns = []
        for row in rows:
            feature = self.references.features[row].astype(np.float64)
            feature[: self.coverage[0]] = feature[self.coverage[1] :] = 0.0
            slope = np.gradient(feature, self.axis)
            columns += [feature, slope, np.gradient(slope, self.axis)]
        stacked = np.array(columns).T
        stacked /= np.maximum(np.linalg.norm(stacked, axis=0), 1e-30)
        return np.linalg.qr(stacked)[0]

    def explained(self, rows: list[int]) -> float:
        """Squared length of the scan's feature that the references account for."""
        basis = self.basis(rows)
        return float(((basis.T @ self.scan) ** 2).sum())

    def shortlist(self, rows: list[int], n: int) -> list[int]:
        """The references that would explain most of what ``rows`` leave, best first."""
        basis = self.basis(rows)
        residual = self.scan - basis @ (basis.T @ self.scan)
        block = np.column_stack([residual, basis]).astype(np.float32)
        products = self.references.features @ block
        lengths = shared_lengths(residual, self.coverage, self.references.features, self.references.coverage)
        residual_length = float(np.linalg.norm(residual)) or 1.0
        own = np.minimum(lengths / residual_length, 1.0)
        left = np.sqrt(np.clip(own**2 - (products[:, 1:] ** 2).sum(axis=1), 0.0, None))
        # What lies almost wholly within the components found adds nothing but noise.
        usable = self.comparable & (left > 0.15) & (products[:, 0] > 0)
        usable[rows] = False
        gain = np.where(usable, products[:, 0] / np.where(usable, left, 1.0), -1.0)
        best = np.argpartition(-gain, min(n, gain.size) - 1)[:n]
        chosen = [int(row) for row in best[np.argsort(-gain[best], kind="stable")] if gain[row] > 0]
        self.pool.update(chosen)
        return chosen

    def reconsidered(self, rows: list[int]) -> list[int]:
        """Exchange components for shortlisted references as long as that explains more."""
        best = self.explained(rows)
        for _ in range(_SWAP_ROUNDS):
            changed = False
            for i in range(len(rows)):
                others = rows[:i] + rows[i + 1 :]
                basis = self.basis(others)
                pool = np.array(sorted(self.pool - set(others)))
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


def unmix(
    ready: Prepared,
    comparable: NDArray[np.bool_],
    references: ReferenceSet,
    model: ErrorModel,
    criteria: Criteria,
) -> Unmixed:
    """Find the components of a prepared scan.

    Parameters
    ----------
    comparable : bool array, shape (n_refs,)
        References that may be named.
    model : ErrorModel
        Noise of the scan on the grid, and variation of bands.
    """
    forward = _Forward(ready, comparable, references)
    rows = _gathered(forward, ready, references, model, criteria)
    rows = _pruned(rows, ready, references, model, criteria)
    window = _window(ready, references, rows)
    weighed = _weighed(rows, window, ready, references, model)
    order = np.argsort(-weighed.fit.amounts) if rows else []
    rows = [rows[i] for i in order]
    weighed = _weighed(rows, window, ready, references, model)
    return Unmixed(
        tuple(rows),
        window,
        weighed,
        _explained(forward, rows, ready, model),
        _look_alikes(rows, window, ready, references, model, sorted(forward.pool), criteria),
    )


def _gathered(
    forward: _Forward, ready: Prepared, references: ReferenceSet, model: ErrorModel, criteria: Criteria
) -> list[int]:
    """Components by gain alone, until what is left is small and nothing in it is significant any more."""
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
        if left - then < criteria.min_gain * left and _weakest(best, ready, references, model) < criteria.min_evidence:
            break
        rows, left = best, then
    return rows


def _weakest(rows: list[int], ready: Prepared, references: ReferenceSet, model: ErrorModel) -> float:
    return float(_weighed(rows, _window(ready, references, rows), ready, references, model).z.min())


def _pruned(
    rows: list[int], ready: Prepared, references: ReferenceSet, model: ErrorModel, criteria: Criteria
) -> list[int]:
    while rows:
        window = _window(ready, references, rows)
        weighed = _weighed(rows, window, ready, references, model)
        amounts = weighed.fit.amounts
        shares = amounts / max(float(np.clip(amounts, 0, None).sum()), 1e-30)
        weak = (weighed.z < criteria.min_evidence) | (shares < criteria.min_share)
        if not weak.any():
            break
        worst = int(np.argmin(np.where(weak, weighed.z, np.inf)))
        rows = rows[:worst] + rows[worst + 1 :]
    return rows


def _window(ready: Prepared, references: ReferenceSet, rows: list[int]) -> slice:
    first = max([ready.first, *(int(references.coverage[row, 0]) for row in rows)])
    stop = min([ready.stop, *(int(references.coverage[row, 1]) for row in rows)])
    return slice(first, stop)


def _weighed(rows: list[int], window: slice, ready: Prepared, references: ReferenceSet, model: ErrorModel) -> Weighed:
    curves = references.curves[rows][:, window].astype(np.float64)
    return weigh(references.axis[window], ready.curve[window], curves, model)


def _explained(forward: _Forward, rows: list[int], ready: Prepared, model: ErrorModel) -> float:
    total = float((forward.scan**2).sum())
    noise = model.sigma**2 * _slope_noise(ready) * (ready.stop - ready.first)
    left = max(total - forward.explained(rows) - noise, 0.0)
    return 1.0 - left / max(total - noise, 1e-30) if total > noise else 0.0


def _slope_noise(ready: Prepared) -> float:
    """Variance of a slope per variance of a point: sum of squares of the derivative's own coefficients."""
    step, window = ready.recipe.grid.step, ready.recipe.derivative_window
    half = round(window / step / 2)
    k = np.arange(-half, half + 1)
    return float(1.0 / ((k**2).sum() * step**2))


def _look_alikes(
    rows: list[int],
    window: slice,
    ready: Prepared,
    references: ReferenceSet,
    model: ErrorModel,
    pool: list[int],
    criteria: Criteria,
) -> tuple[tuple[int, ...], ...]:
    """For each component the pooled references that could stand in its place without the fit getting worse."""
    groups = []
    axis, scan = references.axis[window], ready.curve[window]
    curves = references.curves[:, window]
    for i, row in enumerate(rows):
        others = WeighedFit(axis, scan, curves[rows[:i] + rows[i + 1 :]].astype(np.float64), model)
        asked = [row, *(other for other in pool if other not in rows)]
        z, _ = others.ask(curves[asked].astype(np.float64))
        close = z[0] ** 2 - z[1:] ** 2 * np.sign(z[1:]) < criteria.look_alike_loss
        groups.append(tuple(asked[k + 1] for k in np.flatnonzero(close)))
    return tuple(groups)
