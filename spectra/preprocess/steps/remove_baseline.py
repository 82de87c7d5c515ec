"""Slow backgrounds: fluorescence, scattering, contact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pybaselines import Baseline

__all__ = ["find_baseline"]


def find_baseline(values: NDArray[np.float64], stiffness: float, grid_step: float) -> NDArray[np.float64]:
    """The slow background under the bands [as ``values``], shape (n_points,).

    Asymmetrically reweighted penalised least squares (arPLS, Baek et al. 2015) as pybaselines computes it.
    ``stiffness`` [cm^-1] is the length below which the baseline cannot bend; the penalty that does this on a grid
    of ``grid_step`` [cm^-1] is its fourth power in steps, so that it means the same on every grid.
    """
    if np.ptp(values) <= 0:
        return values.copy()
    smoothness = (stiffness / (2 * np.pi * grid_step)) ** 4
    baseline, _ = Baseline(check_finite=False).arpls(values, lam=smoothness, max_iter=50, tol=1e-3)
    result: NDArray[np.float64] = baseline
    return result
