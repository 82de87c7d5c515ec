from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from device_adapters import NotASpectrum, Recording, Stated, Unstated, as_spectrum
from spectra.spectrum import Ordinate, Technique

X = np.linspace(400.0, 2000.0, 81)
Y = 0.5 + 0.4 * np.sin(X / 50.0)


def recording(**changes: Any) -> Recording:
    raman = Recording("test", 3, X, Y, "cm-1", "counts", technique="raman", sha256="ab", title="t")
    return replace(raman, **changes)


def infrared(y: Any = Y, y_units: str = "ABSORBANCE", **changes: Any) -> Recording:
    return recording(technique="ftir", y=np.asarray(y), y_units=y_units, **changes)


def test_a_whole_scan_passes_with_its_provenance() -> None:
    spectrum = as_spectrum(recording(metadata={"laser_nm": 785.0, "mode": "SERS"}), file="a.jdx")
    assert spectrum.technique is Technique.RAMAN
    assert spectrum.ordinate is Ordinate.INTENSITY
    assert (spectrum.mode, spectrum.laser_nm) == ("SERS", 785.0)
    assert np.array_equal(spectrum.axis, X)
    provenance = spectrum.provenance
    assert (provenance.file, provenance.index, provenance.sha256, provenance.title) == ("a.jdx", 3, "ab", "t")
    assert provenance.stated == ()


def test_only_what_the_file_did_not_say_is_recorded_as_stated() -> None:
    stated = Stated(technique="raman", mode="SERS", laser_nm=785.0, y_units="intensity")
    bare = as_spectrum(recording(technique="unknown"), stated)
    assert bare.provenance.stated == (("technique", "raman"), ("mode", "SERS"), ("laser_nm", "785"))
    told = as_spectrum(recording(metadata={"laser_nm": 784.9, "mode": "sers"}), stated)
    assert told.provenance.stated == ()
    assert told.laser_nm == 784.9


@pytest.mark.parametrize(
    ("stated", "metadata", "reason"),
    [
        (Stated(technique="ftir"), {}, "the file says raman, but ftir was stated"),
        (Stated(mode="SERS"), {"mode": "normal"}, "the mode normal"),
        (Stated(laser_nm=532.0), {"laser_nm": 785.0}, "a laser of 785 nm"),
        (Stated(y_units="absorbance"), {}, "a Raman spectrum has an intensity"),
    ],
)
def test_a_statement_against_the_file_is_refused(stated: Stated, metadata: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotASpectrum, match=reason):
        as_spectrum(recording(metadata=metadata), stated)


def test_statements_that_mean_nothing_are_refused_at_birth() -> None:
    for wrong in ({"technique": "nmr"}, {"y_units": "counts"}, {"laser_nm": 5.0}, {"laser_nm": float("nan")}):
        with pytest.raises(ValueError, match=r"technique|y units|laser"):
            Stated(**wrong)


def test_wavelengths_become_a_shift_only_with_a_laser() -> None:
    nm = 1e7 / (1e7 / 785.0 - X)
    with pytest.raises(Unstated, match="no Raman shift without its laser: state --laser"):
        as_spectrum(recording(x=nm, x_units="nm"))
    assert np.allclose(as_spectrum(recording(x=nm, x_units="nm"), Stated(laser_nm=785.0)).axis, X)
    assert np.allclose(as_spectrum(recording(x=nm / 1000, x_units="um"), Stated(laser_nm=785.0)).axis, X)


@pytest.mark.parametrize(("units", "values"), [("nm", 1e7 / X), ("um", 1e4 / X), ("eV", X / 8065.543937349212)])
def test_infrared_wavelengths_and_energies_become_wavenumbers(units: str, values: Any) -> None:
    spectrum = as_spectrum(infrared(x=values, x_units=units))
    assert np.allclose(spectrum.axis, X)
    assert np.allclose(np.interp(X, spectrum.axis, spectrum.intensity), Y)


@pytest.mark.parametrize(
    ("units", "word"),
    [("s", "chromatogram"), ("min", "chromatogram"), ("ppm", "nuclear"), ("m/z", "mass"), ("points", "pixels")],
)
def test_axes_of_other_techniques_are_refused_with_the_reason(units: str, word: str) -> None:
    with pytest.raises(NotASpectrum, match=word):
        as_spectrum(recording(x_units=units))


def test_an_axis_in_an_unknown_unit_is_refused_by_its_word() -> None:
    with pytest.raises(NotASpectrum, match="MILLISECONDS"):
        as_spectrum(recording(x_units="unknown", metadata={"x_units_as_written": "MILLISECONDS"}))


def test_an_axis_without_any_unit_is_taken_as_wavenumbers_and_noted() -> None:
    spectrum = as_spectrum(recording(x_units="unknown"))
    assert spectrum.provenance.stated == (("x_units", "cm-1, as the file names no unit"),)
    with pytest.raises(Unstated, match="2.5 to 25 without a unit"):
        as_spectrum(infrared(x=np.linspace(2.5, 25, 81), x_units="unknown"))


@pytest.mark.parametrize(
    ("y", "word", "expected"),
    [
        (Y, "ABSORBANCE", Ordinate.ABSORBANCE),
        (Y, "TRANSMITTANCE", Ordinate.TRANSMITTANCE),
        (100 * Y, "TRANSMITTANCE", Ordinate.PERCENT_TRANSMITTANCE),
        (100 * Y, "%T", Ordinate.PERCENT_TRANSMITTANCE),
        (100 * Y, "Transmittance (%)", Ordinate.PERCENT_TRANSMITTANCE),
        (100 * Y, "PERCENT TRANSMITTANCE", Ordinate.PERCENT_TRANSMITTANCE),
    ],
)
def test_the_word_is_held_against_the_range(y: Any, word: str, expected: Ordinate) -> None:
    spectrum = as_spectrum(infrared(y, word))
    assert spectrum.ordinate is expected
    assert spectrum.provenance.stated == ()


@pytest.mark.parametrize(
    ("y", "word"),
    [
        (585 * Y, "ABSORBANCE"),
        (4 * Y, "TRANSMITTANCE"),
        (Y, "%T"),
        (30_000 * Y, "Transmission (%)"),
        (Y, "REFLECTANCE"),
        (Y, "KUBELKA-MUNK"),
        (Y, "LOG(1/R)"),
        (Y, "ARBITRARY UNITS"),
        (Y, "unknown"),
        (Y, "counts"),
    ],
)
def test_where_word_and_range_do_not_tell_the_user_is_asked_and_decides(y: Any, word: str) -> None:
    with pytest.raises(Unstated, match="--y-units absorbance"):
        as_spectrum(infrared(y, word))
    spectrum = as_spectrum(infrared(y, word), Stated(y_units="absorbance"))
    assert spectrum.ordinate is Ordinate.ABSORBANCE
    assert spectrum.provenance.stated == (("y_units", "absorbance"),)
    assert np.array_equal(spectrum.intensity, y)


def test_units_that_contradict_a_clear_file_or_the_possible_are_refused() -> None:
    with pytest.raises(NotASpectrum, match="the file says 'ABSORBANCE'"):
        as_spectrum(infrared(), Stated(y_units="transmittance"))
    with pytest.raises(NotASpectrum, match="state --y-units percent_transmittance"):
        as_spectrum(infrared(90 * Y, "unknown"), Stated(y_units="transmittance"))
    with pytest.raises(NotASpectrum, match="no bare intensity"):
        as_spectrum(infrared(), Stated(y_units="intensity"))


def test_a_raman_scan_marked_absorbance_is_an_intensity() -> None:
    assert as_spectrum(recording(y=585 * Y, y_units="ABSORBANCE")).ordinate is Ordinate.INTENSITY


def test_missing_points_are_left_out_and_other_gaps_refused() -> None:
    y = Y.copy()
    y[[3, 7]] = np.nan
    assert as_spectrum(recording(y=y, n_missing=2)).n_points == X.size - 2
    with pytest.raises(NotASpectrum, match="2 of 81 ordinates are not finite.*the first at point 4"):
        as_spectrum(recording(y=y))
    y[9] = np.inf
    with pytest.raises(NotASpectrum, match="1 of 79"):
        as_spectrum(recording(y=y, n_missing=2))
    x = X.copy()
    x[5] = np.nan
    with pytest.raises(NotASpectrum, match="axis holds 1 values that are not finite, the first at point 6"):
        as_spectrum(recording(x=x))


def test_the_axis_runs_one_way() -> None:
    assert np.array_equal(as_spectrum(recording(x=X[::-1], y=Y[::-1])).intensity, Y)
    twice = X.copy()
    twice[10] = twice[9]
    for axis in (twice, twice[::-1]):
        with pytest.raises(NotASpectrum, match="repeats"):
            as_spectrum(recording(x=axis))
    back = X.copy()
    back[10] = back[8]
    with pytest.raises(NotASpectrum, match="turns back at 560 cm"):
        as_spectrum(recording(x=back))


@pytest.mark.parametrize(("n", "passes"), [(31, False), (32, True), (100_000, True), (100_001, False)])
def test_the_number_of_points(n: int, passes: bool) -> None:
    scan = recording(x=np.linspace(100, 3000, n), y=np.ones(n))
    if passes:
        assert as_spectrum(scan).n_points == n
    else:
        with pytest.raises(NotASpectrum, match=r"too few|too many"):
            as_spectrum(scan)


def test_anti_stokes_is_raman_and_no_infrared() -> None:
    axis = np.linspace(-200, 3000, 81)
    assert as_spectrum(recording(x=axis)).axis[0] == -200
    with pytest.raises(NotASpectrum, match="wavenumber of -200 at point 1"):
        as_spectrum(infrared(x=axis))


def test_an_empty_recording_has_a_sentence_too() -> None:
    empty = np.zeros(0)
    with pytest.raises(NotASpectrum, match="0 points are too few"):
        as_spectrum(recording(x=empty, y=empty))
    with pytest.raises(NotASpectrum):
        as_spectrum(infrared(x=empty, y=empty), Stated(y_units="absorbance"))
