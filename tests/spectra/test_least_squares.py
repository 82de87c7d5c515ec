"""Bases and plain least squares against numpy's; the whitened model stands beside the textbook in test_scan_model."""

from __future__ import annotations

import numpy as np
import pytest

from spectra.evidence import baseline_columns
from spectra.least_squares import orthonormal, plain_amounts
from spectra.spectrum import Technique
from tests.spectra.made_spectra import FloatArray, bands

AXIS = np.arange(648.0, 1252.0, 4.0)


def curves(*numbers: int) -> FloatArray:
    return np.array([bands(number, Technique.FTIR, AXIS) for number in numbers])


@pytest.mark.parametrize("nearness", [1.0, 1e-2, 1e-5, 1e-9, 0.0])
def test_a_basis_is_that_of_householder_however_near_the_columns_are(nearness: float) -> None:
    columns = curves(1, 2, 3).T.copy()
    columns[:, 2] = columns[:, 0] + nearness * columns[:, 2]
    basis, upper = orthonormal(columns)
    assert basis.T @ basis == pytest.approx(np.eye(3), abs=1e-9)
    assert basis @ upper == pytest.approx(columns, abs=1e-12 * columns.max())
    assert np.allclose(np.tril(upper, -1), 0.0)
    if nearness:
        plain, _ = np.linalg.qr(columns)
        # The same space, whatever the signs.
        assert np.abs(np.abs(plain.T @ basis) - np.eye(3)).max() < 1e-15 / nearness + 1e-9


@pytest.mark.parametrize("numbers", [(1,), (1, 2, 3), (1, 1), (1, 2, 1)])
def test_plain_amounts_are_those_of_least_squares(numbers: tuple[int, ...]) -> None:
    parts = curves(*numbers)
    noise = 1e-4 * np.random.default_rng(1).standard_normal(AXIS.size)
    scan = np.linspace(-0.2, 0.6, len(numbers)) @ parts + 0.1 * parts.max() * baseline_columns(AXIS)[2] + noise
    columns = np.concatenate([parts, baseline_columns(AXIS)])
    expected = np.linalg.lstsq(columns.T, scan, rcond=None)[0][: len(parts)].clip(0)
    assert plain_amounts(scan, parts, baseline_columns(AXIS)) == pytest.approx(expected, rel=1e-8)
