"""Generalised least squares of a scan whose errors are correlated, and the likelihood of such errors."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas, lapack

from spectra.covariance import whitened

__all__ = ["Whitened", "likelihood", "orthonormal", "plain_amounts"]

FloatArray = NDArray[np.float64]

_LEAST_INDEPENDENT = 1e-7  # [1] of a column's length, outside all before it
# [1] The same, where their products keep more than half of the digits; the columns of real fits have 0.05 and more.
_PLAINLY_INDEPENDENT = 1e-3


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


def _triangle(products: FloatArray) -> FloatArray | None:
    """Upper Cholesky factor of the products of some columns; None where these are not plainly independent."""
    upper, failed = lapack.dpotrf(products)
    if failed or (np.diag(upper) < _PLAINLY_INDEPENDENT * np.sqrt(np.diag(products))).any():
        return None
    return np.asarray(upper)
