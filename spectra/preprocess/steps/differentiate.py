"""First derivative: bands stay, slow backgrounds go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import savgol_filter

__all__ = ["differentiate"]


def differentiate(values: NDArray[np.float64], window: float, grid_step: float) -> NDArray[np.float64]:
    """Smoothed first derivative along the last axis [per cm^-1], shape kept.

    Savitzky and Golay 1964, second-order polynomial over ``window`` [cm^-1] (made odd in points).
    """
    n = max(3, 2 * round(window / grid_step / 2) + 1)
    result: NDArray[np.float64] = savgol_filter(values, n, 2, deriv=1, delta=grid_step, axis=-1)
    return result
