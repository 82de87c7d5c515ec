"""Each check of one spectrum speaks where it should, and is silent on a good one."""

from __future__ import annotations

import numpy as np
import pytest

from library.qc.findings import Finding, Level
from library.qc.spectrum_checks import judge_measured, measure
from library.qc.thresholds import THRESHOLDS
from spectra.reference import Grade, Reference
from spectra.spectrum import Technique
from tests.library.qc.made_references import FTIR_AXIS, RAMAN_AXIS, curve, reference


def found(made: Reference, resolution: float | None = None) -> dict[str, Finding]:
    return {each.check: each for each in judge_measured(measure(made, resolution), THRESHOLDS)}


def test_a_good_reference_is_passed_over() -> None:
    assert found(reference("good", curve(3, FTIR_AXIS)), resolution=4.0) == {}


@pytest.mark.parametrize(("sigma", "level"), [(0.015, Level.WARNING), (0.12, Level.FAILURE)])
def test_noise(sigma: float, level: Level) -> None:
    noisy = curve(3, FTIR_AXIS) + np.random.default_rng(1).normal(0.0, sigma, FTIR_AXIS.size)
    finding = found(reference("noisy", noisy))["noise"]
    assert finding.level is level
    assert finding.figures["snr"] < 100.0
    assert "noisy is noisy" in finding.words


def test_a_cut_off_band_is_a_failure() -> None:
    values = curve(3, RAMAN_AXIS)
    finding = found(reference("cut", np.minimum(values, 0.5 * values.max()), RAMAN_AXIS, Technique.RAMAN))["saturation"]
    assert (finding.level, "cut off" in finding.words) == (Level.FAILURE, True)


def test_coverage() -> None:
    some = FTIR_AXIS[(FTIR_AXIS > 700) & (FTIR_AXIS < 1300)]
    assert found(reference("half", curve(3, some), some))["coverage"].level is Level.FAILURE
    most = FTIR_AXIS[FTIR_AXIS > 760]
    assert found(reference("most", curve(3, most), most))["coverage"].level is Level.NOTE


def test_resolution_as_stated_and_as_sampled() -> None:
    coarse = np.arange(600.0, 2000.0, 10.0)
    sampled = found(reference("coarse", curve(3, coarse), coarse))["resolution"]
    assert (sampled.level, sampled.figures["step_cm-1"]) == (Level.WARNING, 10.0)
    stated = found(reference("stated", curve(3, FTIR_AXIS)), resolution=32.0)["resolution"]
    assert stated.figures["resolution_cm-1"] == 32.0


def test_a_raised_and_a_buried_curve() -> None:
    raised = found(reference("raised", curve(3, FTIR_AXIS) + 0.4))["baseline"]
    assert (raised.level, "never comes down" in raised.words) == (Level.NOTE, True)
    hill = 300.0 * np.exp(-(((RAMAN_AXIS - 1400.0) / 900.0) ** 2))
    buried = found(reference("buried", curve(3, RAMAN_AXIS) + hill, RAMAN_AXIS, Technique.RAMAN))["baseline"]
    assert buried.figures["background"] > 10.0
    assert buried.level is Level.WARNING


def test_what_cannot_be_compared_at_all_says_why() -> None:
    flat = found(reference("flat", np.zeros(FTIR_AXIS.size)))
    assert flat["usable"].level is Level.FAILURE
    far = np.arange(2200.0, 3000.0, 4.0)
    assert "too little" in found(reference("far", curve(3, far), far))["usable"].words


def test_a_drawn_band_table_has_no_noise() -> None:
    rough = curve(3, FTIR_AXIS) + np.random.default_rng(1).normal(0.0, 0.12, FTIR_AXIS.size)
    assert found(reference("table", rough, grade=Grade.BAND_TABLE)) == {}
