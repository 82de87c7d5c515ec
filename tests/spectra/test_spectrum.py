from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.errors import InvalidSpectrum
from spectra.spectrum import MAX_POINTS, MIN_POINTS, Ordinate, Spectrum, Technique

AXIS = np.arange(100.0, 200.0)


def make(**changes: Any) -> Spectrum:
    values: dict[str, Any] = {
        "axis": AXIS,
        "intensity": np.sin(AXIS),
        "technique": Technique.RAMAN,
        "ordinate": Ordinate.INTENSITY,
    }
    return Spectrum(**{**values, **changes})


def test_arrays_are_read_only_copies() -> None:
    axis, intensity = AXIS.copy(), np.ones(AXIS.size)
    spectrum = make(axis=axis, intensity=intensity)
    axis[0], intensity[0] = -1.0, 99.0
    assert (spectrum.axis[0], spectrum.intensity[0]) == (100.0, 1.0)
    for array in (spectrum.axis, spectrum.intensity):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5.0


def test_fields_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        make().laser_nm = 785.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"intensity": np.ones(3)}, "axis and intensity differ in length: 100 against 3 points"),
        ({"axis": AXIS[:5], "intensity": AXIS[:5]}, "needs 32 to 100,000 points, this one has 5"),
        ({"axis": AXIS[::-1]}, "not strictly ascending: 199 is followed by 198 cm\\^-1 at point 2"),
        ({"axis": np.r_[AXIS[:-1], AXIS[-2]]}, "198 is followed by 198 cm\\^-1 at point 100"),
        ({"intensity": np.r_[np.nan, np.inf, AXIS[2:]]}, "intensity holds 2 values that are not finite.*at point 1"),
        ({"axis": np.r_[AXIS[:-1], np.inf]}, "axis holds 1 values that are not finite, the first at point 100"),
        ({"intensity": np.r_[AXIS[:-1], -1e19]}, "intensity holds 1 values beyond 1e\\+18, the first at point 100"),
        ({"intensity": np.ones((10, 10))}, "intensity of a spectrum has one dimension, not 2"),
        ({"ordinate": Ordinate.ABSORBANCE}, "a raman spectrum cannot have the ordinate absorbance"),
        ({"technique": Technique.FTIR}, "a ftir spectrum cannot have the ordinate intensity"),
        ({"laser_nm": 0.785}, "laser wavelength of 0.785 nm is outside"),
        ({"laser_nm": float("nan")}, "laser wavelength of nan nm is outside"),
    ],
)
def test_what_is_no_spectrum_is_refused_with_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidSpectrum, match=sentence):
        make(**changes)


@given(size=st.sampled_from([MIN_POINTS - 1, MIN_POINTS, 1000, MAX_POINTS, MAX_POINTS + 1]))
def test_number_of_points_is_bounded(size: int) -> None:
    axis = np.arange(float(size))
    if MIN_POINTS <= size <= MAX_POINTS:
        assert make(axis=axis, intensity=axis).n_points == size
    else:
        with pytest.raises(InvalidSpectrum):
            make(axis=axis, intensity=axis)


def test_with_intensity_keeps_the_rest() -> None:
    spectrum = make(mode="SERS", laser_nm=785.0)
    changed = spectrum.with_intensity(np.zeros(AXIS.size))
    assert not changed.intensity.any()
    assert (changed.mode, changed.laser_nm, changed.ordinate) == ("SERS", 785.0, Ordinate.INTENSITY)
    with pytest.raises(InvalidSpectrum):
        spectrum.with_intensity(np.zeros(3))


def test_between_includes_both_ends() -> None:
    part = make().between(110.0, 150.0)
    assert (part.axis[0], part.axis[-1], part.n_points) == (110.0, 150.0, 41)
    assert part.intensity[0] == np.sin(110.0)
    with pytest.raises(InvalidSpectrum, match="this one has 11"):
        make().between(110.0, 120.0)
