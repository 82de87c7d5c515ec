"""Read ``manifest.csv``: which references a folder library holds, and what is known of each."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from library.errors import BrokenManifest, BrokenReferences
from library.model import ManifestRow
from spectra.spectrum import Technique

__all__ = [
    "DETAIL_COLUMNS",
    "MANIFEST_NAME",
    "OPTIONAL_COLUMNS",
    "REQUIRED_COLUMNS",
    "RefusedRow",
    "parse_manifest",
    "read_manifest",
]

MANIFEST_NAME = "manifest.csv"
REQUIRED_COLUMNS = (
    "file",
    "substance",
    "form",
    "cas",
    "inchikey",
    "class",
    "controlled",
    "technique",
    "mode",
    "source",
    "licence",
)
# What a laboratory may say of a measurement beyond what a search needs; kept as text, as it was written.
DETAIL_COLUMNS = (
    "instrument",
    "laser_nm",
    "resolution",
    "lot",
    "purity",
    "operator",
    "measured_at",
    "provenance",
    "may_be_passed_on",
    "evidence",
    "identity",
    "decided",
    "corrects",
)
OPTIONAL_COLUMNS = ("watch", "schedules", "id", *DETAIL_COLUMNS)
MATRIX_FILE = re.compile(r"(?P<file>.+\.npz)#(?P<row>.*)", re.IGNORECASE | re.DOTALL)


def parse_manifest(content: bytes, where: str) -> tuple[ManifestRow, ...]:
    """Rows of a manifest, in its order.

    Parameters
    ----------
    content : bytes
        UTF-8, with or without byte order mark.
    where : str
        The manifest as the user knows it, for messages.

    Raises
    ------
    BrokenManifest
        Not UTF-8, no CSV, a column missing or named twice, no row at all.
    BrokenReferences
        Rows that contradict the format; all of them are listed.
    """
    rows, refused = read_manifest(content, where)
    if refused:
        raise BrokenReferences(where, [str(row) for row in refused])
    if not rows:
        raise BrokenManifest(f"{where} names no reference; add one row for each reference file")
    return rows


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row of a manifest that contradicts the format: where, and what to do about it.

    ``again`` is the file that an earlier row has named already.
    """

    line: int
    column: str
    reason: str
    again: str | None = None

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.reason}"


def read_manifest(content: bytes, where: str) -> tuple[tuple[ManifestRow, ...], tuple[RefusedRow, ...]]:
    """Rows that can be used, and those that cannot, each in the manifest's order.

    Raises
    ------
    BrokenManifest
        As `parse_manifest`; a manifest without any row is none.
    """
    lines = _cells(content, where)
    header, body = _header(lines, where), lines[1:]
    rows: list[ManifestRow] = []
    refused: list[RefusedRow] = []
    first_lines: dict[str, int] = {}
    for line, cells in body:
        if not any(cells):
            continue
        try:
            row = _row(line, header, cells)
            for what in dict.fromkeys((row.id, row.place)):
                earlier = first_lines.setdefault(what, line)
                if earlier != line:
                    raise _BadCell("file", f"{what} is already named in line {earlier}; every file once", what)
            rows.append(row)
        except _BadCell as bad:
            refused.append(RefusedRow(line, bad.column, str(bad), bad.again))
    return tuple(rows), tuple(refused)


class _BadCell(Exception):
    """One cell of the manifest that cannot be used."""

    def __init__(self, column: str, message: str, again: str | None = None) -> None:
        super().__init__(message)
        self.column = column
        self.again = again


def _cells(content: bytes, where: str) -> list[tuple[int, list[str]]]:
    """Numbered lines of stripped cells; the first is the header."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BrokenManifest(f"{where} is not UTF-8 (line {line}); save it as CSV with UTF-8 encoding") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            lines.append((reader.line_num, [cell.strip() for cell in cells]))
    except csv.Error as error:
        raise BrokenManifest(
            f"{where} is not a valid CSV file at line {reader.line_num} ({error}); check the quotation marks there"
        ) from None
    if not any(any(cells) for _, cells in lines):
        raise BrokenManifest(f"{where} is empty; its first line must be {','.join(REQUIRED_COLUMNS)}")
    return lines


def _header(lines: list[tuple[int, list[str]]], where: str) -> tuple[str, ...]:
    names = tuple(cell.casefold() for cell in lines[0][1])
    missing = [name for name in REQUIRED_COLUMNS if name not in names]
    if missing:
        hint = "; separate the columns with commas" if len(names) == 1 and ";" in names[0] else ""
        raise BrokenManifest(
            f"{where} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} in its first line;"
            f" it needs {','.join(REQUIRED_COLUMNS)}{hint}"
        )
    known = REQUIRED_COLUMNS + OPTIONAL_COLUMNS
    doubled = sorted({name for name in known if names.count(name) > 1})
    if doubled:
        raise BrokenManifest(f"{where} names the column {doubled[0]} twice in its first line; remove one of them")
    return names


def _row(line: int, header: tuple[str, ...], cells: list[str]) -> ManifestRow:
    if len(cells) != len(header):
        raise _BadCell(
            header[min(len(cells), len(header) - 1)],
            f"{len(cells)} cells where the first line has {len(header)}; put cells that hold a comma in quotes",
        )
    value = dict(zip(header, cells, strict=True))
    file, matrix_row = _file(value["file"])
    controlled = _yes_or_no("controlled", value["controlled"])
    return ManifestRow(
        line=line,
        file=file,
        matrix_row=matrix_row,
        technique=_technique(value["technique"]),
        substance=_needed("substance", value["substance"]),
        form=value["form"] or None,
        cas=value["cas"] or None,
        inchikey=value["inchikey"] or None,
        substance_class=value["class"] or None,
        controlled=controlled,
        watch=_yes_or_no("watch", value["watch"]) if value.get("watch") else controlled,
        mode=value["mode"] or None,
        source=value["source"],
        licence=value["licence"],
        schedules=_schedules(value.get("schedules", "")),
        stated_id=value.get("id") or None,
        details=tuple((name, value[name]) for name in DETAIL_COLUMNS if value.get(name)),
    )


def _needed(column: str, text: str) -> str:
    if not text:
        raise _BadCell(column, "is empty; it must be filled in every row")
    return text


def _file(text: str) -> tuple[str, int | None]:
    """Path inside the folder in one spelling, and the row of a matrix."""
    found = MATRIX_FILE.fullmatch(_needed("file", text))
    if text.casefold().endswith(".npz"):
        raise _BadCell("file", f"{text} is a matrix of many references; name the row as {text}#ROW")
    name = found["file"] if found else text
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name) or "\0" in name:
        raise _BadCell("file", f"{text} lies outside the library's folder; put the file into the folder")
    if not found:
        return str(path), None
    if not re.fullmatch(r"[0-9]{1,9}", found["row"]):
        raise _BadCell("file", f"the row {found['row']!r} is no whole number; rows of a matrix count from 0")
    return str(path), int(found["row"])


def _technique(text: str) -> Technique:
    try:
        return Technique(text.casefold())
    except ValueError:
        said = repr(text) if text else "an empty cell"
        raise _BadCell("technique", f"{said} is not known; write raman or ftir") from None


def _yes_or_no(column: str, text: str) -> bool:
    answers = {"yes": True, "no": False}
    if text.casefold() not in answers:
        said = repr(text) if text else "an empty cell"
        raise _BadCell(column, f"{said} is neither yes nor no; write yes or no")
    return answers[text.casefold()]


def _schedules(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs (jurisdiction, schedule) of ``US:II;UK:A``."""
    pairs = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        place, colon, schedule = (piece.strip() for piece in part.partition(":"))
        if not (place and colon and schedule):
            raise _BadCell("schedules", f"{part!r} is no pair of place and schedule; write for example US:II;UK:A")
        pairs.append((place, schedule))
    return tuple(pairs)
