from __future__ import annotations

import numpy as np
import pytest

from device_adapters import MalformedFile, NotASpectrum, Stated, as_spectrum, read
from tests.device_adapters.made_files import N, X, Y, horiba_xml


def test_a_scan_with_the_measured_laser() -> None:
    (scan,) = read(horiba_xml(), "a.xml")
    assert (scan.x_units, scan.y_units, scan.technique, scan.title) == ("cm-1", "Cnt/sec", "raman", "test_3s")
    assert np.array_equal(scan.x, X)
    assert np.array_equal(scan.y, Y)
    assert scan.metadata["laser_nm"] == scan.metadata["laser_nm_calibrated"] == 632.817
    assert scan.metadata["integration_s"] == 3.0


def test_a_map_has_its_places() -> None:
    scans = read(horiba_xml(n_rows=3), "a.xml")
    assert [scan.metadata["block"] for scan in scans] == ["X 0 µm", "X 1 µm", "X 2 µm"]
    assert np.array_equal(scans[1].y, [y + 1 for y in Y])


def test_wavelengths_and_absolute_wavenumbers_are_no_raman_shift() -> None:
    (scan,) = read(horiba_xml("nm"), "a.xml")
    assert (scan.x_units, scan.technique) == ("nm", "unknown")
    (scan,) = read(horiba_xml("1/cm abs"), "a.xml")
    assert scan.metadata["x_units_as_written"] == "1/cm abs"
    with pytest.raises(NotASpectrum, match="absolute wavenumbers"):
        as_spectrum(scan, Stated(technique="raman"))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (b"<LSX_Data>", b"<!DOCTYPE a><LSX_Data>", "declares a document type"),
        (b"</LSX_Data>", b"", "line 3: the XML is broken"),
        (b"<LSX_Row", b"<LSX_Roe", "line 2: the XML is broken"),
        (b"200.0 ", b"2OO.0 ", "the axis: value 1 is no number"),
        (b"200.0 ", b"", f"row 0 holds {N} numbers, the axis {N - 1}"),
        (b"0x7B697861", b"0x0", "no axis with its values"),
        (b"LSX_Matrix", b"LSX_Other", "0 rows of data"),
    ],
)
def test_what_does_not_fit_is_refused(old: bytes, new: bytes, sentence: str) -> None:
    with pytest.raises(MalformedFile, match=sentence):
        read(horiba_xml().replace(old, new), "a.xml")


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(MalformedFile, match="nested too deeply"):
        read(b"<LSX_Data>" + b"<LSX>" * 100_000, "a.xml")
