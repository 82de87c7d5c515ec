from __future__ import annotations

import numpy as np
import pytest

from reachback.validation.instruments import DISTURBANCES, Instrument, band_windows, vary_bands

AXIS = np.arange(600.0, 1900.0)
CENTRES = (700.0, 812.0, 900.0, 940.0, 1100.0, 1250.0, 1400.0, 1620.0)


def bands() -> np.ndarray:
    return np.asarray(sum(1 / (1 + ((AXIS - centre) / 6) ** 2) for centre in CENTRES))


def test_levels_differ_in_the_bands_alone() -> None:
    assert {name: level.band_variation for name, level in DISTURBANCES.items()} == {"I": 0.0, "II": 0.02, "IIb": 0.05}


def test_every_band_has_a_window_of_its_own() -> None:
    windows = band_windows(AXIS, bands())
    assert windows.shape == (len(CENTRES), AXIS.size)
    assert windows.sum(axis=0).max() <= 1 + 1e-12
    at = windows[:, np.searchsorted(AXIS, CENTRES)]
    assert np.diag(at).min() > 0.85
    assert (at - np.diag(np.diag(at))).max() < 0.15


@pytest.mark.parametrize("variation", [0.02, 0.05])
def test_bands_vary_independently_and_by_the_stated_size(variation: float) -> None:
    curve, rng = bands(), np.random.default_rng(3)
    windows = band_windows(AXIS, curve)
    at = np.searchsorted(AXIS, CENTRES)
    ratios = np.array([vary_bands(curve, windows, variation, rng)[at] / curve[at] - 1 for _ in range(600)])
    assert ratios.std(axis=0) == pytest.approx(np.full(len(CENTRES), variation), rel=0.2)
    correlation = np.corrcoef(ratios.T) - np.eye(len(CENTRES))
    assert np.abs(correlation).max() < 0.3


def test_no_variation_changes_nothing() -> None:
    curve = bands()
    assert np.array_equal(vary_bands(curve, band_windows(AXIS, curve), 0.0, np.random.default_rng(1)), curve)


def test_the_axis_is_off_by_about_a_wavenumber_and_not_by_a_shift_alone() -> None:
    errors = np.array([Instrument(np.random.default_rng(seed)).moved(AXIS) - AXIS for seed in range(200)])
    assert 0.7 < float(np.sqrt((errors**2).mean())) < 1.2
    assert 0.3 < float(errors.std(axis=1).mean()) < 1.0
    assert np.abs(errors).max() < 3.5


def test_the_noise_is_a_five_hundredth_and_grows_with_the_signal() -> None:
    points = np.arange(650.0, 1850.0)
    strong = 100 * np.exp(-(((AXIS - 1250) / 150) ** 2))  # so wide that differences of neighbours are noise
    apart = []
    for seed in range(30):
        scan = Instrument(np.random.default_rng(seed)).scan(AXIS, strong, points)
        bends = np.diff(scan, 2) / np.sqrt(6)
        apart.append((bends[560:640].std(), bends[:80].std()))
    high, low = np.array(apart).mean(axis=0)
    assert high == pytest.approx(0.2, rel=0.1)
    assert low == pytest.approx(0.2 * np.sqrt(0.5), rel=0.1)


def test_one_instrument_treats_every_sample_alike() -> None:
    one, again = (Instrument(np.random.default_rng(9)) for _ in range(2))
    points = AXIS[60:-60:4]
    assert np.array_equal(one.scan(AXIS, bands(), points), again.scan(AXIS, bands(), points))
    assert np.array_equal(one.scan(AXIS, bands(), points), one.scan(AXIS, bands(), points))
    other = Instrument(np.random.default_rng(10)).scan(AXIS, bands(), points)
    assert np.abs(other - one.scan(AXIS, bands(), points)).max() > 0.01
