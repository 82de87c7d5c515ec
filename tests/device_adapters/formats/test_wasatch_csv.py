from __future__ import annotations

import numpy as np
import pytest

from device_adapters import MalformedFile, NotASpectrum, Stated, Unstated, as_spectrum, read
from tests.device_adapters.made_files import N, X, Y, wasatch


def test_the_shift_is_the_axis_and_cropped_pixels_are_missing() -> None:
    scan, raw, dark = read(wasatch(), "a.csv")
    assert (scan.title, scan.x_units, scan.technique) == ("Processed", "cm-1", "raman")
    assert np.isnan(scan.y[:2]).all()
    assert scan.n_missing == 2
    assert np.array_equal(scan.y[2:], Y[2:])
    assert (raw.kind, dark.kind) == ("auxiliary", "auxiliary")
    spectrum = as_spectrum(scan)
    assert spectrum.n_points == N - 2
    assert np.allclose(spectrum.axis, np.round(X[2:], 2))


def test_metadata() -> None:
    metadata = read(wasatch(), "a.csv")[0].metadata
    assert metadata["laser_nm"] == 785.041
    assert (metadata["integration"], metadata["integration_s"]) == ("3000 ms", 3.0)
    assert (metadata["laser_power"], metadata["laser_power_mw"]) == ("35.9 %", 100.0)
    assert (metadata["serial"], metadata["firmware"]) == ("WP-02071", "10.0.0.10")
    assert metadata["software"] == "ENLIGHTEN 4.1.6"
    assert not {"comment", "device_result", "time_utc"} & set(metadata)


def test_an_old_file_has_wavelengths_only_and_its_own_laser_makes_them_a_shift() -> None:
    (scan,) = read(wasatch(("Wavelength", "Processed"), n_na=0), "a.csv")
    assert (scan.x_units, scan.x[0]) == ("nm", 800.0)
    assert as_spectrum(scan).axis[0] == pytest.approx(1e7 / 785.041 - 1e7 / 800.0)


def test_without_a_laser_wavelengths_are_no_shift() -> None:
    data = wasatch(("Wavelength", "Processed"), n_na=0).replace(b"Laser Wavelength,785.041", b"Laser Wavelength,0.0")
    (scan,) = read(data, "a.csv")
    assert "laser_nm" not in scan.metadata
    with pytest.raises(Unstated, match="no Raman shift without its laser"):
        as_spectrum(scan)


@pytest.mark.parametrize("technique", ["Absorbance", "Scope", "Transmission"])
def test_other_techniques_of_the_software_are_no_scans(technique: str) -> None:
    (scan, *_) = read(wasatch().replace(b"Technique,Raman", f"Technique,{technique}".encode()), "a.csv")
    assert (scan.technique, scan.metadata["data_type"]) == ("unknown", technique)
    with pytest.raises(NotASpectrum, match=f"the file calls it '{technique}'"):
        as_spectrum(scan, Stated(technique="raman"))


def test_a_laser_that_was_off_is_said() -> None:
    (scan, *_) = read(wasatch().replace(b"Laser Enable,True", b"Laser Enable,False"), "a.csv")
    assert "the file says that the laser was not enabled" in scan.warnings


def test_raw_alone_is_the_scan() -> None:
    scan, dark = read(wasatch(("Wavenumber", "Raw", "Dark")), "a.csv")
    assert (scan.title, scan.kind, dark.kind) == ("Raw", "curve", "auxiliary")


def test_a_match_the_software_declares_is_kept_verbatim() -> None:
    data = wasatch().replace(b"Note,", b"Declared Match,Ethanol\r\nDeclared Score,91.5\r\nNote,")
    metadata = read(data, "a.csv")[0].metadata
    assert metadata["device_result"] == "Declared Match,Ethanol\nDeclared Score,91.5"
    assert metadata["device_hits"] == [{"id": None, "name": "Ethanol", "value": 91.5}]
    assert metadata["not_composition"] is True


def test_truncated_and_broken_files() -> None:
    lines = wasatch().splitlines(keepends=True)
    (scan, *_) = read(b"".join(lines[:-5]), "a.csv")
    with pytest.raises(NotASpectrum, match="truncated: 40 declared, 35 found"):
        as_spectrum(scan)
    with pytest.raises(MalformedFile, match=r"line 20: 5 cells stand below 6 names"):
        read(wasatch().replace(b"\r\n1,800.20,", b"\r\n1,"), "a.csv")
    with pytest.raises(MalformedFile, match="names the columns"):
        read(wasatch().replace(b"Pixel,Wavelength", b"P,W"), "a.csv")
