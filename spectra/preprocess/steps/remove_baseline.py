"""Slow backgrounds: fluorescence, scattering, contact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pybaselines import Baseline

__all__ = ["find_baseline"]

_ASYMMETRY = 0.005  # weight of points above the baseline against those below


def find_baseline(values: NDArray[np.float64], stiffness: float, grid_step: float) -> NDArray[np.float64]:
    """The slow background under the bands [as ``values``], shape (n_points,).

    Asymmetric least squares (AsLS, Eilers 2003) as pybaselines computes it: a fifth of the time of arPLS, and where
    bands crowd, as in a fingerprint, the better baseline – arPLS takes crowded bands for noise around one.
    ``stiffness`` [cm^-1] is the length below which the baseline cannot bend; the penalty that does this on a grid
    of ``grid_step`` [cm^-1] is its fourth power in steps, so that it means the same on every grid.
    """
    if np.ptp(values) <= 0:
        return values.copy()
    smoothness = (stiffness / (2 * np.pi * grid_step)) ** 4
    baseline, _ = Baseline(check_finite=False).asls(values, lam=smoothness, p=_ASYMMETRY, max_iter=20, tol=1e-2)
    result: NDArray[np.float64] = baseline
    return result
