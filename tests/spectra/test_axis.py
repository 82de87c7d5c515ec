from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad

from spectra.axis import GRIDS, Grid, raman_shift, resample, wavenumber
from spectra.errors import InvalidSpectrum, NoOverlap
from spectra.spectrum import Technique
from tests.spectra.made_spectra import spectrum

GRID = Grid(200.0, 600.0, 4.0)
RAMAN = Technique.RAMAN


def test_grid_holds_both_ends() -> None:
    assert (GRID.axis[0], GRID.axis[-1], GRID.n_points, GRID.axis.size) == (200.0, 600.0, 101, 101)


def test_wavelengths_become_wavenumbers() -> None:
    # The 520.7 cm^-1 line of silicon under a 785 nm laser lies at 818.45 nm; 10 um is 1000 cm^-1.
    assert raman_shift(np.array([785.0, 1 / (1 / 785.0 - 520.7e-7)]), 785.0) == pytest.approx([0.0, 520.7])
    assert wavenumber(np.array([10_000.0])) == pytest.approx([1000.0])
    with pytest.raises(InvalidSpectrum, match="must be positive, not 0 nm"):
        raman_shift(np.array([800.0]), 0.0)


@given(seed=st.integers(0, 2**32 - 1), step=st.floats(0.2, 2.5))
def test_fine_scans_are_averaged_as_the_exact_integral_says(seed: int, step: float) -> None:
    rng = np.random.default_rng(seed)
    axis = np.arange(190.0, 610.0, step) + 0.3 * step * rng.uniform(size=np.arange(190.0, 610.0, step).size)
    values = rng.standard_normal(axis.size)
    sampled = resample(spectrum(values, RAMAN, axis), GRID)
    for index in rng.integers(0, GRID.n_points, 3):
        low, high = GRID.axis[index] - 2.0, GRID.axis[index] + 2.0
        knots = axis[(axis > low) & (axis < high)]
        integral, _ = quad(lambda x: np.interp(x, axis, values), low, high, points=knots, limit=200)
        assert sampled.values[index] == pytest.approx(integral / 4.0, abs=1e-8)


@given(slope=st.floats(-5.0, 5.0), step=st.floats(0.3, 12.0))
def test_a_straight_line_stays_one_at_any_step(slope: float, step: float) -> None:
    axis = np.arange(150.0, 651.0, step)
    sampled = resample(spectrum(slope * axis, RAMAN, axis), GRID)
    assert (sampled.first, sampled.stop) == (0, GRID.n_points)
    assert sampled.values == pytest.approx(slope * GRID.axis, abs=1e-6)
    assert sampled.thinning == pytest.approx(4.0 / step)


def test_averaging_thins_the_noise_by_the_root_of_thinning() -> None:
    axis = np.arange(100.0, 700.0, 0.25)
    noise = np.random.default_rng(3).standard_normal(axis.size)
    sampled = resample(spectrum(noise, RAMAN, axis), GRID)
    assert float(sampled.values.std()) * np.sqrt(sampled.thinning) == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("phase", [0.0, 2.5, 5.0, 7.5])
def test_a_resolved_band_keeps_its_height_between_coarse_points(phase: float) -> None:
    def band(x: np.ndarray) -> np.ndarray:
        return np.asarray(
            np.exp(-4 * np.log(2) * ((x - 400.0) / 25.0) ** 2)
        )  # sampled by 2.5 points across its half height

    axis = np.arange(170.0, 631.0, 10.0) + phase
    sampled = resample(spectrum(band(axis), RAMAN, axis), GRID)
    error = sampled.values[sampled.covered] - band(GRID.axis[sampled.covered])
    assert np.abs(error).max() < 0.05
    # No false band beside it either: neither a dip nor a bump.
    far = np.abs(GRID.axis[sampled.covered] - 400.0) > 40.0
    assert np.abs(error[far]).max() < 0.01


def test_nothing_is_invented_outside_what_was_measured() -> None:
    axis = np.arange(301.0, 499.1, 1.0)
    sampled = resample(spectrum(np.ones(axis.size), RAMAN, axis), GRID)
    assert sampled.values[sampled.covered] == pytest.approx(1.0)
    assert not sampled.values[: sampled.first].any()
    assert not sampled.values[sampled.stop :].any()
    assert GRID.axis[sampled.first] >= 299.0
    assert GRID.axis[sampled.stop - 1] <= 501.0


def test_of_a_scan_with_a_hole_the_longer_side_counts() -> None:
    axis = np.r_[np.arange(200.0, 300.0, 2.0), np.arange(360.0, 600.1, 2.0)]
    sampled = resample(spectrum(np.ones(axis.size), RAMAN, axis), GRID)
    assert GRID.axis[sampled.first] == 360.0
    assert GRID.axis[sampled.stop - 1] == 600.0
    # A lost point or two is no hole.
    axis = np.r_[np.arange(200.0, 300.0, 2.0), np.arange(310.0, 600.1, 2.0)]
    assert resample(spectrum(np.ones(axis.size), RAMAN, axis), GRID).first == 0


@pytest.mark.parametrize("start", [-4000.0, 570.0, 100.0, 9000.0])
def test_too_little_of_the_grid_is_refused(start: float) -> None:
    axis = np.arange(start, start + 150.0)
    with pytest.raises(NoOverlap, match="too little lies in the range that is judged, 200 to 600"):
        resample(spectrum(np.ones(axis.size), RAMAN, axis), GRID)


def test_curves_that_fade_out_to_nothing_are_no_trouble() -> None:
    for grid in GRIDS.values():
        axis = np.arange(grid.start, grid.stop + 1, grid.step)
        faded = np.exp(-(((axis - 1000.0) / 20.0) ** 2))
        assert np.isfinite(resample(spectrum(faded, RAMAN, axis), grid).values).all()
        assert np.abs(resample(spectrum(faded * 1e-310, RAMAN, axis), grid).values).max() < 1e-300


@given(start=st.floats(190.0, 330.0), length=st.floats(190.0, 400.0), step=st.floats(0.2, 5.5))
def test_of_a_scan_as_fine_as_the_grid_all_covered_points_are_its_own(start: float, length: float, step: float) -> None:
    axis = np.arange(start, start + length, step)
    sampled = resample(spectrum(np.ones(axis.size), RAMAN, axis), GRID)
    assert sampled.own.dtype == np.bool_
    assert np.flatnonzero(sampled.own).tolist() == list(range(sampled.first, sampled.stop))


@given(
    start=st.floats(150.0, 330.0),
    n_points=st.integers(33, 60),
    step=st.floats(5.7, 14.0),
    uneven=st.floats(0.0, 0.2),
    seed=st.integers(0, 1000),
)
def test_of_a_coarser_scan_the_points_next_to_measured_ones_are_its_own(
    start: float, n_points: int, step: float, uneven: float, seed: int
) -> None:
    jitter = np.random.default_rng(seed).uniform(-0.5, 0.5, n_points)
    axis = start + step * (np.arange(n_points) + uneven * jitter)
    assume(float(np.median(np.diff(axis))) > 1.4 * GRID.step)
    sampled = resample(spectrum(np.ones(axis.size), RAMAN, axis), GRID)
    own, points = np.flatnonzero(sampled.own), GRID.axis
    assert own.min() >= sampled.first
    assert own.max() < sampled.stop
    inside = axis[(axis >= points[sampled.first] - 2.0) & (axis <= points[sampled.stop - 1] + 2.0)]
    # One for each measured point: a grid point that is its own lies next to one, and each has one next to it.
    assert np.abs(points[own][:, None] - inside).min(axis=1).max() <= GRID.step / 2 + 1e-9
    assert np.abs(points[own][:, None] - inside).min(axis=0).max() <= GRID.step / 2 + 1e-9
    assert 0.9 * inside.size - 1 <= own.size <= inside.size
