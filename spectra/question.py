"""One scan and the references it may consist of: what every weighing of components asks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spectra.criteria import Criteria
from spectra.evidence import Part, Weighed, WeighedFit, part_of, weigh
from spectra.preprocess.recipe import Prepared
from spectra.reference import Grade, ReferenceSet
from spectra.search import Overview, look_over

__all__ = ["Question"]

FloatArray = NDArray[np.float64]


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
        [as the scan] Noise of a point on the grid, at most: where bands are narrow beside the scan's steps, they pass
        for noise.
    criteria : Criteria
    overview : Overview
        The scan beside all references, made once.
    """

    ready: Prepared
    comparable: NDArray[np.bool_]
    references: ReferenceSet
    sigma: float
    criteria: Criteria
    overview: Overview = field(init=False, repr=False)
    # What was worked out already, each made once.
    _parts: dict[tuple[int, int, int], Part] = field(default_factory=dict, init=False, repr=False)
    _fits: dict[tuple[tuple[int, ...], int, int], WeighedFit] = field(default_factory=dict, init=False, repr=False)
    _weighed: dict[tuple[int, ...], Weighed] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "overview", look_over(self.ready, self.references))

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

    def parts(self, rows: list[int], window: slice) -> list[Part]:
        """These references as components of a fit over a window."""
        return [self._part(row, window) for row in rows]

    def _part(self, row: int, window: slice) -> Part:
        key = row, window.start, window.stop
        part = self._parts.get(key)
        if part is None:
            (curve,), (variation,) = self.curves([row], window), self.variation([row])
            part = self._parts[key] = part_of(self.references.axis[window], curve, float(variation))
        return part

    @property
    def least_noise(self) -> float:
        """[as the scan] Noise of a point at least: however quiet a scan, no two instruments agree better."""
        return self.criteria.least_noise * float(np.ptp(self.ready.curve))

    def fit(self, rows: list[int], window: slice) -> WeighedFit:
        """The weighted fit of these references over a window."""
        key = tuple(rows), window.start, window.stop
        fit = self._fits.get(key)
        if fit is None:
            axis, scan = self.references.axis[window], self.ready.curve[window]
            fit = self._fits[key] = WeighedFit(axis, scan, self.parts(rows, window), self.sigma)
        return fit

    def weigh(self, rows: list[int]) -> Weighed:
        """The evidence for each of these references over the points they share."""
        key = tuple(rows)
        weighed = self._weighed.get(key)
        if weighed is None:
            window = self.window(rows)
            without = [self.fit(rows[:i] + rows[i + 1 :], window) for i in range(len(rows))]
            weighed = self._weighed[key] = weigh(self.fit(rows, window), without)
        return weighed

    def forget(self) -> None:
        """Let go of every fit made so far, tens of megabytes: for a question that is kept to be asked again."""
        for made in (self._parts, self._fits, self._weighed):
            made.clear()
