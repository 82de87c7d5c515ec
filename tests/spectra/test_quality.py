from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.criteria import CRITERIA
from spectra.preprocess.recipe import prepare
from spectra.preprocess.shipped import recipe_for
from spectra.quality import assess, gas_noise, noise
from spectra.spectrum import Ordinate, Spectrum, Technique
from spectra.verdict import QualityReport
from tests.spectra.made_spectra import AXES, FloatArray, bands, scan, spectrum


def report_of(scan: Spectrum) -> QualityReport:
    return assess(scan, prepare(scan, recipe_for(scan.technique)), CRITERIA)


@pytest.mark.parametrize("n_points", [200, 1000, 5000])
def test_white_noise_is_estimated_without_bias(n_points: int) -> None:
    estimates = [noise(2.5 * np.random.default_rng(seed).standard_normal(n_points)) for seed in range(40)]
    assert float(np.mean(estimates)) == pytest.approx(2.5, rel=0.08)


@given(seed=st.integers(0, 1000), n_points=st.integers(10, 400))
def test_noise_is_that_of_each_window_on_its_own(seed: int, n_points: int) -> None:
    values = np.cumsum(np.random.default_rng(seed).standard_normal(n_points))
    bends = np.diff(values, 2)
    windows = np.array_split(bends, max(1, bends.size // 40))
    spreads = [1.4826 * float(np.median(np.abs(window - np.median(window)))) for window in windows]
    assert noise(values) == pytest.approx(float(np.percentile(spreads, 15.0)) / 0.845 / np.sqrt(6.0))


@given(seed=st.integers(0, 1000), exponent=st.integers(-12, 12), slope=st.floats(-10.0, 10.0))
def test_noise_scales_and_knows_no_straight_line(seed: int, exponent: int, slope: float) -> None:
    white, scale = np.random.default_rng(seed).standard_normal(300), 10.0**exponent
    line = slope * np.arange(300.0)
    assert noise((white + line) * scale) == pytest.approx(noise(white) * scale, rel=1e-6)


@pytest.mark.parametrize("technique", list(Technique))
@pytest.mark.parametrize("level", [1 / 50, 1 / 200, 1 / 1000])
def test_signal_to_noise_of_a_scan_is_what_was_put_in(technique: Technique, level: float) -> None:
    snr = report_of(scan({4: 0.5, 9: 0.5}, technique, noise=level)).snr
    assert snr is not None
    # The baseline takes a little off the strongest band, and bands on few points look a little like noise.
    assert 0.4 / level < snr < 1.3 / level


def test_a_good_scan_has_nothing_against_it(technique: Technique) -> None:
    report = report_of(scan({4: 1.0}, technique))
    assert (report.usable, report.flags, report.advice) == (True, (), ())


@pytest.mark.parametrize("level", [0.0, 3.7, -3.7, 1e6])
def test_a_constant_has_no_signal(technique: Technique, level: float) -> None:
    rounding = 1e-15 * level * np.random.default_rng(0).standard_normal(AXES[technique].size)
    report = report_of(spectrum(level + rounding, technique))
    assert (report.usable, report.snr, report.flags[0]) == (False, None, "no_signal")
    assert report.advice[0].startswith("There is no signal")


def test_bands_that_drown_in_noise_are_low_signal(technique: Technique) -> None:
    report = report_of(scan({4: 1.0}, technique, noise=0.5))
    assert report.flags == ("low_signal",)
    assert report.snr is not None
    assert report.snr < CRITERIA.min_snr


def test_bands_that_drown_in_fluorescence_are_called_so() -> None:
    buried = scan({4: 1.0}, Technique.RAMAN, noise=0.5, background=0.0).intensity
    report = report_of(spectrum(buried + 100.0 * buried.max(), Technique.RAMAN))
    assert report.flags == ("fluorescence",)
    assert "1064 nm" in report.advice[0]


@settings(max_examples=20, deadline=None)
@given(ceiling=st.floats(0.2, 0.8), technique=st.sampled_from(list(Technique)))
def test_a_scan_cut_off_at_a_ceiling_is_refused(ceiling: float, technique: Technique) -> None:
    axis = AXES[technique]
    broad = np.exp(-(((axis - 1200.0) / 60.0) ** 2)) + bands(3, technique, axis)
    report = report_of(spectrum(np.minimum(broad, ceiling * broad.max()), technique))
    assert not report.usable
    assert report.flags[0] == ("saturated" if technique is Technique.RAMAN else "opaque")


def test_saturation_is_seen_where_half_of_the_points_are_at_the_ceiling() -> None:
    axis = np.arange(1500.0)
    intensity = np.minimum(9e4 * np.exp(-(((axis - 650.0) / 650.0) ** 2)), 65535.0)
    assert np.mean(intensity == 65535.0) > 0.4
    report = report_of(Spectrum(axis, intensity, Technique.RAMAN, Ordinate.INTENSITY))
    assert report.flags == ("saturated",)


def test_a_scan_of_a_narrow_range_is_not_judged(technique: Technique) -> None:
    whole = scan({4: 1.0}, technique)
    assert report_of(whole.between(900.0, 1380.0)).flags == ("narrow_range",)
    assert report_of(whole.between(900.0, 1410.0)).usable


def test_a_floor_of_equal_points_is_no_saturation() -> None:
    clean = scan({4: 1.0}, Technique.RAMAN).intensity
    floored = np.maximum(clean, np.percentile(clean, 50))
    assert "saturated" not in report_of(spectrum(floored, Technique.RAMAN)).flags


@pytest.mark.parametrize(
    ("ordinate", "change"),
    [
        (Ordinate.ABSORBANCE, lambda a: np.minimum(12.0 * a, 6.0)),
        (Ordinate.ABSORBANCE, lambda a: 8.0 * a),
        (Ordinate.TRANSMITTANCE, lambda a: 10.0 ** (-8.0 * a)),
        (Ordinate.PERCENT_TRANSMITTANCE, lambda a: np.round(100.0 * 10.0 ** (-8.0 * a))),
    ],
)
def test_too_little_light_is_opaque(ordinate: Ordinate, change: type[FloatArray]) -> None:
    clean = scan({4: 1.0}, Technique.FTIR).intensity
    report = report_of(Spectrum(AXES[Technique.FTIR], change(clean / clean.max()), Technique.FTIR, ordinate))
    assert report.flags == ("opaque",)


def test_rays_taken_out_are_told_and_do_not_spoil_the_scan() -> None:
    hit = scan({4: 1.0}, Technique.RAMAN).intensity.copy()
    hit[100] += 20 * hit.max()
    report = report_of(spectrum(hit, Technique.RAMAN))
    assert (report.usable, report.flags, report.advice) == (True, ("cosmic_spikes_removed",), ())


def test_a_file_without_noise_says_nothing_of_it() -> None:
    rounded = np.round(8.0 * scan({4: 1.0}, Technique.RAMAN, noise=0.0).intensity * 1e3)
    report = report_of(spectrum(rounded, Technique.RAMAN))
    assert report.usable
    assert report.snr is None


def test_gas_noise_is_white_noise_in_fine_scans_and_unknown_in_coarse_ones() -> None:
    fine = np.arange(600.0, 2000.0, 1.0)
    white = 0.01 * np.random.default_rng(0).standard_normal(fine.size)
    clean = bands(3, Technique.FTIR, fine)
    clean = clean / clean.max()
    assert gas_noise(spectrum(clean + white, Technique.FTIR, fine)) == pytest.approx(0.01, rel=0.15)
    assert gas_noise(spectrum(clean, Technique.FTIR, fine)) < 5e-4
    assert gas_noise(spectrum(clean[::4] + white[::4], Technique.FTIR, fine[::4])) == 0.0
    assert gas_noise(spectrum(clean + white, Technique.RAMAN, fine)) == 0.0
