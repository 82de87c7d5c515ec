from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.bands import BandMatch, find_bands, match_bands, unexplained_bands

AXIS = np.arange(600.0, 1801.0, 4.0)


def band(place: float, height: float = 1.0, width: float = 10.0) -> np.ndarray:
    return np.asarray(height / (1.0 + ((AXIS - place) / width) ** 2))


def match(part: np.ndarray, rest: np.ndarray, noise: float = 0.0) -> BandMatch:
    return match_bands(AXIS, part, np.gradient(part, AXIS), np.gradient(rest, AXIS), noise)


THREE = band(800.0) + band(1200.0, 0.5) + band(1600.0, 0.3)


def test_bands_are_found_where_they_are() -> None:
    peaks, prominences = find_bands(THREE)
    assert AXIS[peaks].tolist() == [800.0, 1200.0, 1600.0]
    assert prominences == pytest.approx([1.0, 0.5, 0.3], abs=0.02)


def test_shoulders_and_noise_are_no_bands_and_twenty_are_enough() -> None:
    assert AXIS[find_bands(band(800.0) + band(1200.0, 0.05))[0]].tolist() == [800.0]
    comb = sum((band(place, 1.0 + place / 1e4, 5.0) for place in np.arange(620.0, 1800.0, 40.0)), np.zeros(AXIS.size))
    peaks, _ = find_bands(comb)
    assert peaks.size == 20
    assert (np.diff(peaks) > 0).all()


@pytest.mark.parametrize("curve", [np.zeros(AXIS.size), -band(900.0), np.zeros(0)])
def test_a_curve_without_height_has_no_bands(curve: np.ndarray) -> None:
    assert [found.size for found in find_bands(curve)] == [0, 0]


@given(exponent=st.integers(-12, 12), seed=st.integers(0, 100))
def test_a_scan_that_is_the_component_shows_all_its_bands(exponent: int, seed: int) -> None:
    noise = 0.002 * np.random.default_rng(seed).standard_normal(AXIS.size)
    scale = 10.0**exponent
    found = match(THREE * scale, (THREE + noise) * scale)
    assert (found.matched, found.missing, found.shown) == ((800.0, 1200.0, 1600.0), (), 1.0)


@pytest.mark.parametrize(
    "rest",
    [
        THREE - band(1200.0, 0.5),  # the band is not there
        THREE - band(1200.0, 0.4),  # a fifth of its height
        THREE + band(1200.0, 0.6),  # more than twice its height: something else stands there
        THREE - 2 * band(1200.0, 0.5),  # upside down
        THREE - band(1200.0, 0.5) + band(1222.0, 0.5),  # 22 cm^-1 away
    ],
)
def test_a_band_that_is_not_right_is_missing(rest: np.ndarray) -> None:
    found = match(THREE, rest)
    assert found.missing == (1200.0,)
    assert found.matched == (800.0, 1600.0)
    assert found.shown == pytest.approx(1.3 / 1.8, abs=0.02)


def test_nothing_to_look_for_is_nothing_shown() -> None:
    flat = np.zeros(AXIS.size)
    assert match(flat, THREE).shown == 0.0
    assert match(THREE, flat).shown == 0.0


def test_noise_that_is_known_does_not_hide_a_band() -> None:
    noise = 0.05 * np.random.default_rng(3).standard_normal(AXIS.size)
    slope_noise = float(np.var(np.gradient(noise, AXIS)))
    assert match(THREE, THREE + noise, slope_noise).shown > match(THREE, THREE + noise).shown


def test_bands_of_a_residual() -> None:
    assert unexplained_bands(AXIS, THREE, 0.4) == (800.0, 1200.0)
    assert unexplained_bands(AXIS, THREE, 2.0) == ()
    assert unexplained_bands(AXIS, -THREE, 0.1) == ()
