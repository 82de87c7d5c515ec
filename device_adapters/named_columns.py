"""A table whose columns are named in one line and whose rows each hold one cell a name, some of them blank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device_adapters.decoding import parse_number
from device_adapters.errors import MalformedFile
from device_adapters.limits import MAX_COLUMNS, MAX_VALUES

__all__ = ["NamedTable", "read_named_table", "read_pairs"]

FloatArray = NDArray[np.float64]

_MISSING = {"", "na", "nan"}


@dataclass(frozen=True, slots=True, eq=False)
class NamedTable:
    """The rows below a line of names.

    Parameters
    ----------
    names : tuple of str, n_columns
    values : array, shape (n_rows, n_columns)
        [as written] NaN where a cell is blank or says NA.
    breaks_off : bool
        Whether the text ends inside a row, which is not used then.
    """

    names: tuple[str, ...]
    values: FloatArray
    breaks_off: bool

    @property
    def n_rows(self) -> int:
        """Rows found."""
        return int(self.values.shape[0])

    def column(self, name: str) -> FloatArray | None:
        """The column of that name, upper and lower case alike; None where there is none or it is all blank."""
        lowered = [known.lower() for known in self.names]
        if name.lower() not in lowered:
            return None
        column = self.values[:, lowered.index(name.lower())]
        return None if np.isnan(column).all() else column


def read_named_table(lines: Sequence[str], at: int, delimiter: str) -> NamedTable:
    """Read the names in line ``at`` (counted from 0) and all rows below it.

    The last of ``lines`` is what follows the last line end: where it is not blank the file breaks off in it, and a
    number that is cut in two still looks like one, so that row is not used.

    Raises
    ------
    MalformedFile
        A row is no row of numbers with one cell a name, or there are too many.
    """
    has_end_mark = lines[at].rstrip().endswith(delimiter)
    names = _cells(lines[at], delimiter, has_end_mark)
    if not 2 <= len(names) <= MAX_COLUMNS:
        raise MalformedFile(f"line {at + 1}: {len(names)} columns are named, which is no table of spectra")
    rows, breaks_off = _whole_rows(lines, at + 1)
    decimal = _decimal(rows, delimiter)
    values: list[float] = []
    for line, row in rows:
        cells = _cells(row, delimiter, has_end_mark)
        if len(cells) != len(names):
            raise MalformedFile(
                f"line {line}: {len(cells)} cells stand below {len(names)} names: export the scan again"
            )
        values.extend(_value(cell, decimal, line) for cell in cells)
        if len(values) > MAX_VALUES:
            raise MalformedFile(f"line {line}: the table is too large for spectra: export fewer in one file")
    table = np.array(values, dtype=np.float64).reshape(-1, len(names))
    return NamedTable(tuple(names), table, breaks_off)


def read_pairs(lines: Sequence[str], at: int, delimiter: str | None) -> tuple[FloatArray, bool]:
    """Read all lines from ``at`` (counted from 0) as pairs of numbers.

    Returns
    -------
    pairs : array, shape (n_points, 2)
    breaks_off : bool
        Whether the text ends inside a row, which is not used then.

    Raises
    ------
    MalformedFile
        A line is no pair, or there are too many.
    """
    rows, breaks_off = _whole_rows(lines, at)
    decimal = _decimal(rows, delimiter)
    values: list[float] = []
    for line, row in rows:
        cells = row.split(delimiter)
        pair = [_value(cell, decimal, line) for cell in cells]
        if len(pair) != 2 or np.isnan(pair).any():
            raise MalformedFile(f"line {line}: this is no pair of numbers: {row.strip()[:40]!r}")
        values.extend(pair)
        if len(values) > MAX_VALUES:
            raise MalformedFile(f"line {line}: the table is too large for spectra: export fewer in one file")
    return np.array(values, dtype=np.float64).reshape(-1, 2), breaks_off


def _whole_rows(lines: Sequence[str], start: int) -> tuple[list[tuple[int, str]], bool]:
    """The rows with their line numbers, and whether the file breaks off in its last one."""
    breaks_off = len(lines) > start and bool(lines[-1].strip())
    rows = lines[start:-1]
    return [(line, row) for line, row in enumerate(rows, start + 1) if row.strip()], breaks_off


def _decimal(rows: list[tuple[int, str]], delimiter: str | None) -> str:
    """The decimal mark of all rows together, so that no row is read by another than its neighbours."""
    if delimiter == ",":
        return "."
    with_comma = next((line for line, row in rows if "," in row), None)
    with_point = next((line for line, row in rows if "." in row), None)
    if with_comma is not None and with_point is not None:
        raise MalformedFile(
            f"line {max(with_comma, with_point)}: decimal comma and decimal point stand in one table (the other in line"
            f" {min(with_comma, with_point)}): export the scan again"
        )
    return "." if with_comma is None else ","


def _cells(row: str, delimiter: str, has_end_mark: bool) -> list[str]:
    cells = [cell.strip() for cell in row.split(delimiter)]
    return cells[:-1] if has_end_mark and not cells[-1] else cells


def _value(cell: str, decimal: str, line: int) -> float:
    cell = cell.strip()
    if cell.lower() in _MISSING:
        return np.nan
    value = parse_number(cell, decimal)
    if value is None:
        raise MalformedFile(f"line {line}: {cell[:40]!r} is no number: export the scan again")
    return value
