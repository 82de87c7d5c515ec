"""The scan and its components at the points that were measured, with errors whose sizes are taken from the scan itself.

How large the errors of a scan are nobody knows beforehand: its noise, bands of another height (habit, contact, batch),
an axis that is a little off here and there. Their sizes are those that make what the components leave likeliest
(restricted maximum likelihood; Patterson and Thompson, Biometrika 58, 545, 1971). A quiet scan then shows smaller
traces, and a cut of another habit raises no false alarm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from spectra.covariance import Variation, banded, covariance_factor
from spectra.evidence import baseline_columns, baseline_rest_columns, tails_columns
from spectra.least_squares import Whitened, likelihood, orthonormal, plain_amounts
from spectra.question import Question
from spectra.unmix import Unmixed

__all__ = ["ScanModel"]

FloatArray = NDArray[np.float64]

# Sizes that are tried, as multiples of the noise of a point: of the bands' usual variation in height over the noise,
# and of the axis' error [cm^-1] over that. Coarse steps first, then between the best and its neighbours.
_HEIGHTS = (0.1, 0.5, 2.0, 8.0, 30.0)
_SHIFTS = (0.0, 2.0, 8.0, 24.0)
_FINER = (0.5, 2.0)
_FINEST_STEPS = (0.7, 1.4)
# Errors that a scan may have and still be that of its components: bands six times as variable as usual, so a tenth
# in height, and an axis off by 1 cm^-1.
_TOLERATED_HEIGHT, _TOLERATED_SHIFT = 6.0, 1.0
# Of a scan of many points, most pairs of sizes are ruled out by half of them, and so many looked at in full.
_MANY_POINTS, _WORTH_FULL = 300, 6
_SHIFT_SUPPORT = 250.0  # [cm^-1] over which an axis error keeps its sign
_FINEST = 4.0  # [cm^-1] step that resolves every band of a handheld; finer points are averaged
# [cm^-1] Two points this far apart still lie on the same band, and their noise differs; that far, only what is left of
# the baseline is the same.
_SAME_BAND = 8.0
_OTHER_BAND = 32.0


class ScanModel:
    """A fitted scan as a linear model at the points that carry noise of their own.

    Attributes
    ----------
    at_points : callable
        Brings curves from the grid, shape (…, n_window), to those points, shape (…, n_points).
    least_variance : float
        [1] Variance of the rest at least, however well a scan happens to agree with its references.
    """

    def __init__(self, unmixed: Unmixed, question: Question) -> None:
        rows, window = list(unmixed.rows), unmixed.window
        axis, curves = question.references.axis[window], question.curves(rows, window)
        scan, background = question.ready.curve[window], baseline_columns(axis)
        self.at_points = _Thinning(axis, question.ready.own[window])
        self._axis, self._scan = self.at_points(axis), self.at_points(scan)
        amounts = plain_amounts(scan, curves, background)[:, None]
        self._heights = self.at_points(question.variation(rows)[:, None] * amounts * curves)
        slopes = np.gradient(curves, axis, axis=1) if rows else curves
        self._shifts = self.at_points(amounts * slopes)
        nuisance = [part.nuisance for part in question.parts(rows, window)]
        self._background = self.at_points(baseline_rest_columns(axis))
        bands = np.concatenate([curves, *nuisance, tails_columns(axis, curves)])
        self._columns = np.concatenate([self.at_points(bands), self._background])
        self._sigma = question.sigma
        self.least_variance = (question.least_noise / question.sigma) ** 2

    def likeliest(self, further: FloatArray | None = None) -> Whitened:
        """The model whose errors are likeliest.

        Parameters
        ----------
        further : array, shape (n_further, n_points) or None
            Columns in front of those of the components.
        """
        if further is None:
            return self._alone[0]
        # One more column changes the likeliest sizes a little: they are looked for near those without it.
        height, shift = self._alone[1]
        shifts = (shift, *(shift * step for step in _FINER))
        heights = (height, *(height * step for step in _FINER))
        return self._search(self._with(further), heights, shifts)[0]

    @cached_property
    def _alone(self) -> tuple[Whitened, tuple[float, float]]:
        if not len(self._heights):
            return self._search(self._columns, _HEIGHTS[:1], (0.0,))
        return self._search(self._columns, _HEIGHTS, _SHIFTS)

    def _search(
        self, columns: FloatArray, heights: Sequence[float], shifts: Sequence[float]
    ) -> tuple[Whitened, tuple[float, float]]:
        """The likeliest model and its sizes: the best of all pairs, then steps between them."""
        lengths = np.linalg.norm(columns, axis=1)
        independent = columns[lengths > 0] / lengths[lengths > 0, None]
        factors: dict[tuple[float, float], FloatArray] = {}
        tried: dict[tuple[float, float], float] = {}

        def likely(height: float, shift: float) -> float:
            sizes = height, shift
            if sizes not in tried:
                factors[sizes] = self._factor(height, shift)
                tried[sizes] = likelihood(factors[sizes], self._scan, independent)
            return tried[sizes]

        pairs = list(product(heights, shifts))
        if len(pairs) > _WORTH_FULL and self._axis.size >= _MANY_POINTS:
            pairs = self._likeliest_by_half(pairs, independent)
        height, shift = max(pairs, key=lambda sizes: likely(*sizes))
        if len(self._heights):
            height = max((height, *(height * step for step in _FINER)), key=lambda size: likely(size, shift))
            shift = max((shift, *(shift * step for step in _FINER)), key=lambda size: likely(height, size))
            height = max((height, *(height * step for step in _FINEST_STEPS)), key=lambda size: likely(size, shift))
        return Whitened(factors[height, shift], self._scan, columns), (height, shift)

    def _likeliest_by_half(self, pairs: list[tuple[float, float]], columns: FloatArray) -> list[tuple[float, float]]:
        """The few pairs that are likeliest by every other point, at a quarter of the price."""
        heights, shifts = (
            banded(self._axis[::2], Variation(variation.sizes[:, ::2], variation.support))
            for variation in self._variations
        )
        bands = heights, shifts
        scan, fewer = np.ascontiguousarray(self._scan[::2]), np.ascontiguousarray(columns[:, ::2])
        return sorted(pairs, key=lambda sizes: -likelihood(self._factor(sizes[0], sizes[1], bands), scan, fewer))[
            :_WORTH_FULL
        ]

    def weigh_against_rest(self, curves: FloatArray) -> tuple[FloatArray, FloatArray, float]:
        """How much of what the components leave each further curve accounts for, and how much there is.

        Errors are those that are tolerated, whatever the scan's own: errors as large as this scan needs would take the
        bands of something unknown for those of its components.

        Parameters
        ----------
        curves : array, shape (n_asked, n_points)

        Returns
        -------
        accounted : array, shape (n_asked,)
            Squared deviations that a curve accounts for, 0 where its amount would be negative.
        lengths : array, shape (n_asked,)
            Their root for a unit amount of the curve.
        left : float
            Squared deviations beyond what errors leave, before any of the curves is in.
        """
        tolerated, noise = self._tolerated
        z, amount = tolerated.ask(curves, noise)
        lengths = np.divide(z, amount, out=np.zeros_like(z), where=amount != 0)
        return np.maximum(z, 0.0) ** 2, lengths, float(tolerated.rest @ tolerated.rest) / noise - tolerated.free

    @cached_property
    def _tolerated(self) -> tuple[Whitened, float]:
        noise = min(1.0, max(self.likeliest().variance, self.least_variance))
        height = _TOLERATED_HEIGHT / math.sqrt(noise)
        return Whitened(self._factor(height, _TOLERATED_SHIFT / _TOLERATED_HEIGHT), self._scan, self._columns), noise

    def band_rest(self, further: FloatArray | None = None) -> float:
        """Height of what is left that has the width of bands, over the height of the scan's bands [1].

        Both are root mean squares. Neighbouring points of a band are alike and their noise is not, so noise does not
        count here; nor do the residuals of a shifted band, which change their sign within it, nor a baseline, which is
        the same far beyond a band.
        """
        rest = _beside(self._scan, self._with(further))
        whole = _beside(self._scan, self._background)
        alike = self._alike(rest, _SAME_BAND) - self._alike(rest, _OTHER_BAND)
        return math.sqrt(max(alike, 0.0) / max(float(whole @ whole), 1e-300))

    def _alike(self, rest: FloatArray, distance: float) -> float:
        lag = max(1, round(distance / float(np.median(np.diff(self._axis)))))
        return float(rest[lag:] @ rest[:-lag])

    def _with(self, further: FloatArray | None) -> FloatArray:
        return self._columns if further is None else np.concatenate([further, self._columns])

    def _factor(self, height: float, shift: float, bands_of: tuple[FloatArray, FloatArray] | None = None) -> FloatArray:
        heights, shifts = self._bands if bands_of is None else bands_of
        covariances = [height**2 * heights, (height * shift) ** 2 * shifts] if shift else [height**2 * heights]
        return covariance_factor(np.full(heights.shape[1], self._sigma**2), covariances)

    @cached_property
    def _variations(self) -> tuple[Variation, Variation]:
        return Variation(self._heights), Variation(self._shifts, _SHIFT_SUPPORT)

    @cached_property
    def _bands(self) -> tuple[FloatArray, FloatArray]:
        heights, shifts = self._variations
        return banded(self._axis, heights), banded(self._axis, shifts)


def _beside(scan: FloatArray, columns: FloatArray) -> FloatArray:
    """What ordinary least squares leaves of a scan, shape (n_points,)."""
    lengths = np.linalg.norm(columns, axis=1)
    basis, _ = orthonormal((columns[lengths > 0] / lengths[lengths > 0, None]).T)
    return np.asarray(scan - basis @ (basis.T @ scan))


class _Thinning:
    """Brings curves from the grid to points that carry noise of their own.

    Parameters
    ----------
    axis : array, shape (n_points,)
        [cm^-1]
    own : bool array, shape (n_points,)
        Points that were not interpolated.
    """

    def __init__(self, axis: FloatArray, own: NDArray[np.bool_]) -> None:
        together = 1 if not own.all() else max(1, int(_FINEST / float(np.median(np.diff(axis)))))
        self._starts = np.flatnonzero(own)[::together]
        self._counts = None if together == 1 else np.diff(np.r_[self._starts, axis.size])

    def __call__(self, curves: FloatArray) -> FloatArray:
        """The curves at the points that count, averages of a few on a fine grid, shape (…, n_kept)."""
        if self._counts is None:
            return np.asarray(curves[..., self._starts])
        return np.asarray(np.add.reduceat(curves, self._starts, axis=-1) / self._counts)
