from __future__ import annotations

import codecs

import numpy as np
import pytest

from device_adapters import (
    AdapterError,
    MalformedFile,
    NotASpectrum,
    Stated,
    UnknownFormat,
    Unstated,
    as_spectrum,
    read,
)

ROWS = [(400 + 2 * i, 10.5 + i * i / 7) for i in range(40)]


def table(separator: str, decimal: str = ".", header: str = "") -> str:
    lines = [f"{x}{decimal}0{separator}{y:.4f}".replace(".", decimal) for x, y in ROWS]
    return header + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("separator", "decimal"), [(",", "."), (";", "."), ("\t", "."), ("  ", "."), (";", ","), ("\t", ","), (" ", ",")]
)
def test_separators_and_decimal_marks(separator: str, decimal: str) -> None:
    (recording,) = read(table(separator, decimal).encode(), "a.csv")
    assert recording.format == "text-table"
    assert np.allclose(recording.x, [x for x, _ in ROWS])
    assert np.allclose(recording.y, [round(y, 4) for _, y in ROWS])
    assert (recording.technique, recording.x_units, recording.y_units) == ("unknown", "unknown", "unknown")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(encoding: str) -> None:
    text = table(",", header="# Gerät: µ\nwavenumber (cm-1),absorbance\n")
    (recording,) = read(text.encode(encoding), "a.csv")
    assert recording.x.size == 40
    assert "Gerät" in recording.header


def test_utf_16_big_endian_with_its_mark() -> None:
    (recording,) = read(codecs.BOM_UTF16_BE + table(",").encode("utf-16-be"), "a.csv")
    assert recording.x.size == 40


@pytest.mark.parametrize(
    ("header", "x_units", "y_units", "technique"),
    [
        ("Raman shift (cm-1),Intensity (counts)", "cm-1", "Intensity (counts)", "raman"),
        ("raman_shift,counts", "cm-1", "counts", "raman"),
        ("Raman Shift / cm⁻¹,Intensity", "cm-1", "Intensity", "raman"),
        ("#wnum,raman", "cm-1", "raman", "raman"),
        ("wavenumber (cm-1),absorbance", "cm-1", "absorbance", "ftir"),
        ("Wavenumbers [1/cm],%T", "cm-1", "%T", "ftir"),
        ("cm-1,Transmittance", "cm-1", "Transmittance", "ftir"),
        ("wavenumber,intensity", "cm-1", "intensity", "unknown"),
        ("wavelength (nm),counts", "nm", "counts", "unknown"),
        ("Wavelength [µm],absorbance", "um", "absorbance", "unknown"),
        ("time (min),signal", "min", "unknown", "unknown"),
        ("m/z,abundance", "m/z", "unknown", "unknown"),
        ("pixel,counts", "points", "counts", "unknown"),
        ("a,b", "unknown", "unknown", "unknown"),
    ],
)
def test_only_what_the_names_plainly_say(header: str, x_units: str, y_units: str, technique: str) -> None:
    (recording,) = read(table(",", header=header + "\n").encode(), "a.csv")
    assert recording.x_units == x_units
    assert recording.y_units == y_units
    assert recording.technique == technique


def test_keys_and_values_above_the_table() -> None:
    header = (
        "Model,WP-785\nSerial Number,WP-00413\nTechnique,Raman\nLaser Wavelength,785.0 nm\nwavelength (nm),counts\n"
    )
    (recording,) = read(table(",", header=header).encode(), "a.csv")
    assert recording.technique == "raman"
    assert recording.metadata["laser_nm"] == 785.0
    assert recording.metadata["serial"] == "WP-00413"
    assert recording.metadata["instrument"] == "WP-785"


def test_several_ordinates_are_several_recordings() -> None:
    text = "Raman shift (cm-1),sample A,sample B\n" + "".join(f"{400 + i},{i},{2 * i}\n" for i in range(40))
    first, second = read(text.encode(), "a.csv")
    assert (first.title, second.title) == ("sample A", "sample B")
    assert (first.index, second.index) == (0, 1)
    assert second.y[3] == 6


def test_the_named_axis_is_used_and_other_axes_are_left_out() -> None:
    text = "Pixel,Wavelength,Raman_Shift,Raw\n" + "".join(f"{i},{785 + i},{100 + i},{i * i}\n" for i in range(40))
    (recording,) = read(text.encode(), "a.csv")
    assert recording.x[0] == 100
    assert recording.y[5] == 25
    assert "Pixel, Wavelength" in recording.warnings[0]


def test_an_index_column_without_a_name_is_no_ordinate() -> None:
    text = '"","wavenumber","absorbance"\n' + "".join(f"{i},{600 + i},{0.01 * i}\n" for i in range(40))
    (recording,) = read(text.encode(), "a.csv")
    assert recording.x[0] == 600
    assert recording.technique == "ftir"


def test_many_columns_without_an_axis_are_refused() -> None:
    text = "".join(f"{i % 3},{i},{i}\n" for i in range(40))
    with pytest.raises(MalformedFile, match="none of the 3 columns is named as an axis"):
        read(text.encode(), "a.csv")


def test_comments_and_blank_lines_between_the_rows() -> None:
    text = table("\t").replace("\n", "\n\n# note\n", 3) + "; the end\n"
    (recording,) = read(text.encode(), "a.txt")
    assert recording.x.size == 40


def test_nan_cells_are_read_and_refused_by_the_gate() -> None:
    text = table(",", header="Raman shift (cm-1),counts\n").replace("404.0,", "404.0,NaN\n405.0,", 1)
    (recording,) = read(text.encode(), "a.csv")
    assert np.isnan(recording.y[2])
    with pytest.raises(NotASpectrum, match="1 of 41 ordinates are not finite.*at point 3"):
        as_spectrum(recording)


def test_decimal_commas_between_commas_are_refused() -> None:
    text = "Raman shift (cm-1),counts\n" + "".join(f"{400 + i},5,{i},25\n" for i in range(40))
    with pytest.raises(MalformedFile, match="decimal point"):
        read(text.encode(), "a.csv")


def test_a_broken_row_is_named() -> None:
    text = table(",").replace("420.0,", "42O.0,", 1)
    with pytest.raises(MalformedFile, match="^line 11: this is no row"):
        read(text.encode(), "a.csv")
    with pytest.raises(MalformedFile, match="^line 11: 1|^line 11: 3|^line 11: this is no row"):
        read(table(",").replace("420.0,", "420.0,7,", 1).encode(), "a.csv")


def test_rows_with_blank_cells_above_the_first_whole_row_are_not_passed_over() -> None:
    text = "Pixel;Raman Shift;Raw;Dark\n0;;867,5;65535,0\n1;;868,5;65535,0\n" + "".join(
        f"{i};{100 + i},5;{i},0;{i},5\n" for i in range(2, 40)
    )
    with pytest.raises(MalformedFile, match="^line 2: this row of numbers is incomplete"):
        read(text.encode(), "a.txt")


@pytest.mark.parametrize(
    "text",
    [
        "The scan was taken at 3 pm and shows 12 bands, 4 of them sharp.\nNothing else was seen.\n" * 20,
        "<html><body><table><tr><td>400</td><td>1</td></tr></table></body></html>",
        '<?xml version="1.0"?><a>\n400 1\n401 2\n402 3\n</a>',
        '{"x": [400, 401],\n 1, 2\n 3, 4\n 5, 6\n}',
        "[400, 401, 402]\n",
        "import numpy\nx = [\n1, 2, 3,\n4, 5, 6,\n7, 8, 9,\n]\nprint(x)\n",
        "int a[] = {\n 1, 2,\n 3, 4,\n 5, 6\n};\n",
        "400 1\n401 2\n",
        "1\n2\n3\n4\n5\n",
        "name,age\nann,31\nbob,45\n",
    ],
)
def test_texts_that_are_no_table_are_refused(text: str) -> None:
    with pytest.raises((UnknownFormat, MalformedFile)):
        read(text.encode(), "a.txt")


def test_digits_and_underscores_that_only_python_takes_are_no_numbers() -> None:
    with pytest.raises(AdapterError):
        read("".join(f"4_0{i},٣\n" for i in range(9)).encode(), "a.csv")


def test_a_bare_table_needs_its_technique_and_infrared_its_units() -> None:
    (recording,) = read(table(",").encode(), "a.csv")
    with pytest.raises(Unstated, match="does not say its technique"):
        as_spectrum(recording)
    (wide,) = read("".join(f"{400 + 10 * i},{0.1 + i / 100}\n" for i in range(200)).encode(), "a.csv")
    spectrum = as_spectrum(wide, Stated(technique="ftir", y_units="absorbance"))
    assert ("technique", "ftir") in spectrum.provenance.stated
    assert ("y_units", "absorbance") in spectrum.provenance.stated


def test_a_bare_axis_that_may_be_nanometres_is_not_taken_for_a_shift() -> None:
    (recording,) = read("".join(f"{800 + i},{i}\n" for i in range(200)).encode(), "a.csv")
    with pytest.raises(Unstated, match="without a unit"):
        as_spectrum(recording, Stated(technique="raman"))


def test_durations_and_powers_above_the_table_are_numbers_too() -> None:
    header = "DeviceSN\t11111\nLaserWavelength_nm\t785\nExposure_ms\t111\nLaserPower_mW\t11.5\nRepetitionCount\t5\n"
    metadata = read(table("\t", header=header).encode(), "a.tsv")[0].metadata
    assert (metadata["integration"], metadata["integration_s"]) == ("111 ms", 0.111)
    assert (metadata["laser_power"], metadata["laser_power_mw"]) == ("11.5 mW", 11.5)
    assert (metadata["serial"], metadata["laser_nm"], metadata["accumulations"]) == ("11111", 785.0, "5")
    header = "wl,532nm\ndevice,EZI860\ninteg_time,15000\ninteg_unit,ms\nlaserPower,100\n"
    metadata = read(table(",", header=header).encode(), "a.csv")[0].metadata
    assert (metadata["integration"], metadata["integration_s"]) == ("15000 ms", 15.0)
    assert (metadata["laser_power"], metadata["instrument"], metadata["laser_nm"]) == ("100", "EZI860", 532.0)
    assert "laser_power_mw" not in metadata


def test_a_background_beside_a_scan_is_no_scan() -> None:
    text = "Raman_Shift,Raw_Data,Background_Data\n" + "".join(f"{400 + i},{i},{2 * i}\n" for i in range(40))
    scan, background = read(text.encode(), "a.csv")
    assert (scan.kind, background.kind) == ("curve", "auxiliary")
    with pytest.raises(NotASpectrum, match="'Background_Data' only belongs to a scan"):
        as_spectrum(background)
    (alone,) = read(b"Raman_Shift,Dark\n" + b"".join(b"%d,1\n" % i for i in range(40)), "a.csv")
    assert alone.kind == "curve"
