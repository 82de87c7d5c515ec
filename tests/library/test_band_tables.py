"""Fitting bands to a curve, and drawing a peak table as one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_adapters.errors import NotASpectrum, Unstated
from device_adapters.recording import Recording
from library.band_tables import (
    DEFAULT_WIDTHS,
    MAX_BANDS,
    NARROWEST_WIDTH,
    as_band_table_spectrum,
    band_range,
    draw_bands,
    fit_bands,
)
from spectra.spectrum import Ordinate, Technique

AXIS = np.arange(600.0, 1850.0, 4.0)
POSITIONS = np.array([702.0, 845.0, 1030.0, 1110.0, 1265.0, 1492.0, 1710.0])
HEIGHTS = np.array([0.4, 0.2, 0.55, 0.3, 0.8, 0.25, 1.0])
WIDTHS = np.array([14.0, 22.0, 16.0, 30.0, 18.0, 12.0, 20.0])


def table(**changes: Any) -> Recording:
    values: dict[str, Any] = {
        "format": "jcamp-dx",
        "index": 0,
        "x": np.array([700.0, 1000.0, 1600.0]),
        "y": np.array([500.0, 1000.0, 250.0]),
        "x_units": "cm-1",
        "y_units": "ARBITRARY UNITS",
        "technique": "ftir",
        "kind": "peaks",
        "widths": np.array([12.0, 16.0, 20.0]),
        "header": "##TITLE=x\n##$BAND RANGE=650, 1700\n##XUNITS=1/CM",
    }
    return Recording(**(values | changes))


def test_a_band_has_its_height_at_its_position_and_half_of_it_half_a_width_away() -> None:
    curve = draw_bands([990.0, 1000.0, 1010.0], [1000.0], [3.0], [20.0])
    assert curve == pytest.approx([1.5, 3.0, 1.5])


def test_bands_add() -> None:
    both = draw_bands(AXIS, POSITIONS[:2], HEIGHTS[:2], WIDTHS[:2])
    first = draw_bands(AXIS, POSITIONS[:1], HEIGHTS[:1], WIDTHS[:1])
    second = draw_bands(AXIS, POSITIONS[1:2], HEIGHTS[1:2], WIDTHS[1:2])
    assert both == pytest.approx(first + second)


@pytest.mark.parametrize("widths", [[10.0], [10.0, 0.0], [10.0, -1.0], [10.0, float("nan")]])
def test_widths_that_are_missing_or_not_above_zero_are_refused(widths: list[float]) -> None:
    with pytest.raises(ValueError, match="width"):
        draw_bands(AXIS, [700.0, 800.0], [1.0, 1.0], widths)


def test_a_fit_recovers_known_bands_on_a_raised_baseline() -> None:
    noise = np.random.default_rng(7).normal(0.0, 0.001, AXIS.size)
    fit = fit_bands(AXIS, draw_bands(AXIS, POSITIONS, HEIGHTS, WIDTHS) + 0.05 + noise)
    strong = fit.heights > 0.1
    assert fit.positions[strong] == pytest.approx(POSITIONS, abs=0.5)
    assert fit.heights[strong] == pytest.approx(HEIGHTS, rel=0.05)
    assert fit.widths[strong] == pytest.approx(WIDTHS, rel=0.08)
    assert fit.residual < 0.02


def test_a_fit_finds_a_shoulder_that_has_no_maximum_of_its_own() -> None:
    curve = draw_bands(AXIS, [1000.0, 1018.0], [1.0, 0.45], [20.0, 20.0])
    assert np.count_nonzero(np.diff(np.sign(np.diff(curve))) < 0) == 1
    fit = fit_bands(AXIS, curve)
    assert fit.residual < 0.03
    assert np.abs(fit.positions[:, None] - [1000.0, 1018.0]).min(axis=0).max() < 4.0


def test_no_width_is_narrower_than_the_bound_or_the_step_of_the_axis() -> None:
    needles = draw_bands(AXIS, POSITIONS, HEIGHTS, np.full(7, 4.0))
    assert fit_bands(AXIS, needles).widths.min() >= NARROWEST_WIDTH
    coarse = np.arange(600.0, 1850.0, 15.0)
    assert fit_bands(coarse, draw_bands(coarse, POSITIONS, HEIGHTS, WIDTHS)).widths.min() >= 15.0


def test_no_more_bands_than_allowed() -> None:
    crowded = np.arange(620.0, 1840.0, 30.0)
    curve = draw_bands(AXIS, crowded, np.ones(crowded.size), np.full(crowded.size, 12.0))
    assert fit_bands(AXIS, curve).positions.size <= MAX_BANDS
    assert fit_bands(AXIS, curve, max_bands=5).positions.size <= 5


@pytest.mark.parametrize("curve", [np.zeros(AXIS.size), np.full(AXIS.size, 0.3)])
def test_a_curve_without_any_feature_is_refused(curve: np.ndarray[Any, Any]) -> None:
    with pytest.raises(ValueError, match="no bands can be fitted"):
        fit_bands(AXIS, curve)


@settings(max_examples=15, deadline=None)
@given(
    scale=st.floats(1e-3, 1e4),
    offset=st.floats(-1.0, 1.0),
    heights=st.lists(st.floats(0.2, 1.0), min_size=7, max_size=7),
)
def test_a_fit_does_not_depend_on_scale_or_offset(scale: float, offset: float, heights: list[float]) -> None:
    curve = draw_bands(AXIS, POSITIONS, heights, WIDTHS)
    plain, changed = fit_bands(AXIS, curve), fit_bands(AXIS, scale * (curve + offset))
    drawn = draw_bands(AXIS, changed.positions, changed.heights, changed.widths) + changed.baseline
    assert drawn / scale - offset == pytest.approx(
        draw_bands(AXIS, plain.positions, plain.heights, plain.widths) + plain.baseline, abs=0.02
    )
    assert np.all(changed.heights >= 0.0)
    assert np.all(np.diff(changed.positions) >= 0.0)


def test_a_table_is_drawn_over_exactly_the_range_it_states() -> None:
    spectrum = as_band_table_spectrum(table())
    assert (spectrum.axis[0], spectrum.axis[-1]) == (650.0, 1700.0)
    assert np.diff(spectrum.axis).max() <= 12.0 / 8 + 1e-9
    assert spectrum.intensity == pytest.approx(
        draw_bands(spectrum.axis, [700.0, 1000.0, 1600.0], [500.0, 1000.0, 250.0], [12.0, 16.0, 20.0])
    )
    assert spectrum.ordinate is Ordinate.ABSORBANCE


def test_without_a_stated_range_a_table_covers_its_bands_and_three_widths() -> None:
    margin = 3 * DEFAULT_WIDTHS[Technique.FTIR]
    assert band_range(table(header="##TITLE=x"), Technique.FTIR) == (700.0 - margin, 1600.0 + margin)


@pytest.mark.parametrize("technique", list(Technique))
def test_bands_without_a_width_get_the_default_of_the_technique(technique: Technique) -> None:
    spectrum = as_band_table_spectrum(table(widths=None, technique=technique.value))
    expected = draw_bands(spectrum.axis, table().x, table().y, np.full(3, DEFAULT_WIDTHS[technique]))
    assert spectrum.intensity == pytest.approx(expected)
    assert spectrum.technique is technique


def test_a_single_unknown_width_gets_the_default_and_the_others_stay() -> None:
    spectrum = as_band_table_spectrum(table(widths=np.array([12.0, np.nan, 20.0])))
    widths = [12.0, DEFAULT_WIDTHS[Technique.FTIR], 20.0]
    assert spectrum.intensity == pytest.approx(draw_bands(spectrum.axis, table().x, table().y, widths))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"y": np.full(3, np.nan)}, "no heights"),
        ({"y": np.zeros(3)}, "no heights"),
        ({"kind": "curve"}, "not a peak table"),
        ({"x_units": "nm"}, "nm"),
        ({"y_units": "TRANSMITTANCE"}, "transmittance"),
        ({"header": "##$BAND RANGE=low, high"}, "two numbers"),
        ({"header": "##$BAND RANGE=1800"}, "two numbers"),
        ({"header": "##$BAND RANGE=900, 900"}, "no range"),
    ],
)
def test_a_table_that_is_no_curve_is_refused_in_one_sentence(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(NotASpectrum, match=says):
        as_band_table_spectrum(table(**changes))


def test_a_table_of_unknown_technique_asks_for_it() -> None:
    with pytest.raises(Unstated, match="technique"):
        as_band_table_spectrum(table(technique="unknown"))
