from __future__ import annotations

import pytest

from spectra.calibration import UNCALIBRATED
from spectra.compilation import compile_references
from spectra.criteria import CRITERIA
from spectra.reference import ReferenceSet
from spectra.spectrum import Technique
from spectra.tuning import calibrate
from tests.spectra.made_spectra import AXES, reference, subset


@pytest.fixture(scope="module")
def six(made_sets: dict[Technique, ReferenceSet]) -> ReferenceSet:
    return subset(made_sets[Technique.FTIR], range(6))


def test_calibration_is_repeatable_data(six: ReferenceSet) -> None:
    told: list[tuple[int, int]] = []
    one = calibrate(six, "2026-01-01", progress=lambda done, of: told.append((done, of)))
    assert told == [(done, 60) for done in range(1, 61)]  # each of the six ten times
    assert one == calibrate(six, "2026-01-01")
    assert one != calibrate(six, "2026-01-01", seed=2)
    assert (one.date, one.seed) == ("2026-01-01", 1)


def test_true_and_false_components_come_apart(made_sets: dict[Technique, ReferenceSet]) -> None:
    calibration = calibrate(made_sets[Technique.FTIR], "2026-01-01")
    # Two parts in each of 60 complete mixtures, and a few beside what was left out.
    assert 115 <= calibration.support.n_true <= 180
    # Random bands stand in for each other too badly to be listed; that is no proof that nothing ever will.
    assert calibration.support.probability(0.9) < calibration.support.probability(2.5)
    assert calibration.highest_false_explained < CRITERIA.min_explained
    assert 1.0 <= calibration.share_spread < 20.0
    assert calibration.support.probability(3.0) > 0.9
    assert calibration.support.probability(-1.0) <= 0.5  # no component was listed there, false or true


def test_too_few_substances_stay_uncalibrated(six: ReferenceSet) -> None:
    assert calibrate(subset(six, [0, 1, 2]), "2026-01-01") is UNCALIBRATED
    assert calibrate(subset(six, [0, 1, 2, 0, 1]), "2026-01-01") is UNCALIBRATED


def test_references_that_share_no_axis_do_not_stop_it() -> None:
    axis = AXES[Technique.FTIR]
    low, high = axis[axis < 1100.0], axis[axis > 1200.0]
    halves = [reference(number, Technique.FTIR, axis=low if number % 2 else high) for number in range(6)]
    calibration = calibrate(compile_references(halves), "2026-01-01")
    assert calibration.support.n_true > 0


def test_surface_enhanced_references_are_calibrated_among_themselves() -> None:
    library = [reference(number, Technique.RAMAN, mode="SERS" if number < 3 else None) for number in range(6)]
    calibration = calibrate(compile_references(library), "2026-01-01")
    # Only two of the same kind make a mixture that can be found: the parts of others stay unnamed.
    among_all = calibrate(compile_references([reference(n, Technique.RAMAN) for n in range(6)]), "2026-01-01")
    assert 0 < calibration.support.n_true < among_all.support.n_true / 2
