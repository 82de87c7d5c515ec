from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.preprocess.steps.remove_baseline import find_baseline

X = np.arange(0.0, 1200.0, 4.0)


def curve(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    places, heights = rng.uniform(50.0, 1150.0, 8), rng.uniform(0.2, 1.0, 8)
    bands = (heights / (1.0 + ((X[:, None] - places) / 8.0) ** 2)).sum(axis=1)
    return np.asarray(bands + 0.002 * rng.standard_normal(X.size))


def plain_asls(values: np.ndarray, smoothness: float, asymmetry: float) -> np.ndarray:
    """Eilers' algorithm as he wrote it down, with full matrices."""
    second = np.diff(np.eye(values.size), 2, axis=0)
    penalty = smoothness * second.T @ second
    weights = np.ones(values.size)
    baseline = values
    for _ in range(60):
        baseline = np.linalg.solve(np.diag(weights) + penalty, weights * values)
        weights = np.where(values > baseline, asymmetry, 1 - asymmetry)
    return np.asarray(baseline)


def test_baseline_is_that_of_the_plain_algorithm() -> None:
    values = curve(1) + 0.3 + 0.2 * np.sin(X / 500.0)
    plain = plain_asls(values, (450.0 / (2 * np.pi * 4.0)) ** 4, 0.005)
    assert find_baseline(values, 450.0, 4.0) == pytest.approx(plain, abs=0.01)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), exponent=st.integers(-12, 12))
def test_a_scaled_scan_has_the_scaled_baseline(seed: int, exponent: int) -> None:
    values, scale = curve(seed), 10.0**exponent
    assert find_baseline(values * scale, 450.0, 4.0) == pytest.approx(
        find_baseline(values, 450.0, 4.0) * scale, rel=1e-6, abs=1e-8 * scale
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), offset=st.floats(-5.0, 5.0), slope=st.floats(-5.0, 5.0))
def test_a_straight_line_goes_wholly_into_the_baseline(seed: int, offset: float, slope: float) -> None:
    values, line = curve(seed), offset + slope * X / X[-1]
    difference = find_baseline(values + line, 450.0, 4.0) - find_baseline(values, 450.0, 4.0)
    assert difference == pytest.approx(line, abs=2e-3)


def test_stiffness_means_the_same_on_every_grid() -> None:
    fine = np.arange(0.0, 1200.0, 1.0)
    smooth = 0.3 + 0.2 * np.sin(fine / 300.0) + 1.0 / (1.0 + ((fine - 600.0) / 10.0) ** 2)
    on_fine, on_coarse = find_baseline(smooth, 450.0, 1.0), find_baseline(smooth[::4], 450.0, 4.0)
    assert on_fine[::4] == pytest.approx(on_coarse, abs=0.01)


def test_a_constant_is_all_baseline() -> None:
    assert find_baseline(np.full(50, 3.0), 450.0, 4.0).tolist() == [3.0] * 50
