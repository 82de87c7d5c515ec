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

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from scipy.ndimage import convolve1d

from spectra.covariance import Variation, banded, covariance_factor
from spectra.least_squares import Whitened, plain_amounts

__all__ = [
    "Part",
    "Weighed",
    "WeighedFit",
    "baseline_columns",
    "baseline_rest_columns",
    "nuisance_columns",
    "part_of",
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
_N_NUISANCE = 6  # columns for each component


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
