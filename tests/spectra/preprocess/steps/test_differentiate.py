from __future__ import annotations

import numpy as np
import pytest

from spectra.preprocess.steps.differentiate import differentiate


@pytest.mark.parametrize("step", [1.0, 2.0, 4.0])
def test_slope_of_a_parabola_is_exact_inside(step: float) -> None:
    x = np.arange(0.0, 400.0, step)
    assert differentiate(0.01 * x**2 - 3 * x, 20.0, step) == pytest.approx(0.02 * x - 3.0, abs=1e-9)


def test_plain_least_squares_gives_the_same() -> None:
    values = np.random.default_rng(1).standard_normal(60)
    fast = differentiate(values, 20.0, 2.0)
    for i in range(5, 55):
        near = np.arange(-5, 6) * 2.0
        plain = np.polynomial.polynomial.polyfit(near, values[i - 5 : i + 6], 2)[1]
        assert fast[i] == pytest.approx(plain, abs=1e-10)


def test_constants_vanish_and_rows_are_independent() -> None:
    rows = np.vstack([np.full(50, 3.0), np.arange(50.0)])
    assert differentiate(rows, 12.0, 1.0) == pytest.approx(np.vstack([np.zeros(50), np.ones(50)]), abs=1e-12)
