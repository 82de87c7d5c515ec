from __future__ import annotations

import numpy as np
import pytest

from device_adapters import MalformedFile, NotASpectrum, as_spectrum, read
from tests.device_adapters.made_files import N, X, Y, bwtek


@pytest.mark.parametrize("decimal", [",", "."])
def test_decimal_comma_and_point_give_the_same_scan(decimal: str) -> None:
    scan, dark, raw = read(bwtek(decimal), "a.txt")
    assert (scan.title, scan.kind, scan.technique, scan.x_units) == ("Dark Subtracted #1", "curve", "raman", "cm-1")
    assert np.allclose(scan.x, np.round(X[3:], 2))
    assert np.allclose(scan.y, [100 + y for y in Y[3:]])
    assert (dark.title, dark.kind) == ("Dark", "auxiliary")
    assert (raw.title, raw.kind) == ("Raw data #1", "auxiliary")
    assert np.allclose(raw.y - dark.y, scan.y)
    assert scan.metadata["laser_nm"] == 784.9
    assert scan.metadata["dark_subtracted"] is True
    assert scan.metadata["time_as_written"] == "2023-04-11 16:58:57"
    assert "operator" not in scan.metadata
    assert as_spectrum(scan).laser_nm == 784.9


def test_comma_and_point_in_one_table_are_refused() -> None:
    data = bwtek(",").replace(b"900,0000;65535,0000;1180", b"900.0000;65535.0000;1180", 1)
    with pytest.raises(MalformedFile, match="decimal comma and decimal point stand in one table"):
        read(data, "a.txt")


@pytest.mark.parametrize(("unit", "integration_s"), [("ms", 2.5), ("us", 0.0025)])
def test_the_misspelt_integration_time_in_both_units(unit: str, integration_s: float) -> None:
    metadata = read(bwtek(unit=unit), "a.txt")[0].metadata
    assert metadata["integration"] == f"2500 {unit}"
    assert metadata["integration_s"] == pytest.approx(integration_s)


def test_a_multiplied_time_is_kept_as_written_only() -> None:
    metadata = read(bwtek().replace(b"time_multiply;1", b"time_multiply;5"), "a.txt")[0].metadata
    assert metadata["integration"] == "2500 ms, time_multiply 5"
    assert "integration_s" not in metadata


def test_pixels_without_an_axis_are_left_out_and_said() -> None:
    (scan, *_) = read(bwtek(n_blank=5), "a.txt")
    assert scan.x.size == N - 5
    assert scan.n_declared == N - 5
    assert "5 pixels without a calibrated axis are left out" in scan.warnings
    assert as_spectrum(scan).n_points == N - 5


def test_a_reference_of_65535_throughout_is_a_fill_and_a_raw_value_of_it_saturation() -> None:
    recordings = read(bwtek(), "a.txt")
    assert "Reference" not in [recording.title for recording in recordings]
    assert recordings[0].metadata["is_saturated"] is False
    raw = [1000.0 + y for y in Y]
    raw[10] = 65535.0
    (scan, *_) = read(bwtek(raw=raw), "a.txt")
    assert scan.metadata["is_saturated"] is True
    assert any("1 raw values stand at 65535" in warning for warning in scan.warnings)


def test_a_dark_subtracted_value_that_is_not_raw_minus_dark_is_said() -> None:
    (scan, *_) = read(bwtek(off=-147_407.0), "a.txt")
    assert any("37 dark-subtracted values are not raw minus dark (by up to 147407)" in said for said in scan.warnings)
    assert not any("raw minus dark" in said for said in read(bwtek(), "a.txt")[0].warnings)


def test_a_scan_without_laser_light_is_said() -> None:
    (scan, *_) = read(bwtek().replace(b"laser_powerlevel;100", b"laser_powerlevel;0"), "a.txt")
    assert any("power level is 0" in warning for warning in scan.warnings)


def test_a_truncated_file_is_refused_by_the_gate() -> None:
    lines = bwtek().splitlines(keepends=True)
    (scan, *_) = read(b"".join(lines[:-4]), "a.txt")
    assert "40 pixels declared, 36 found" in scan.warnings
    with pytest.raises(NotASpectrum, match="truncated: 37 declared, 33 found"):
        as_spectrum(scan)
    (scan, *_) = read(bwtek()[:-9], "a.txt")
    with pytest.raises(NotASpectrum, match="truncated: the file breaks off"):
        as_spectrum(scan)


def test_rows_of_another_length_and_cells_of_letters_are_named() -> None:
    with pytest.raises(MalformedFile, match=r"line 22: 8 cells stand below 9 names"):
        read(bwtek().replace(b"9;809,00;", b"9;", 1), "a.txt")
    with pytest.raises(MalformedFile, match=r"line 22: '8O9,00' is no number"):
        read(bwtek().replace(b"9;809,00;", b"9;8O9,00;", 1), "a.txt")
    with pytest.raises(MalformedFile, match="no line 'Pixel;…'"):
        read(b"File Version;BWSpec4.11_1\r\nDate;x\r\n", "a.txt")


def test_without_a_raman_shift_the_wavelength_is_the_axis() -> None:
    data = bwtek(".").replace(b"Raman Shift", b"Other")
    (scan, *_) = read(data, "a.txt")
    assert (scan.x_units, scan.technique) == ("nm", "unknown")
