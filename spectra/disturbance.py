"""What another instrument and another day do to a spectrum: the generator behind a library's calibration.

Every effect is drawn from a seeded generator and is small and smooth: a shift with a slow warp of the axis,
a broadening, a tilt of the gain, a slow baseline, white noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

__all__ = ["Disturbance", "disturb"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Sizes (one standard deviation, or the largest value where it says so)."""

    shift: float = 1.0  # [cm^-1]
    warp: float = 0.7  # [cm^-1] over about 400 cm^-1
    broadening: float = 3.0  # [cm^-1] largest standard deviation of the added Gaussian blur
    tilt: float = 0.06  # [1] largest change of gain from the middle to an end
    baseline: float = 0.05  # [of the strongest band]
    noise: float = 1 / 500  # [of the strongest band]


def disturb(axis: FloatArray, curve: FloatArray, size: Disturbance, rng: np.random.Generator) -> FloatArray:
    """The curve as another instrument would have measured it [as ``curve``], shape (n_points,).

    Parameters
    ----------
    axis, curve : array, shape (n_points,)
        [cm^-1]; evenly spaced but for narrow gaps.
    """
    moved = axis + size.shift * rng.standard_normal() + size.warp * _smooth(axis, 400.0, rng)
    result = np.asarray(CubicSpline(axis, curve)(np.clip(moved, axis[0], axis[-1])))
    blur = size.broadening * rng.uniform() / float(np.median(np.diff(axis)))
    result = gaussian_filter1d(result, blur) if blur > 0 else result
    position = np.linspace(-1.0, 1.0, axis.size)
    result = result * (1.0 + size.tilt * rng.uniform(-1.0, 1.0) * position)
    top = float(result.max())
    slow = size.baseline * top * _smooth(axis, 1200.0, rng)
    disturbed: FloatArray = result + slow + size.noise * top * rng.standard_normal(axis.size)
    return disturbed


def _smooth(axis: FloatArray, length: float, rng: np.random.Generator) -> FloatArray:
    knots = np.linspace(axis[0], axis[-1], max(4, int((axis[-1] - axis[0]) / length) + 2))
    result: FloatArray = CubicSpline(knots, rng.standard_normal(knots.size))(axis)
    return result
