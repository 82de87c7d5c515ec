"""Errors that are alike at neighbouring points: covariances with compact support, in LAPACK's lower banded form.

The correlation (Wendland 1995, phi_1,1) is zero beyond its support, so that a covariance factors in linear time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.linalg import lapack

__all__ = ["Variation", "banded", "covariance_factor", "whitened"]

FloatArray = NDArray[np.float64]

# Points closer than this share the variation of a band [cm^-1]: half correlation at 23 cm^-1.
_CORRELATION_SUPPORT = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Variation:
    """One way in which what is modelled varies from scan to scan, beyond a few columns.

    Parameters
    ----------
    sizes : array, shape (n_parts, n_points)
        [as the scan] Standard deviation at each point, for each component on its own.
    support : float
        [cm^-1] Points closer than this vary together: half correlation at 0.38 of it.
    """

    sizes: FloatArray
    support: float = _CORRELATION_SUPPORT


def banded(axis: FloatArray, variation: Variation) -> FloatArray:
    """Covariance of a variation in lower banded form, shape (bandwidth + 1, n_points), in LAPACK's order in memory."""
    kernel = _kernel(axis.tobytes(), variation.support)
    width, sizes = len(kernel), variation.sizes
    ahead = sliding_window_view(np.pad(sizes, ((0, 0), (0, width - 1))), width, axis=1)
    return np.asarray((np.einsum("jnk,jn->nk", ahead, sizes) * kernel.T).T)


@lru_cache(maxsize=32)
def _kernel(axis_bytes: bytes, support: float) -> FloatArray:
    """Correlation K in lower banded form, shape (bandwidth + 1, n_points); the same for every fit on an axis."""
    axis = np.frombuffer(axis_bytes)
    width = int((np.searchsorted(axis, axis + support) - np.arange(axis.size)).max()) - 1
    kernel = np.zeros((width + 1, axis.size), order="F")
    for k in range(width + 1):
        distance = (axis[k:] - axis[: axis.size - k]) / support
        kernel[k, : axis.size - k] = np.clip(1 - distance, 0, None) ** 3 * (3 * distance + 1)
    kernel.flags.writeable = False
    return kernel


def covariance_factor(noise: FloatArray, covariances: Sequence[FloatArray]) -> FloatArray:
    """Lower banded Cholesky factor of V, shape (largest bandwidth + 1, n_points).

    Parameters
    ----------
    noise : array, shape (n_points,)
        [as the scan, squared] Variance of each point on its own.
    covariances : sequence of array, shape (bandwidth + 1, n_points)
        Of what varies beside it, independent of each other, in lower banded form.

    Raises
    ------
    numpy.linalg.LinAlgError
        The sum is no covariance.
    """
    # As LAPACK has it in memory, so that nothing is copied.
    bands = np.zeros((max(map(len, covariances), default=1), noise.size), order="F")
    for covariance in covariances:
        bands[: len(covariance)] += covariance
    bands[0] += noise
    factor, failed = lapack.dpbtrf(bands, lower=1, overwrite_ab=1)
    if failed:
        raise np.linalg.LinAlgError("the error covariance is not positive definite")
    return np.asarray(factor)


def whitened(factor: FloatArray, values: FloatArray) -> FloatArray:
    """Columns in units of their expected error and free of its correlation, shape kept.

    Parameters
    ----------
    factor : array, shape (bandwidth + 1, n_points)
    values : array, shape (n_points,) or (n_points, n_columns)
    """
    solved, _ = lapack.dtbtrs(factor, values, uplo="L")
    return np.asarray(solved).reshape(values.shape)
