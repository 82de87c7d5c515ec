from __future__ import annotations

import numpy as np
import pytest

from reachback.validation.samples import Part, Pure, mix, pure_from_compiled, pure_from_spectrum
from spectra.compilation import compile_references
from spectra.preprocess.recipe import prepare
from spectra.preprocess.shipped import recipe_for
from spectra.reference import Reference, ReferenceEntry
from spectra.spectrum import Ordinate, Spectrum, Technique
from tests.library.made_library import curve

AXIS = np.arange(500.0, 3500.1, 7.4)


def spectrum(seed: int, axis: np.ndarray = AXIS) -> Spectrum:
    return Spectrum(axis, curve(seed, axis), Technique.FTIR, Ordinate.ABSORBANCE)


def pure(seed: int) -> Pure:
    made = pure_from_spectrum(ReferenceEntry(str(seed), f"substance {seed}"), spectrum(seed))
    assert made is not None
    return made


def scan(parts: list[Part], variation: float = 0.0, seed: tuple[int, ...] = (1, 2), extra: int = 0) -> Spectrum:
    made = mix(parts, Technique.FTIR, variation, seed, extra=extra)
    assert made is not None
    return made


def test_a_pure_substance_has_unit_area_of_signal() -> None:
    made = pure(1)
    inside = (made.axis >= 650) & (made.axis <= 1850)
    assert np.clip(made.bands[inside], 0, None).sum() == pytest.approx(1.0, rel=0.03)
    assert made.windows.shape == (len(made.windows), made.axis.size)
    assert len(made.windows) >= 6


def test_too_short_a_curve_is_no_sample() -> None:
    entry = ReferenceEntry("short", "short")
    assert pure_from_spectrum(entry, spectrum(1).between(1700, 3000)) is None
    assert pure_from_spectrum(entry, spectrum(1).between(2500, 3500)) is None


def test_the_same_seed_gives_the_same_scan_on_points_of_another_phase() -> None:
    one = scan([Part(pure(1), 1.0)])
    again = scan([Part(pure(1), 1.0)])
    other = scan([Part(pure(1), 1.0)], seed=(1, 3))
    assert np.array_equal(one.intensity, again.intensity)
    assert not np.array_equal(one.axis, other.axis)
    assert np.diff(one.axis) == pytest.approx(7.4)
    assert one.axis[0] >= 600
    assert one.axis[-1] <= 1900


def test_bands_vary_only_where_asked() -> None:
    plain, varied = (scan([Part(pure(1), 1.0)], variation) for variation in (0.0, 0.05))
    difference = np.abs(varied.intensity - plain.intensity).max() / np.ptp(plain.intensity)
    assert 0.01 < difference < 0.25


def test_shares_are_shares_of_the_signal() -> None:
    mixed = scan([Part(pure(1), 0.7), Part(pure(30), 0.3)])
    recipe = recipe_for(Technique.FTIR)
    found = prepare(mixed, recipe).curve
    columns = np.stack([prepare(spectrum(seed), recipe).curve for seed in (1, 30)])
    columns /= np.clip(columns, 0, None).sum(axis=1)[:, None]
    amounts = np.linalg.lstsq(columns.T, found, rcond=None)[0]
    assert amounts[0] / amounts.sum() == pytest.approx(0.7, abs=0.05)


def test_a_spike_changes_nothing_else_about_the_scan() -> None:
    clean = scan([Part(pure(1), 1.0)], 0.02)
    nothing = scan([Part(pure(1), 1.0), Part(pure(30), 0.0)], 0.02, extra=1)
    spiked = scan([Part(pure(1), 1.0), Part(pure(30), 0.05)], 0.02, extra=1)
    assert np.array_equal(clean.axis, spiked.axis)
    assert nothing.intensity == pytest.approx(clean.intensity)
    assert 0.0 < np.abs(spiked.intensity - clean.intensity).max() < 0.15


def test_a_compiled_curve_will_do() -> None:
    references = compile_references([Reference(ReferenceEntry("a", "a"), spectrum(1))])
    made = pure_from_compiled(references, 0)
    assert made is not None
    near = np.interp(made.axis, pure(1).axis, pure(1).bands)
    assert np.corrcoef(made.bands, near)[0, 1] > 0.95
