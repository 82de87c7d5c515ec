"""How strongly a scan speaks for a component: generalised least squares with the errors that real scans have.

The scan is modelled as

    scan = sum_j a_j s_j  +  nuisance_j (each band shifted, broadened, tilted a little)  +  slow baseline  +  error

and the error is not white: the bands of a component vary from scan to scan (crystal habit, contact, batch) in
proportion to their own height, so its covariance grows with the components already found,

    V = sigma^2 I + sum_j (alpha_j a_j)^2 diag(s_j) K diag(s_j),

K a correlation over neighbouring points. Without it a small drug is "seen" wherever a cutting agent's band is 2 %
higher than in the library. K has compact support (Wendland 1995, phi_1,1), so V is banded and factors in linear time.

Where traces are looked for (:mod:`spectra.detect`), the sizes of all errors are taken from the scan itself, by the
likelihood that is left once the columns are projected out (REML; Patterson and Thompson, Biometrika 58, 545, 1971).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from scipy.linalg import blas, lapack
from scipy.ndimage import convolve1d

__all__ = [
    "Part",
    "Variation",
    "Weighed",
    "WeighedFit",
    "Whitened",
    "banded",
    "baseline_columns",
    "baseline_rest_columns",
    "covariance_factor",
    "likelihood",
    "nuisance_columns",
    "orthonormal",
    "part_of",
    "plain_amounts",
    "tails_columns",
    "weigh",
]

FloatArray = NDArray[np.float64]

_BASELINE_ORDER = 6
# What an asymmetric baseline leaves of a spectrum is finer: with 6, a substance that is not there had 1.6 times the
# evidence it should have in quiet made Raman scans, with 12 nothing more was won.
_BASELINE_REST_ORDER = 12
_TAILS = 4.0  # [cm^-1] full width at half maximum of the line whose tails are looked for
_TAILS_REACH = 60.0  # [cm^-1]
_LEAST_INDEPENDENT = 1e-7  # [1] of a column's length, outside all before it
# [1] The same, where their products keep more than half of the digits; the columns of real fits have 0.05 and more.
_PLAINLY_INDEPENDENT = 1e-3
_N_NUISANCE = 6  # columns for each component
# Points closer than this share the variation of a band [cm^-1]: half correlation at 23 cm^-1.
_CORRELATION_SUPPORT = 60.0


def scaled_position(axis: FloatArray) -> FloatArray:
    """The axis mapped to -1 … 1, shape (n_points,)."""
    return np.asarray(2.0 * (axis - axis[0]) / (axis[-1] - axis[0]) - 1, dtype=np.float64)


def baseline_columns(axis: FloatArray) -> FloatArray:
    """Chebyshev polynomials of order 0 to 6, shape (7, n_points), read-only."""
    return _polynomials(axis.tobytes(), _BASELINE_ORDER)


def baseline_rest_columns(axis: FloatArray) -> FloatArray:
    """What a baseline's removal leaves: Chebyshev polynomials of order 0 to 12, shape (13, n_points), read-only."""
    return _polynomials(axis.tobytes(), _BASELINE_REST_ORDER)


@lru_cache(maxsize=32)
def _polynomials(axis_bytes: bytes, order: int) -> FloatArray:
    position = scaled_position(np.frombuffer(axis_bytes))
    polynomials: FloatArray = np.array(chebyshev.chebvander(position, order).T, dtype=np.float64, order="C")
    polynomials.flags.writeable = False
    return polynomials


def nuisance_columns(axis: FloatArray, curve: FloatArray) -> FloatArray:
    """What an instrument may do to a component to first order, shape (6, n_points).

    Tilt of the gain s t; shift s', stretch s' t and bend s' t^2 of the axis; broadening s'' and its slope s'' t.
    """
    t = scaled_position(axis)
    slope = np.gradient(curve, axis)
    bend = np.gradient(slope, axis)
    return np.stack([curve * t, slope, slope * t, slope * t**2, bend, bend * t])


def tails_columns(axis: FloatArray, curves: FloatArray) -> FloatArray:
    """What a Lorentzian line of an instrument adds to each curve, shape (n_curves, n_points).

    Its tails reach much farther than those of any band's own broadening to first order.

    Parameters
    ----------
    axis : array, shape (n_points,)
        [cm^-1] evenly spaced.
    """
    if not len(curves):
        return np.zeros((0, axis.size))
    step = float(axis[1] - axis[0])
    reach = max(1, round(_TAILS_REACH / step))
    edges = (np.arange(-reach, reach + 2) - 0.5) * step
    # The part of the line that falls on each point, so that a step wider than the line does no harm.
    line = np.diff(np.arctan(edges / (_TAILS / 2)))
    return np.asarray(convolve1d(curves, line / line.sum(), axis=-1, mode="nearest") - curves)


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


class Whitened:
    """A linear model of a scan whose errors are correlated, solved and ready to be asked about further columns.

    Parameters
    ----------
    factor : array, shape (bandwidth + 1, n_points)
        Lower banded Cholesky factor of the error covariance.
    scan : array, shape (n_points,)
    columns : array, shape (n_columns, n_points)

    Attributes
    ----------
    rest : array, shape (n_points,)
        The residual in units of its own expected error.
    free : int
        Degrees of freedom that the columns leave.
    variance : float
        [1] Variance of the rest; 1 where the error model is complete.
    """

    def __init__(self, factor: FloatArray, scan: FloatArray, columns: FloatArray) -> None:
        self._factor = factor
        self._scale = np.linalg.norm(columns, axis=1)
        self._scale[self._scale == 0] = 1.0
        self._basis, self._upper = orthonormal(self._whiten((columns / self._scale[:, None]).T))
        white_scan = self._whiten(scan)
        self._projected = self._basis.T @ white_scan
        self.rest = white_scan - self._basis @ self._projected
        self.free = max(1, scan.size - columns.shape[0])
        self.variance = float(self.rest @ self.rest) / self.free

    def _whiten(self, values: FloatArray) -> FloatArray:
        return whitened(self._factor, values)

    @cached_property
    def _inverse(self) -> FloatArray:
        return np.asarray(np.linalg.pinv(self._upper, rcond=1e-10))

    @property
    def solution(self) -> FloatArray:
        """Coefficients, shape (n_columns,)."""
        return np.asarray(self._inverse @ self._projected / self._scale)

    def errors(self, n: int, variance: float) -> FloatArray:
        """Standard errors of the first ``n`` coefficients, for a variance of the rest."""
        return np.asarray(np.sqrt((self._inverse**2).sum(axis=1)[:n] * variance) / self._scale[:n])

    @property
    def log_likelihood(self) -> float:
        """Of the scan once the columns are projected out, the overall size of the errors profiled out [1]."""
        diagonal = np.abs(np.diag(self._upper))
        used = diagonal > 1e-10 * diagonal.max()
        logarithms = float(np.log(self._factor[0]).sum()) + float(np.log(diagonal[used]).sum())
        return float(-0.5 * self.free * math.log(max(self.variance, 1e-300)) - logarithms)

    def ask(self, curves: FloatArray, variance: float) -> tuple[FloatArray, FloatArray]:
        """Evidence for one further column each, given what is fitted already.

        Parameters
        ----------
        curves : array, shape (n_asked, n_points)
        variance : float
            [1] Of the rest.

        Returns
        -------
        z, amount : array, shape (n_asked,)
            Signed square root of the likelihood ratio [standard deviations], and the amount it would have. Both 0
            where a curve lies within what is fitted.
        """
        white = self._whiten(curves.T)
        before = np.linalg.norm(white, axis=0)
        white -= self._basis @ (self._basis.T @ white)
        lengths = np.linalg.norm(white, axis=0)
        open_ = lengths > 0.05 * before
        safe = np.where(open_, lengths, 1.0)
        projection = np.where(open_, (self.rest @ white) / safe, 0.0)
        return projection / np.sqrt(variance), projection / safe


def whitened(factor: FloatArray, values: FloatArray) -> FloatArray:
    """Columns in units of their expected error and free of its correlation, shape kept.

    Parameters
    ----------
    factor : array, shape (bandwidth + 1, n_points)
    values : array, shape (n_points,) or (n_points, n_columns)
    """
    solved, _ = lapack.dtbtrs(factor, values, uplo="L")
    return np.asarray(solved).reshape(values.shape)


def orthonormal(columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Orthonormal basis of some columns, and the upper triangle that leads back: ``columns = basis @ upper``.

    By the Cholesky factor of their products, at a third of the price of Householder's reflections, which are taken
    where the columns are not plainly independent.

    Parameters
    ----------
    columns : array, shape (n_points, n_columns)
    """
    upper = _triangle(columns.T @ columns)
    if upper is None:
        return np.linalg.qr(columns)
    return np.asarray(blas.dtrsm(1.0, upper, columns, side=1)), upper


def _triangle(products: FloatArray) -> FloatArray | None:
    """Upper Cholesky factor of the products of some columns; None where these are not plainly independent."""
    upper, failed = lapack.dpotrf(products)
    if failed or (np.diag(upper) < _PLAINLY_INDEPENDENT * np.sqrt(np.diag(products))).any():
        return None
    return np.asarray(upper)


def likelihood(factor: FloatArray, scan: FloatArray, columns: FloatArray) -> float:
    """`Whitened.log_likelihood` without the rest of it: -inf where the columns are not independent.

    Parameters
    ----------
    columns : array, shape (n_columns, n_points)
        Of about unit length.
    """
    white = whitened(factor, np.concatenate([columns, scan[None]]).T)
    products = white.T @ white
    upper, failed = lapack.dpotrf(products)
    diagonal = np.diag(upper)
    # Rounding lets columns that depend on each other pass as barely independent.
    if failed or (diagonal < _LEAST_INDEPENDENT * np.sqrt(np.diag(products)))[:-1].any():
        return -math.inf
    free = max(1, scan.size - len(columns))
    rest = float(diagonal[-1]) ** 2 / free
    logarithms = float(np.log(factor[0]).sum()) + float(np.log(diagonal[:-1]).sum())
    return float(-0.5 * free * math.log(max(rest, 1e-300)) - logarithms)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One component, with what it brings into every fit that it is part of.

    Parameters
    ----------
    curve : array, shape (n_points,)
        Its reference.
    nuisance : array, shape (6, n_points)
        What an instrument may do to it.
    covariance : array, shape (bandwidth + 1, n_points)
        Of its variation from scan to scan, for an amount of 1; lower banded form.
    """

    curve: FloatArray
    nuisance: FloatArray
    covariance: FloatArray


def part_of(axis: FloatArray, curve: FloatArray, variation: float) -> Part:
    """A component of a fit.

    Parameters
    ----------
    axis, curve : array, shape (n_points,)
        [cm^-1]; its reference.
    variation : float
        [1] alpha: how much its bands vary in height.
    """
    return Part(curve, nuisance_columns(axis, curve), banded(axis, Variation(variation * curve[None])))


class WeighedFit:
    """A weighted fit of some components, ready to be asked about further ones.

    Parameters
    ----------
    axis, scan : array, shape (n_points,)
        [cm^-1]; baseline-corrected intensity.
    parts : sequence of Part, length n_parts
        The components.
    sigma : float
        [as the scan] Noise of a point.

    Attributes
    ----------
    components : sequence of Part, length n_parts
    variance : float
        Variance of the whitened residual [1]; 1 where the error model is complete.
    """

    def __init__(self, axis: FloatArray, scan: FloatArray, parts: Sequence[Part], sigma: float) -> None:
        self.components, self._scan, self._background = parts, scan, baseline_columns(axis)
        curves = np.array([part.curve for part in parts]).reshape(len(parts), axis.size)
        amounts = plain_amounts(scan, curves, self._background)
        columns = np.concatenate([curves, *(part.nuisance for part in parts), self._background])
        covariances = [amount**2 * part.covariance for amount, part in zip(amounts, parts, strict=True)]
        factor = covariance_factor(np.full(axis.size, sigma**2), covariances)
        self._solved = Whitened(factor, scan, columns)
        self.variance = self._solved.variance

    # Most fits are asked for evidence only: what else they can tell is worked out where it is wanted.

    @property
    def amounts(self) -> FloatArray:
        """Coefficients [as the scan, per unit of the curves], shape (n_parts,)."""
        return self._solution[: len(self.components)]

    @cached_property
    def errors(self) -> FloatArray:
        """Their standard errors, shape (n_parts,)."""
        return self._solved.errors(len(self.components), max(1.0, self.variance))

    @cached_property
    def parts(self) -> FloatArray:
        """Contribution of each component, nuisance included, shape (n_parts, n_points)."""
        n = len(self.components)
        moved = self._solution[n : n + n * _N_NUISANCE].reshape(n, _N_NUISANCE)
        each = zip(self.amounts, moved, self.components, strict=True)
        found = [amount * part.curve + sizes @ part.nuisance for amount, sizes, part in each]
        return np.array(found).reshape(n, self._scan.size)

    @cached_property
    def baseline(self) -> FloatArray:
        """What is left of a slow background, shape (n_points,)."""
        return np.asarray(self._solution[-len(self._background) :] @ self._background)

    @cached_property
    def residual(self) -> FloatArray:
        """What neither components nor baseline account for, shape (n_points,)."""
        # With nothing fitted, the bands themselves would bend the baseline.
        return self._scan - self.parts.sum(axis=0) - self.baseline if self.components else self._scan.copy()

    @cached_property
    def _solution(self) -> FloatArray:
        return self._solved.solution

    @property
    def whitened_residual(self) -> FloatArray:
        """Residual in units of its own expected error, shape (n_points,)."""
        return self._solved.rest

    def ask(self, curves: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Evidence for one further component each, the residual variance floored at 1: see :meth:`Whitened.ask`."""
        return self._solved.ask(curves, max(1.0, self.variance))


def plain_amounts(scan: FloatArray, curves: FloatArray, background: FloatArray) -> FloatArray:
    """Amounts by ordinary least squares, none below 0, shape (n_parts,): how large the errors of each are."""
    if not len(curves):
        return np.zeros(0)
    columns = np.concatenate([curves, background])
    upper = _triangle(columns @ columns.T)
    if upper is None:
        amounts = np.linalg.lstsq(columns.T, scan, rcond=None)[0]
    else:
        amounts = lapack.dpotrs(upper, columns @ scan)[0]
    return np.asarray(np.clip(amounts[: len(curves)], 0.0, None), dtype=np.float64)


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


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Evidence for each component given all the others.

    Parameters
    ----------
    z : array, shape (n_parts,)
        [standard deviations] What it adds to the others.
    left_without : array, shape (n_parts,)
        [1] Squared length of the whitened residual when all others are fitted without it.
    fit : WeighedFit
        All together.
    """

    z: FloatArray
    left_without: FloatArray
    fit: WeighedFit


def weigh(fit: WeighedFit, without: Sequence[WeighedFit]) -> Weighed:
    """Ask for each component of a fit what it adds to the others.

    Parameters
    ----------
    without : sequence of WeighedFit, length n_parts
        The fits of all components but one each, in their order.
    """
    z, left = np.zeros((2, len(without)))
    for j, (part, others) in enumerate(zip(fit.components, without, strict=True)):
        z[j] = others.ask(part.curve[None])[0][0]
        left[j] = others.whitened_residual @ others.whitened_residual
    return Weighed(z, left, fit)
