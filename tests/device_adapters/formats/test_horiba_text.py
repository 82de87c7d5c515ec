from __future__ import annotations

import numpy as np
import pytest

from device_adapters import MalformedFile, NotASpectrum, Stated, as_spectrum, read
from tests.device_adapters.made_files import AXES, N, X, Y, horiba_text


def test_a_descending_scan_in_latin_1() -> None:
    (scan,) = read(horiba_text(), "a.txt")
    assert (scan.format, scan.x_units, scan.y_units, scan.technique) == ("horiba-text", "cm-1", "Cnt", "raman")
    assert np.array_equal(scan.x, X[::-1])
    assert np.array_equal(as_spectrum(scan).intensity, Y[::-1])
    assert scan.metadata["detector_temperature_c"] == -60.09
    assert "Detector temperature (°C)" in scan.header


def test_metadata_with_the_day_as_written() -> None:
    metadata = read(horiba_text(), "a.txt")[0].metadata
    assert metadata["time_as_written"] == "08.01.2025 11:38:52"
    assert metadata["laser_nm"] == 473.0
    assert (metadata["integration"], metadata["integration_s"], metadata["accumulations"]) == ("0.4 s", 0.4, "50")
    assert metadata["resolution_cm1"] == 31.1
    assert not {"comment", "sample", "time_utc"} & set(metadata)


def test_without_axis_lines_the_unit_is_that_of_the_spectrograph() -> None:
    (scan,) = read(horiba_text(()), "a.txt")
    assert (scan.x_units, scan.y_units, scan.technique) == ("cm-1", "unknown", "raman")
    data = horiba_text(()).replace("#Spectro (cm-¹)=".encode("latin-1"), b"#Spectro (nm)=")
    (scan,) = read(data, "a.txt")
    assert (scan.x_units, scan.technique) == ("nm", "unknown")


def test_absolute_wavenumbers_are_no_shift() -> None:
    (scan,) = read(horiba_text([*AXES[:3], "#AxisUnit[1]=1/cm abs"]), "a.txt")
    with pytest.raises(NotASpectrum, match="absolute wavenumbers"):
        as_spectrum(scan, Stated(technique="raman"))


def test_scans_in_rows() -> None:
    scans = read(horiba_text(n_rows=3), "a.txt")
    assert len(scans) == 3
    assert np.array_equal(scans[2].x, X)
    assert np.array_equal(scans[2].y, [y + 2 for y in Y])
    assert scans[2].metadata["block"] == "Points 2"


def test_broken_rows_and_broken_ends() -> None:
    with pytest.raises(MalformedFile, match="line 16: 'x' is no number"):
        read(horiba_text().replace(f"{X[-1]}\t".encode(), b"x\t", 1), "a.txt")
    with pytest.raises(MalformedFile, match=f"numbers stand below an axis of {N} points"):
        read(horiba_text(n_rows=2).replace(b"\n1\t", b"\n1\t7\t"), "a.txt")
    (scan,) = read(horiba_text()[:-3], "a.txt")
    with pytest.raises(NotASpectrum, match="truncated: the file breaks off"):
        as_spectrum(scan)
    scans = read(horiba_text(n_rows=3)[:-3], "a.txt")
    assert len(scans) == 2
    assert "the scan in it is not used" in scans[-1].warnings[0]
