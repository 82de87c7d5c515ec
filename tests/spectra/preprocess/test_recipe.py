from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spectra.axis import Grid, resample
from spectra.errors import InvalidRecipe
from spectra.preprocess.recipe import Recipe, prepare
from spectra.preprocess.shipped import FTIR_FINGERPRINT, RAMAN_FINGERPRINT, recipe_for
from spectra.spectrum import Ordinate, Spectrum, Technique
from tests.spectra.made_spectra import AXES, scan, spectrum

STEPS = [
    "convert_to_absorbance",
    "remove_cosmic_spikes",
    "resample",
    "remove_baseline",
    "differentiate",
    "mask_regions",
]


def test_trace_lists_every_step_in_order() -> None:
    raman = prepare(scan({1: 1.0}, Technique.RAMAN), RAMAN_FINGERPRINT)
    ftir = prepare(scan({1: 1.0}, Technique.FTIR), FTIR_FINGERPRINT)
    assert [step for step, _ in raman.trace] == STEPS
    assert [step for step, _ in ftir.trace] == [step for step in STEPS if step != "remove_cosmic_spikes"]
    assert dict(raman.trace)["resample"] == "200 to 2400 by 2 cm^-1"
    assert dict(ftir.trace)["mask_regions"] == "3 points"
    assert all(words for _, words in raman.trace)


@pytest.mark.parametrize(
    "changed",
    [
        replace(RAMAN_FINGERPRINT, name="other"),
        replace(RAMAN_FINGERPRINT, technique=Technique.FTIR),
        replace(RAMAN_FINGERPRINT, spike_threshold=None),
        replace(RAMAN_FINGERPRINT, spike_threshold=10.5),
        replace(RAMAN_FINGERPRINT, grid=Grid(200.0, 2400.0, 4.0)),
        replace(RAMAN_FINGERPRINT, grid=Grid(202.0, 2400.0, 2.0)),
        replace(RAMAN_FINGERPRINT, stiffness=401.0),
        replace(RAMAN_FINGERPRINT, derivative_window=22.0),
        replace(RAMAN_FINGERPRINT, masked=((300.0, 310.0),)),
    ],
    ids=lambda recipe: recipe.digest[:6],
)
def test_any_changed_setting_is_another_digest(changed: Recipe) -> None:
    assert changed.digest != RAMAN_FINGERPRINT.digest
    assert len(changed.digest) == 64


def test_equal_recipes_have_equal_digests() -> None:
    assert replace(RAMAN_FINGERPRINT).digest == RAMAN_FINGERPRINT.digest
    assert RAMAN_FINGERPRINT.digest != FTIR_FINGERPRINT.digest


def test_each_technique_has_its_recipe() -> None:
    assert [recipe_for(technique).technique for technique in Technique] == list(Technique)


def test_recipes_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidRecipe, match="a derivative window needs at least two grid steps"):
        replace(RAMAN_FINGERPRINT, derivative_window=3.0)
    with pytest.raises(InvalidRecipe, match="the baseline must be stiffer than a band is wide"):
        replace(RAMAN_FINGERPRINT, stiffness=20.0)
    with pytest.raises(InvalidRecipe, match="is for raman, the spectrum is ftir"):
        prepare(scan({1: 1.0}, Technique.FTIR), RAMAN_FINGERPRINT)


@settings(max_examples=25, deadline=None)
@given(
    number=st.integers(0, 19),
    exponent=st.integers(-9, 9),
    offset=st.floats(-3.0, 3.0),
    slope=st.floats(-2.0, 2.0),
    technique=st.sampled_from(list(Technique)),
)
def test_scale_and_straight_background_leave_the_curve(
    number: int, exponent: int, offset: float, slope: float, technique: Technique
) -> None:
    recipe = recipe_for(technique)
    plain = scan({number: 1.0}, technique)
    top = float(plain.intensity.max())
    line = top * (offset + slope * np.linspace(-1.0, 1.0, plain.n_points))
    changed = plain.with_intensity((plain.intensity + line) * 10.0**exponent)
    one, other = prepare(plain, recipe), prepare(changed, recipe)
    assert other.curve == pytest.approx(one.curve * 10.0**exponent, abs=2e-3 * top * 10.0**exponent)
    assert (other.first, other.stop, other.thinning) == (one.first, one.stop, one.thinning)


def test_masked_points_are_taken_out_and_coverage_counts_what_is_left() -> None:
    axis = AXES[Technique.FTIR]
    part = Spectrum(axis[30:200], np.sin(axis[30:200] / 20.0) + 2, Technique.FTIR, Ordinate.ABSORBANCE)
    ready = prepare(part, FTIR_FINGERPRINT)
    grid = FTIR_FINGERPRINT.axis
    assert ready.curve.size == ready.feature.size == ready.baseline.size == grid.size
    assert not ((grid >= 662.0) & (grid <= 673.0)).any()
    covered = grid[ready.covered]
    assert (covered[0], covered[-1]) == pytest.approx((axis[30], axis[199]), abs=4.0)
    assert not ready.curve[: ready.first].any()
    assert not ready.feature[ready.stop :].any()


@settings(max_examples=25, deadline=None)
@given(
    technique=st.sampled_from(list(Technique)),
    low=st.floats(500.0, 900.0),
    high=st.floats(1500.0, 2000.0),
    steps=st.floats(0.2, 3.0),
)
def test_points_that_are_its_own_are_those_of_the_axis_without_the_masked_ones(
    technique: Technique, low: float, high: float, steps: float
) -> None:
    recipe = recipe_for(technique)
    assume(abs(steps - 1.4) > 0.01)
    axis = np.arange(low, high, steps * recipe.grid.step)
    measured = spectrum(2 + np.sin(axis / 20.0), technique, axis)
    ready = prepare(measured, recipe)
    # The same points of the grid, masked or not, as its resampling says.
    own = dict(zip(recipe.grid.axis.tolist(), resample(measured, recipe.grid).own.tolist(), strict=True))
    assert ready.own.tolist() == [own[place] for place in recipe.axis.tolist()]
    assert not ready.own[: ready.first].any()
    assert not ready.own[ready.stop :].any()
    covered = ready.stop - ready.first
    assert ready.own.sum() == (covered if steps < 1.4 else pytest.approx(covered / steps, abs=4))


def test_a_constant_has_no_curve() -> None:
    ready = prepare(spectrum(np.full(AXES[Technique.RAMAN].size, 7.0), Technique.RAMAN), RAMAN_FINGERPRINT)
    assert not ready.curve.any()
    assert not ready.feature.any()
