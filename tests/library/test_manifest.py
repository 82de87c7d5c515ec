from __future__ import annotations

import pytest

from library.errors import BrokenManifest, BrokenReferences
from library.manifest import REQUIRED_COLUMNS, parse_manifest
from spectra.reference import Grade
from spectra.spectrum import Technique

HEADER = ",".join(REQUIRED_COLUMNS)
ROW = "a.jdx,cocaine,hydrochloride,53-21-4,ZPUCINDJVBIVPJ-LJISPDSOSA-N,stimulant,yes,ftir,ATR,made,CC0-1.0"


def refusal(*lines: str, content: bytes | None = None) -> str:
    with pytest.raises((BrokenManifest, BrokenReferences)) as caught:
        parse_manifest(content if content is not None else "\n".join(lines).encode(), "m.csv")
    return str(caught.value)


def test_a_row_keeps_all_it_says() -> None:
    (row,) = parse_manifest(f"{HEADER},watch,schedules\n{ROW},no,US:II; UK:A\n".encode(), "m.csv")
    assert (row.line, row.file, row.matrix_row, row.technique) == (2, "a.jdx", None, Technique.FTIR)
    entry = row.entry(Grade.BAND_TABLE)
    assert entry.id == "a.jdx"
    assert (entry.substance, entry.form, entry.cas) == ("cocaine", "hydrochloride", "53-21-4")
    assert (entry.controlled, entry.watch, entry.grade) == (True, False, Grade.BAND_TABLE)
    assert entry.schedules == (("US", "II"), ("UK", "A"))
    assert (entry.mode, entry.source, entry.licence) == ("ATR", "made", "CC0-1.0")


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_byte_order_mark_and_line_ends_make_no_difference(start: str, end: str) -> None:
    rows = parse_manifest(f"{start}{HEADER}{end}{ROW}{end}{end}".encode(), "m.csv")
    assert [row.substance for row in rows] == ["cocaine"]


@pytest.mark.parametrize(("controlled", "expected"), [("yes", True), ("no", False), ("YES", True), ("No", False)])
def test_watch_defaults_to_controlled(controlled: str, expected: bool) -> None:
    changed = ROW.replace(",yes,", f",{controlled},")
    without = parse_manifest(f"{HEADER}\n{changed}".encode(), "m.csv")[0]
    empty = parse_manifest(f"{HEADER},watch\n{changed},".encode(), "m.csv")[0]
    assert (without.controlled, without.watch, empty.watch) == (expected, expected, expected)


def test_empty_cells_are_unknown() -> None:
    (row,) = parse_manifest(f"{HEADER}\nspectra.npz#17,x,,,,,no,raman,,,".encode(), "m.csv")
    assert (row.form, row.cas, row.inchikey, row.substance_class, row.mode) == (None,) * 5
    assert (row.file, row.matrix_row, row.id) == ("spectra.npz", 17, "spectra.npz#17")


@pytest.mark.parametrize(
    ("old", "new", "column", "what"),
    [
        (",ftir,", ",xrf,", "technique", "'xrf'"),
        (",ftir,", ",,", "technique", "an empty cell"),
        (",yes,", ",maybe,", "controlled", "'maybe'"),
        (",yes,", ",,", "controlled", "an empty cell"),
        ("cocaine", "", "substance", "is empty"),
        ("a.jdx", "", "file", "is empty"),
        ("a.jdx", "../a.jdx", "file", "outside"),
        ("a.jdx", "x/../../a.jdx", "file", "outside"),
        ("a.jdx", "/etc/passwd", "file", "outside"),
        ("a.jdx", "..\\a.jdx", "file", "outside"),
        ("a.jdx", "C:\\a.jdx", "file", "outside"),
        ("a.jdx", "s.npz", "file", "s.npz#ROW"),
        ("a.jdx", "s.npz#-1", "file", "'-1'"),
        ("a.jdx", "s.npz#first", "file", "'first'"),
        ("CC0-1.0", "CC0-1.0,extra", "licence", "12 cells"),
        (",CC0-1.0", "", "licence", "10 cells"),
    ],
)
def test_a_bad_cell_is_named_by_line_and_column(old: str, new: str, column: str, what: str) -> None:
    message = refusal(HEADER, ROW.replace("a.jdx", "good.jdx"), ROW.replace(old, new))
    assert f"m.csv has 1 row that cannot be used: line 3, column {column}: " in message
    assert what in message


def test_a_schedule_without_a_place_is_refused() -> None:
    assert "column schedules: 'II'" in refusal(f"{HEADER},schedules", f"{ROW},II")


def test_a_file_named_twice_is_refused_with_both_lines() -> None:
    message = refusal(HEADER, ROW, ROW)
    assert "line 3, column file: a.jdx is already named in line 2" in message


def test_all_bad_rows_are_counted_and_twenty_are_shown() -> None:
    message = refusal(HEADER, *[ROW.replace("a.jdx", f"{i}.jdx").replace("ftir", "xrf") for i in range(25)])
    assert "25 rows" in message
    assert message.count("column technique") == 20
    assert message.endswith("and 5 more")


@pytest.mark.parametrize("column", REQUIRED_COLUMNS)
def test_every_required_column_is_required(column: str) -> None:
    header = ",".join(name for name in REQUIRED_COLUMNS if name != column)
    assert f"lacks the column {column}" in refusal(header, ROW)


def test_semicolons_are_pointed_out() -> None:
    assert "separate the columns with commas" in refusal(HEADER.replace(",", ";"), ROW.replace(",", ";"))


def test_a_column_named_twice_is_refused() -> None:
    assert "names the column cas twice" in refusal(f"{HEADER},cas", f"{ROW},x")


def test_no_text_no_rows_no_csv() -> None:
    assert "is empty" in refusal("")
    assert "names no reference" in refusal(HEADER, "", ",,,,,,,,,,")
    assert "not a valid CSV file" in refusal(HEADER, '"a.jdx" x,')


def test_other_encodings_are_refused_with_the_line() -> None:
    latin = f"{HEADER}\n{ROW}\n{ROW.replace('cocaine', 'kokaïn')}".encode("latin-1")
    assert "not UTF-8 (line 3)" in refusal(content=latin)
    assert "not UTF-8" in refusal(content=f"{HEADER}\n{ROW}".encode("utf-16"))
