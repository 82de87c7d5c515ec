"""The broad hump of a glass vial: no band of a substance, and too narrow for the slow baseline to follow.

Under 785 nm glass shines in a band near 880 nm, which is 1,375 cm^-1 of Raman shift (Fikiet et al., Clarifying Glass
Luminescence at Near-Infrared Excitation, Applied Spectroscopy 2019: luminescence, not Raman scattering). It is some
500 cm^-1 wide. A baseline that bends enough to follow it would follow crowded bands as well, so the hump is looked
for by its own form, up to three Gaussians on a slow cubic under the bands, and taken off only where it is plainly
there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial.chebyshev import chebvander
from numpy.typing import NDArray
from scipy.optimize import minimize

from spectra.spectrum import Spectrum, Technique

__all__ = ["Hump", "find_hump", "set_aside_hump"]

FloatArray = NDArray[np.float64]
Shape = tuple[float, float]  # centre and width [cm^-1]

_RANGE = (150.0, 2450.0)  # [cm^-1] looked at
_STEP = 10.0  # [cm^-1] of the averages it is looked for in
_CENTRES = (1250.0, 1375.0, 1500.0)
_WIDTHS = (350.0, 500.0, 650.0)
_CENTRE_BOUNDS = (1100.0, 1750.0)
# [cm^-1] Full width at half maximum: what is narrower may be a band, what is wider the slow baseline follows.
_WIDTH_BOUNDS = (300.0, 750.0)
_FREE_OF_BOUNDS = 20.0  # [cm^-1]
_ASYMMETRY = 0.01  # weight of points above the hump against those below
_ROUNDS = 15
# It must take away this part of the misfit under the bands. Of measured scans without a hump (28 of liquids, 12 of
# powders, replicates on two lasers, a handheld) 0.27 at most; with one half as high as their strongest band 0.58 at
# least.
_LEAST_GAIN = 0.40


_MOST_PARTS = 3


@dataclass(frozen=True, slots=True)
class Hump:
    """Gaussians that make a hump: centre and full width at half maximum [cm^-1], height [as the intensity]."""

    parts: tuple[tuple[float, float, float], ...]

    @property
    def centre(self) -> float:
        """Where the hump is highest [cm^-1]."""
        axis = np.arange(*_RANGE, _STEP)
        return float(axis[np.argmax(self.curve(axis))])

    def curve(self, axis: FloatArray) -> FloatArray:
        """The hump on an axis [cm^-1], shape (n_points,)."""
        shapes = [height * _gaussian(axis, centre, width) for centre, width, height in self.parts]
        return np.asarray(np.sum(shapes, axis=0), dtype=np.float64)


def set_aside_hump(spectrum: Spectrum) -> tuple[Spectrum, Hump | None]:
    """Take a broad hump off a Raman spectrum, where it has one.

    Returns
    -------
    Spectrum, Hump or None
        The spectrum without it, and what was taken off.
    """
    hump = find_hump(spectrum.axis, spectrum.intensity) if spectrum.technique is Technique.RAMAN else None
    if hump is None:
        return spectrum, None
    return spectrum.with_intensity(spectrum.intensity - hump.curve(spectrum.axis)), hump


def find_hump(axis: FloatArray, intensity: FloatArray) -> Hump | None:
    """The hump under the bands of a scan, or None.

    Parameters
    ----------
    axis, intensity : array, shape (n_points,)
        [cm^-1], [any]
    """
    low, high = max(float(axis[0]), _RANGE[0]), min(float(axis[-1]), _RANGE[1])
    if high - low < 2 * _WIDTH_BOUNDS[1]:
        return None
    x, y = _averaged(axis, intensity, low, high)
    span = float(np.ptp(y))
    if span <= 0:
        return None
    under = _Under(x, (y - y.min()) / span, np.asarray(chebvander(2 * (x - low) / (high - low) - 1, 3)))
    shapes: list[Shape] = []
    while len(shapes) < _MOST_PARTS:
        further = under.further(shapes)
        if further is None:
            break
        shapes = further
    if not shapes:
        return None
    _, heights = under.misfit(shapes)
    parts = [(*shape, float(height) * span) for shape, height in zip(shapes, heights, strict=True)]
    return Hump(tuple(parts))


@dataclass(frozen=True, slots=True, eq=False)
class _Under:
    """What lies under the bands of a scan.

    Parameters
    ----------
    x, y : array, shape (n_points,)
        [cm^-1]; intensity from 0 to 1.
    slow : array, shape (n_points, 4)
        The slow background.
    """

    x: FloatArray
    y: FloatArray
    slow: FloatArray

    def further(self, shapes: list[Shape]) -> list[Shape] | None:
        """These Gaussians and one more, if it takes away enough of what they leave."""
        least = (1 - _LEAST_GAIN) * self.misfit(shapes)[0]
        starts = [[*shapes, (centre, width)] for centre in _CENTRES for width in _WIDTHS]
        best = starts[int(np.argmin(self._left_by(starts)))]
        if not shapes and self._left(best) > least:
            return None
        start = np.array(best, dtype=np.float64).ravel()
        steps = np.tile([40.0, 60.0], len(best))
        simplex = np.vstack([start, start + np.diag(steps)])

        def left(flat: FloatArray) -> float:
            return self._left(_shapes(flat))

        options: Any = {"initial_simplex": simplex, "maxfev": 60 * len(best)}
        found = minimize(left, start, method="Nelder-Mead", options=options)
        refined = _shapes(found.x)
        # What is pressed against a bound is something slower, or a band.
        inside = all(_is_inside(shape, _FREE_OF_BOUNDS) for shape in refined)
        return refined if inside and self._left(refined) <= least else None

    def _left(self, shapes: list[Shape]) -> float:
        return float(self._left_by([shapes])[0]) if all(_is_inside(shape) for shape in shapes) else np.inf

    def _left_by(self, sets: list[list[Shape]]) -> FloatArray:
        """What each of some sets within the bounds leaves, shape (n_sets,); infinite where one is no hump but a dip."""
        left, heights = self._misfits(sets)
        return np.where((heights > 0).all(axis=1), left, np.inf)

    def misfit(self, shapes: list[Shape]) -> tuple[float, FloatArray]:
        """Asymmetric least squares under the bands: what is left, and the heights of the Gaussians."""
        left, heights = self._misfits([shapes])
        return float(left[0]), heights[0]

    def _misfits(self, sets: list[list[Shape]]) -> tuple[FloatArray, FloatArray]:
        """The same for each of some sets of as many Gaussians, shapes (n_sets,) and (n_sets, n_shapes)."""
        columns = np.array([[*self.slow.T, *(_gaussian(self.x, *shape) for shape in shapes)] for shapes in sets])
        weights = np.ones((len(sets), self.y.size))
        for _ in range(_ROUNDS):
            weighted = columns * weights[:, None]
            normal = weighted @ columns.transpose(0, 2, 1) + 1e-12 * np.eye(columns.shape[1])
            solution = np.linalg.solve(normal, (weighted @ self.y)[..., None])
            residual = self.y - (solution.transpose(0, 2, 1) @ columns)[:, 0]
            left = (weights * residual**2).sum(axis=1)
            now = np.where(residual > 0, _ASYMMETRY, 1 - _ASYMMETRY)
            # A set that has settled stays as it is while others go on.
            if np.array_equal(now, weights):
                break
            weights = now
        return left, solution[:, self.slow.shape[1] :, 0]


def _shapes(flat: FloatArray) -> list[Shape]:
    return [(float(centre), float(width)) for centre, width in flat.reshape(-1, 2)]


def _is_inside(shape: Shape, margin: float = 0.0) -> bool:
    return all(
        low + margin < value < high - margin
        for value, (low, high) in zip(shape, (_CENTRE_BOUNDS, _WIDTH_BOUNDS), strict=True)
    )


def _averaged(axis: FloatArray, intensity: FloatArray, low: float, high: float) -> tuple[FloatArray, FloatArray]:
    """The scan in steps of 10 cm^-1: averages of what lies in each, interpolated where nothing does."""
    edges = np.arange(low, high + _STEP, _STEP)
    place = np.clip(np.digitize(axis, edges) - 1, -1, edges.size - 1)
    inside = (axis >= low) & (axis <= high)
    counts = np.bincount(place[inside], minlength=edges.size)
    sums = np.bincount(place[inside], weights=intensity[inside], minlength=edges.size)
    centres = edges + _STEP / 2
    filled = counts > 0
    averages = np.interp(centres, centres[filled], sums[filled] / counts[filled])
    return centres[:-1], averages[:-1]


def _gaussian(x: FloatArray, centre: float, width: float) -> FloatArray:
    return np.asarray(np.exp(-4 * np.log(2) * ((x - centre) / width) ** 2), dtype=np.float64)
