from __future__ import annotations

import re

import numpy as np
import pytest

from device_adapters import AdapterError, MalformedFile, NotASpectrum, Recording, as_spectrum, read
from tests.device_adapters.jcamp_encoding import encode_lines, jcamp

VALUES = [int(1000 + 400 * np.sin(i / 5)) for i in range(60)]


def one(data: bytes) -> Recording:
    (recording,) = read(data, "a.jdx")
    return recording


def test_a_whole_file_is_read_as_written() -> None:
    data = jcamp(encode_lines(VALUES, "DIFDUP"), 60, y_factor="0.5", extra=["##CAS REGISTRY NO=50-36-2"])
    recording = one(data)
    assert recording.format == "jcamp-dx"
    assert recording.technique == "raman"
    assert recording.title == "a test"
    assert recording.x.tolist() == [400.0 + i for i in range(60)]
    assert recording.y.tolist() == [value / 2 for value in VALUES]
    assert (recording.x_units, recording.y_units) == ("cm-1", "ARBITRARY UNITS")
    assert recording.n_declared == 60
    assert recording.metadata["cas"] == "50-36-2"
    assert recording.header.startswith("##TITLE=a test\n##JCAMP-DX=4.24\n")
    assert recording.header.endswith("##XYDATA=(X++(Y..Y))")
    assert recording.warnings == ()


@pytest.mark.parametrize("newline", [b"\r\n", b"\r", b"\n"])
def test_line_ends_of_all_systems(newline: bytes) -> None:
    data = jcamp(encode_lines(VALUES, "AFFN"), 60).replace(b"\n", newline)
    assert one(data).y.tolist() == VALUES


def test_comments_ctrl_z_and_blank_lines_are_no_data() -> None:
    lines = encode_lines(VALUES, "PAC")
    lines[2] += " $$ 12 34"
    lines.insert(4, "$$ 1 2 3")
    lines.insert(5, "")
    data = jcamp(lines, 60, end="##END= $$ of the block\n\x1agarbage \x00\x01")
    assert one(data).y.tolist() == VALUES


def test_labels_are_compared_without_blanks_dashes_slashes_and_case() -> None:
    data = jcamp(encode_lines(VALUES, "AFFN"), 60).replace(b"##DATA TYPE=", b"## data_Type =")
    data = data.replace(b"##NPOINTS=", b"##N-Points =").replace(b"##XYDATA=", b"##XY DATA= ")
    assert one(data).technique == "raman"
    assert one(data).n_declared == 60


def test_latin_1_text_is_kept() -> None:
    data = jcamp(encode_lines(VALUES, "AFFN"), 60, extra=["##SPECTROMETER/DATA SYSTEM=Gerät"])
    assert one(data).metadata["instrument"] == "Gerät"


def test_a_descending_axis_keeps_its_order() -> None:
    lines = [f"{400 - i} {VALUES[i]} {VALUES[i + 1]}" for i in range(0, 60, 2)]
    recording = one(jcamp(lines, 60, first_x=400, last_x=341))
    assert recording.x[0] == 400
    assert recording.x[-1] == 341
    assert as_spectrum(recording).axis[0] == 341


def test_without_last_x_the_step_rules_and_without_both_the_lines() -> None:
    data = jcamp(encode_lines(VALUES, "AFFN"), 60)
    stepped = data.replace(b"##LASTX=459.0\n", b"##DELTAX=1\n")
    assert one(stepped).x[-1] == 459
    assert one(data.replace(b"##LASTX=459.0\n", b"")).x[-1] == 459
    assert one(data.replace(b"##LASTX=459.0\n", b"").replace(b"##FIRSTX=400.0\n", b"")).x[0] == 400


def test_a_rounded_step_does_not_stretch_the_axis() -> None:
    data = jcamp(encode_lines(VALUES, "AFFN"), 60, extra=["##DELTAX=1.02"])
    assert one(data).x[-1] == 459


def test_missing_ordinates_are_counted_and_left_out_of_the_spectrum() -> None:
    lines = encode_lines(VALUES, "AFFN")
    lines[1] = lines[1].replace(f" {VALUES[13]} ", " ? ", 1)
    recording = one(jcamp(lines, 60))
    assert recording.n_missing == 1
    assert recording.x.size == 60
    assert np.isnan(recording.y).sum() == 1
    assert as_spectrum(recording).n_points == 59


def test_fewer_points_than_declared_are_read_on_the_declared_grid_and_refused_by_the_gate() -> None:
    recording = one(jcamp(encode_lines(VALUES, "SQZ"), 1661, last_x=2060.0))
    assert recording.x.size == 60
    assert recording.x[-1] == 459
    assert recording.n_declared == 1661
    assert "1,661 points declared, 60 found" in recording.warnings
    with pytest.raises(NotASpectrum, match="truncated: 1,661 declared, 60 found"):
        as_spectrum(recording)


def test_a_trillion_declared_points_allocate_nothing() -> None:
    recording = one(jcamp(encode_lines(VALUES, "AFFN"), 10**12, last_x=459.0))
    assert recording.x.size == 60
    with pytest.raises(NotASpectrum, match="truncated"):
        as_spectrum(recording)


def test_more_points_than_declared_are_refused_by_the_gate() -> None:
    recording = one(jcamp(encode_lines(VALUES, "AFFN"), 50, last_x=449.0))
    with pytest.raises(NotASpectrum, match="50 points declared, 60 found"):
        as_spectrum(recording)


@pytest.mark.parametrize("form", ["AFFN", "SQZ", "DIFDUP"])
def test_a_line_lost_in_the_middle_is_seen_even_where_no_count_is_declared(form: str) -> None:
    lines = encode_lines(VALUES, form)
    del lines[3]
    with pytest.raises(AdapterError):
        as_spectrum(one(jcamp(lines, None, last_x=459.0)))


def test_a_line_lost_and_another_doubled_is_seen_though_the_count_fits() -> None:
    lines = encode_lines(VALUES, "AFFN")
    lines[3] = lines[4]
    with pytest.raises(MalformedFile, match="do not begin where the axis is, the first in line 17"):
        one(jcamp(lines, 60))


def test_a_wrong_check_value_is_refused_and_a_wrong_closing_one_only_noted() -> None:
    lines = encode_lines(VALUES, "DIF")
    broken = lines.copy()
    broken[2] = re.sub("[A-I]", lambda found: "B" if found[0] != "B" else "C", broken[2], count=1)
    with pytest.raises(MalformedFile, match="^line 16: the check value"):
        one(jcamp(broken, 60))
    lines[-1] = "459@"
    recording = one(jcamp(lines, 60))
    assert recording.y.tolist() == VALUES
    assert "closing check value" in recording.warnings[0]


def test_a_first_y_that_is_off_is_noted() -> None:
    data = jcamp(encode_lines(VALUES, "AFFN"), 60, extra=["##FIRSTY=7"])
    assert "FIRSTY says 7" in one(data).warnings[0]
    assert one(data.replace(b"FIRSTY=7", b"FIRSTY=seven")).warnings == ()


def test_a_file_that_breaks_off_inside_a_number_is_truncated() -> None:
    data = jcamp(encode_lines(VALUES, "AFFN"), 60, end="")
    assert as_spectrum(one(data)).n_points == 60
    assert one(data).warnings == ("the block has no ##END=",)
    with pytest.raises(NotASpectrum, match="truncated: 60 declared, 59 found"):
        as_spectrum(one(data[:-2]))


def test_without_end_and_count_nothing_shows_that_the_data_are_complete() -> None:
    data = jcamp(encode_lines(VALUES, "AFFN"), None, end="").replace(b"##LASTX=405.0\n", b"##DELTAX=1\n")
    with pytest.raises(MalformedFile, match="truncated"):
        one(data)


@pytest.mark.parametrize("at", range(300, 640, 7))
def test_no_truncation_passes_the_gate(at: int) -> None:
    data = jcamp(encode_lines(VALUES, "DIFDUP"), 60)
    whole = as_spectrum(one(data))
    complete_from = data.rindex(b"\n459")
    try:
        spectrum = as_spectrum(one(data[:at]))
    except AdapterError:
        return
    assert at > complete_from
    assert np.array_equal(spectrum.intensity, whole.intensity)


def test_points_and_peak_tables_and_widths() -> None:
    points = jcamp(["400,1; 401,2", "402, 3;403 4"], 4, form="##XYPOINTS=(XY..XY)")
    assert one(points).y.tolist() == [1, 2, 3, 4]
    assert one(points).kind == "curve"
    peaks = one(jcamp(["620.9,16 795.8,10", "1001.4,100"], 3, form="##PEAK TABLE=(XY..XY)"))
    assert peaks.kind == "peaks"
    assert peaks.x.tolist() == [620.9, 795.8, 1001.4]
    wide = one(jcamp(["620.9,16,4.5", "1001.4,100,3"], 2, form="##PEAK TABLE=(XYW..XYW)"))
    assert wide.widths is not None
    assert wide.widths.tolist() == [4.5, 3.0]
    with pytest.raises(NotASpectrum, match="a reference, not a scan"):
        as_spectrum(wide)


def test_peak_assignments_where_they_are_simple() -> None:
    lines = ["(620.9, 16, <ring, in plane>)", "(1001.4, 100, <ring breathing>)"]
    recording = one(jcamp(lines, None, form="##PEAK ASSIGNMENTS=(XYA)"))
    assert recording.kind == "peaks"
    assert recording.x.tolist() == [620.9, 1001.4]


def test_a_decimal_comma_is_seen_in_the_header_and_used_in_the_data() -> None:
    data = jcamp(["400,5, 1,25", "401,5, 2,5"], 2, form="##XYPOINTS=(XY..XY)")
    data = data.replace(b"##FIRSTX=400.0", b"##FIRSTX=400,5").replace(b"##LASTX=401.0", b"##LASTX=401,5")
    assert one(data).x.tolist() == [400.5, 401.5]
    assert one(data).y.tolist() == [1.25, 2.5]


def test_blocks_with_and_without_link_are_all_read() -> None:
    block = jcamp(encode_lines(VALUES, "AFFN"), 60)
    linked = b"##TITLE=all\n##DATA TYPE=LINK\n##BLOCKS=2\n" + block + block + b"##END=\n"
    assert [recording.index for recording in read(linked, "a.jdx")] == [0, 1]
    assert len(read(block + b"\n" + block, "a.jdx")) == 2
    nested = b"##TITLE=outer\n##DATA TYPE=LINK\n##BLOCKS=1\n" + linked + b"##END=\n"
    assert [recording.title for recording in read(nested, "a.jdx")] == ["a test", "a test"]


def test_ntuples_of_two_variables_are_read_page_by_page() -> None:
    text = """##TITLE=two pages
##JCAMP-DX=5.01
##DATA TYPE=INFRARED SPECTRUM
##DATA CLASS=NTUPLES
##NTUPLES=INFRARED SPECTRUM
##VAR_NAME=WAVENUMBER, ABSORBANCE, PAGE
##SYMBOL=X, Y, N
##VAR_DIM=4, 4, 2
##UNITS=1/CM, ABSORBANCE,
##FIRST=400, 0.1, 1
##LAST=403, 0.4, 2
##FACTOR=1, 0.1, 1
##PAGE=N=1
##DATA TABLE=(X++(Y..Y)), XYDATA
400 1 2 3 4
##PAGE=N=2
##DATA TABLE=(XY..XY), XYPOINTS
400,5 401,6 402,7 403,8
##END NTUPLES=INFRARED SPECTRUM
##END=
"""
    first, second = read(text.encode(), "a.jdx")
    assert first.technique == "ftir"
    assert first.x.tolist() == [400, 401, 402, 403]
    assert np.allclose(first.y, [0.1, 0.2, 0.3, 0.4])
    assert first.y_units == "ABSORBANCE"
    assert np.allclose(second.y, [0.5, 0.6, 0.7, 0.8])
    assert second.n_declared == 4


@pytest.mark.parametrize(
    ("data_type", "technique"),
    [
        ("INFRARED SPECTRUM", "ftir"),
        ("infrared", "ftir"),
        ("FT-IR SPECTRUM", "ftir"),
        ("RAMAN SPECTRUM", "raman"),
        ("UV/VIS SPECTRUM", "unknown"),
        ("NEAR INFRARED SPECTRUM", "unknown"),
        ("INFRARED INTERFEROGRAM", "unknown"),
        ("NMR FID", "unknown"),
    ],
)
def test_the_data_type_names_the_technique(data_type: str, technique: str) -> None:
    recording = one(jcamp(encode_lines(VALUES, "AFFN"), 60, data_type=data_type))
    assert recording.technique == technique
    assert recording.metadata["data_type"] == data_type


def test_another_technique_is_read_and_refused_by_its_name() -> None:
    recording = one(jcamp(encode_lines(VALUES, "AFFN"), 60, data_type="UV/VIS SPECTRUM", x_units="NANOMETERS"))
    assert recording.x_units == "nm"
    with pytest.raises(NotASpectrum, match="UV/VIS SPECTRUM"):
        as_spectrum(recording)


def test_metadata_of_a_scan() -> None:
    extra = [
        "##SAMPLING PROCEDURE=single bounce diamond ATR",
        "##$LASER WAVELENGTH=784.9 nm",
        "##RESOLUTION=4",
        "##DATE=26/03/06",
        "##TIME=12:00:01",
        "##$INCHIKEY=ZPUCINDJVBIVPJ-LJISPDSOSA-N",
    ]
    metadata = one(jcamp(encode_lines(VALUES, "AFFN"), 60, extra=extra)).metadata
    assert metadata["mode"] == "ATR"
    assert metadata["laser_nm"] == 784.9
    assert metadata["resolution"] == "4"
    assert metadata["time_as_written"] == "26/03/06 12:00:01"
    assert metadata["inchikey"] == "ZPUCINDJVBIVPJ-LJISPDSOSA-N"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((b"##FIRSTX=400.0", b"##FIRSTX=four"), "FIRSTX"),
        ((b"##NPOINTS=60", b"##NPOINTS=-5"), "no count"),
        ((b"##NPOINTS=60", b"##NPOINTS=1e9999"), "NPOINTS"),
        ((b"##YFACTOR=1", b"##YFACTOR=0"), "YFACTOR"),
        ((b"(X++(Y..Y))", b"(Z..Z)"), "no table"),
        ((b"##XYDATA=(X++(Y..Y))", b"##RADATA=(R++(A..A))"), "interferogram"),
    ],
)
def test_a_broken_header_is_refused_with_its_reason(change: tuple[bytes, bytes], reason: str) -> None:
    with pytest.raises(MalformedFile, match=reason):
        one(jcamp(encode_lines(VALUES, "AFFN"), 60).replace(*change))


def test_a_file_without_data_is_refused() -> None:
    with pytest.raises(MalformedFile, match="no data table"):
        one(b"##TITLE=x\n##JCAMP-DX=4.24\n##END=\n")


def test_more_blocks_than_the_limit_are_refused() -> None:
    with pytest.raises(MalformedFile, match="more than"):
        read(b"##TITLE=x\n##END=\n" * 11_000, "a.jdx")


def test_more_labels_than_the_limit_are_refused() -> None:
    with pytest.raises(MalformedFile, match="more than"):
        read(b"##TITLE=x\n" + b"##A=\n" * 210_000, "a.jdx")
