from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spectra.compilation import compile_references
from spectra.identify import identify
from spectra.preprocess.steps.set_aside_hump import _ASYMMETRY, _ROUNDS, _Under, find_hump, set_aside_hump
from spectra.reference import ReferenceSet
from spectra.spectrum import Ordinate, Spectrum, Technique
from spectra.verdict import Outcome
from tests.spectra.conftest import Measured
from tests.spectra.made_spectra import AXES, N_SUBSTANCES, FloatArray, name_of, scan, spectrum

AXIS = AXES[Technique.RAMAN]
WIDTHS = [400.0, 500.0, 600.0]


def hump(axis: FloatArray, width: float, centre: float = 1375.0) -> FloatArray:
    return np.asarray(np.exp(-4 * np.log(2) * ((axis - centre) / width) ** 2))


def lopsided(axis: FloatArray) -> FloatArray:
    """Three overlapping humps, as the luminescence of glass has three components."""
    three = hump(axis, 380.0, 1250.0) + 0.8 * hump(axis, 420.0, 1430.0) + 0.4 * hump(axis, 450.0, 1650.0)
    return np.asarray(three / three.max())


@pytest.fixture(scope="module")
def raman(made_sets: dict[Technique, ReferenceSet]) -> ReferenceSet:
    return made_sets[Technique.RAMAN]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("height", [0.5, 3.0])
def test_centre_width_and_height_are_found(width: float, height: float) -> None:
    clean = scan({3: 1.0}, Technique.RAMAN)
    top = float(np.ptp(clean.intensity))
    found = find_hump(AXIS, clean.intensity + height * top * hump(AXIS, width))
    assert found is not None
    assert found.centre == pytest.approx(1375.0, abs=40.0)
    true = height * top * hump(AXIS, width)
    assert float(np.abs(found.curve(AXIS) - true).max()) < 0.1 * height * top


def test_starts_are_judged_together_as_one_by_one() -> None:
    x = np.arange(200.0, 2400.0, 10.0)
    under = scan({3: 1.0}, Technique.RAMAN)
    y = np.interp(x, AXIS, under.intensity / np.ptp(under.intensity)) + hump(x, 480.0)
    slow = np.asarray(np.polynomial.chebyshev.chebvander((x - 1300.0) / 1100.0, 3), dtype=np.float64)
    model = _Under(x, y, slow)
    sets = [[(centre, width)] for centre in (1150.0, 1375.0, 1600.0) for width in (320.0, 480.0, 700.0)]
    together = model._misfits(sets)
    for left, heights, shapes in zip(*together, sets, strict=True):
        alone, own = plain_misfit(x, y, shapes[0])
        assert left == pytest.approx(alone, rel=1e-8)
        assert heights[0] == pytest.approx(own, rel=1e-6)


def plain_misfit(x: FloatArray, y: FloatArray, shape: tuple[float, float]) -> tuple[float, float]:
    """Iterated least squares, points above the curve weighted by 0.02: what is left, and the Gaussian's height."""
    slow = np.polynomial.chebyshev.chebvander((x - 1300.0) / 1100.0, 3)
    columns = np.column_stack([slow, hump(x, shape[1], shape[0])])
    weights = np.ones(x.size)
    for _ in range(_ROUNDS):
        root = np.sqrt(weights)
        solution = np.linalg.lstsq(columns * root[:, None], y * root, rcond=None)[0]
        rest = y - columns @ solution
        left, before = float((weights * rest**2).sum()), weights
        weights = np.where(rest > 0, _ASYMMETRY, 1 - _ASYMMETRY)
        if np.array_equal(before, weights):
            break
    return left, float(solution[-1])


def test_without_a_hump_nothing_is_changed() -> None:
    for number in range(N_SUBSTANCES):
        clean = scan({number: 1.0}, Technique.RAMAN, background=0.5)
        assert set_aside_hump(clean) == (clean, None)


def test_an_infrared_scan_is_left_alone() -> None:
    axis = AXES[Technique.FTIR]
    light = spectrum(scan({3: 1.0}, Technique.FTIR).intensity + hump(axis, 500.0), Technique.FTIR)
    assert set_aside_hump(light)[1] is None


def test_noise_ramps_and_constants_have_no_hump() -> None:
    rng = np.random.default_rng(2)
    for values in (
        np.ones(AXIS.size),
        AXIS,
        np.exp(-AXIS / 400.0),
        (AXIS - 1300.0) ** 2,
        rng.standard_normal(AXIS.size),
    ):
        assert find_hump(AXIS, values) is None


def test_a_narrow_scan_is_left_alone() -> None:
    axis = np.linspace(800.0, 1800.0, 400)
    assert find_hump(axis, hump(axis, 400.0)) is None


@pytest.mark.parametrize("height", [0.5, 2.0, 5.0])
@pytest.mark.parametrize("width", WIDTHS)
def test_behind_glass_the_sample_is_named_and_nothing_else(width: float, height: float, raman: ReferenceSet) -> None:
    for parts in ({3: 1.0}, {8: 1.0}, {2: 0.6, 13: 0.4}):
        clean = scan(parts, Technique.RAMAN)
        behind = clean.intensity + height * float(np.ptp(clean.intensity)) * hump(AXIS, width)
        verdict = identify(spectrum(behind, Technique.RAMAN), raman)
        assert {c.substance for c in verdict.components} == {name_of(number) for number in parts}
        assert "broad_hump_set_aside" in verdict.quality.flags
        assert any(reason.startswith("a broad hump near 1") for reason in verdict.reasons)


def test_glass_alone_is_nothing(raman: ReferenceSet) -> None:
    rng = np.random.default_rng(4)
    for shape in (lopsided(AXIS), *(hump(AXIS, width) for width in WIDTHS)):
        for noise in (1e-4, 1e-3, 1e-2, 0.1):
            empty = shape + noise * rng.standard_normal(AXIS.size)
            verdict = identify(spectrum(empty, Technique.RAMAN), raman)
            assert verdict.outcome in (Outcome.NO_MATCH, Outcome.UNUSABLE)
            assert (verdict.components, verdict.alerts) == ((), ())


# Measured: of 13 liquids all are named with a hump of any of these widths and heights; lopsided, 8 and 6.
@pytest.mark.parametrize("height", [0.5, 2.0])
def test_measured_liquids_behind_simulated_glass(height: float, measured: Measured) -> None:
    references = measured("raman_liquids/library", Technique.RAMAN)
    compiled = compile_references(references)
    named = {"even": 0, "lopsided": 0}
    for reference in references:
        pure = reference.spectrum
        top = float(np.ptp(pure.between(150.0, 2400.0).intensity))
        for kind, shape in (("even", hump(pure.axis, 480.0)), ("lopsided", lopsided(pure.axis))):
            verdict = identify(pure.with_intensity(pure.intensity + height * top * shape), compiled)
            found = {c.substance for c in verdict.components}
            assert found <= {reference.entry.substance}
            named[kind] += bool(found)
    assert named["even"] == len(references) == 13
    assert named["lopsided"] >= 5


def test_no_measured_scan_without_glass_shows_a_hump(shared_data: Path, measured: Measured) -> None:
    for folder in ("raman_liquids", "raman_powders"):
        for reference in measured(f"{folder}/library", Technique.RAMAN):
            assert set_aside_hump(reference.spectrum)[1] is None
    for path in sorted((shared_data / "raman_replicates").glob("*.npz")):
        with np.load(path) as data:
            order = np.argsort(data["axis"])
            for row in data["intensity"][:5]:
                replicate = Spectrum(data["axis"][order], row[order], Technique.RAMAN, Ordinate.INTENSITY)
                assert set_aside_hump(replicate)[1] is None
