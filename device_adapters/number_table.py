"""Find the one table of numbers in a text, and refuse a text that is anything else besides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf, nan

import numpy as np
from numpy.typing import NDArray

from device_adapters.decoding import parse_number
from device_adapters.errors import MalformedFile, UnknownFormat
from device_adapters.limits import MAX_COLUMNS, MAX_VALUES

__all__ = ["Dialect", "NumberTable", "find_table", "has_number_row", "split_row"]

_MAX_PREAMBLE_LINES = 500
_MAX_FREE_LINES = 8  # lines of a preamble that are neither comment nor key and value
_MIN_ROWS = 3
_LONGEST_ROW = 32 * MAX_COLUMNS  # characters
_COMMENT_MARKS = ("#", "$", "%", ";")
_PLAIN = str.maketrans("", "", "0123456789+-.eE ")
_WORDS = {"nan": nan, "na": nan, "n/a": nan, "inf": inf, "+inf": inf, "-inf": -inf, "infinity": inf}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What separates cells (None: blanks) and what marks decimals."""

    delimiter: str | None
    decimal: str


_DIALECTS = (
    Dialect("\t", "."),
    Dialect(";", "."),
    Dialect(",", "."),
    Dialect(None, "."),
    Dialect("\t", ","),
    Dialect(";", ","),
    Dialect(None, ","),
)


@dataclass(frozen=True, slots=True)
class NumberTable:
    """A table of numbers with the lines above it.

    Parameters
    ----------
    values : array, shape (n_rows, n_columns)
        [as written] NaN and infinity where the text says so.
    preamble : tuple of str
        The lines above the first row, as written.
    dialect : Dialect
    first_line : int
        Line of the file of the first row.
    """

    values: NDArray[np.float64]
    preamble: tuple[str, ...]
    dialect: Dialect
    first_line: int


def split_row(line: str, dialect: Dialect) -> list[str]:
    """The cells of a line; one empty cell at the end is a trailing delimiter."""
    if dialect.delimiter is None:
        return line.split()
    cells = [cell.strip() for cell in line.split(dialect.delimiter)]
    return cells[:-1] if len(cells) > 1 and not cells[-1] else cells


def has_number_row(lines: list[str]) -> bool:
    """Whether any line reads as two numbers or more in some dialect."""
    return any(_row(line, dialect) is not None for line in lines for dialect in _DIALECTS)


def find_table(lines: list[str]) -> NumberTable:
    """Find the table of numbers of a text.

    Everything from its first row to the end of the text must be rows of the same number of numbers, blank
    lines, or comments (``#``, ``$``, ``%``, ``;``).

    Raises
    ------
    UnknownFormat
        There is no table of at least three rows, or the lines above it are prose.
    MalformedFile
        A line in the table is no row of it; says which.
    """
    start, dialects = _find_start(lines)
    failure: _BrokenRow | None = None
    for dialect in dialects:
        try:
            values = _read_rows(lines, start, dialect)
        except _BrokenRow as broken:
            failure = broken if failure is None or broken.line > failure.line else failure
            continue
        preamble = tuple(lines[:start])
        _refuse_unlikely_preamble(preamble, dialect)
        return NumberTable(values, preamble, dialect, start + 1)
    raise MalformedFile(str(failure))


class _BrokenRow(Exception):
    """A line of the table that is no row of it."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line = line


def _find_start(lines: list[str]) -> tuple[int, list[Dialect]]:
    for start, line in enumerate(lines[:_MAX_PREAMBLE_LINES]):
        if _is_skipped(line):
            continue
        sample = _next_rows(lines, start)
        fitting = [dialect for dialect in _DIALECTS if len(sample) == _MIN_ROWS and _fits(sample, dialect)]
        if fitting:
            return start, fitting
    raise UnknownFormat(
        f"this is text, but no table of at least {_MIN_ROWS} rows of numbers begins in its first"
        f" {_MAX_PREAMBLE_LINES} lines: export JCAMP-DX (.jdx) or two-column text (.csv) from the device's software"
    )


def _next_rows(lines: list[str], start: int) -> list[str]:
    rows: list[str] = []
    for line in lines[start : start + 50]:
        if not _is_skipped(line):
            rows.append(line)
        if len(rows) == _MIN_ROWS:
            break
    return rows


def _fits(rows: list[str], dialect: Dialect) -> bool:
    read = [_row(row, dialect) for row in rows]
    return all(cells is not None for cells in read) and len({len(cells or ()) for cells in read}) == 1


def _is_skipped(line: str) -> bool:
    text = line.strip()
    return not text or text.startswith(_COMMENT_MARKS)


def _row(line: str, dialect: Dialect) -> list[float] | None:
    """The numbers of a line, or None where it is no row of two or more."""
    if len(line) > _LONGEST_ROW:
        return None
    if dialect.decimal == ",":
        if "." in line:
            return None
        cells = [cell.replace(",", ".") for cell in split_row(line, dialect)]
    else:
        cells = split_row(line, dialect)
    if len(cells) < 2:
        return None
    values = [_cell(cell) for cell in cells]
    return None if None in values else values  # type: ignore[return-value]


def _cell(text: str) -> float | None:
    if text and not text.translate(_PLAIN):
        try:
            return float(text)
        except ValueError:
            return None
    word = text.lower()
    return _WORDS[word] if word in _WORDS else parse_number(text)


def _read_rows(lines: list[str], start: int, dialect: Dialect) -> NDArray[np.float64]:
    values: list[float] = []
    n_columns = 0
    for number, line in enumerate(lines[start:], start + 1):
        if _is_skipped(line):
            continue
        row = _row(line, dialect)
        if row is None:
            raise _BrokenRow(number, f"this is no row of numbers like those above it: {line.strip()[:40]!r}")
        n_columns = n_columns or len(row)
        if len(row) != n_columns:
            raise _BrokenRow(number, f"{len(row)} numbers stand where the rows above have {n_columns}")
        values.extend(row)
        if n_columns > MAX_COLUMNS or len(values) > MAX_VALUES:
            raise MalformedFile(f"line {number}: the table is too large for spectra: export fewer in one file")
    return np.array(values, dtype=np.float64).reshape(-1, n_columns)


def _refuse_unlikely_preamble(preamble: tuple[str, ...], dialect: Dialect) -> None:
    n_free = 0
    for number, line in enumerate(preamble, 1):
        if _is_skipped(line):
            continue
        cells = split_row(line, dialect)
        n_numbers = sum(1 for cell in cells if _cell(cell.replace(dialect.decimal, ".")) is not None)
        if n_numbers >= 2 and 2 * n_numbers >= len(cells):
            raise MalformedFile(f"line {number}: this row of numbers is incomplete: {line.strip()[:40]!r}")
        if len(cells) < 2 and not re.search(r"[:=]", line):
            n_free += 1
        if n_free > _MAX_FREE_LINES or len(line) > 4096:
            raise UnknownFormat(
                f"line {number}: a table of numbers stands below running text, which no reader here takes for a scan:"
                " export JCAMP-DX (.jdx) or two-column text (.csv) from the device's software"
            )
