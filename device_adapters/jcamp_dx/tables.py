"""Data tables to x and y: equally spaced curves, point lists, peak tables, peak assignments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from device_adapters.errors import MalformedFile
from device_adapters.jcamp_dx.data_lines import pieces_of
from device_adapters.jcamp_dx.ordinates import Ordinates, decode_ordinates
from device_adapters.jcamp_dx.records import Record, strip_comments
from device_adapters.jcamp_dx.scales import Scales
from device_adapters.limits import MAX_VALUES

__all__ = ["Table", "UnreadTable", "read_table"]

FloatArray = NDArray[np.float64]

_LONGEST_NUMBER = 60  # characters
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[Ee][+-]?\d{1,3}+)?|\?", re.ASCII)
_SEPARATORS = str.maketrans("", "", " \t\n\f,;")


class UnreadTable(Exception):
    """This kind of table is no curve or peak list; the message names it."""


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of one data table in the units of the file, and what is odd about them."""

    x: FloatArray
    y: FloatArray
    kind: Literal["curve", "peaks"]
    widths: FloatArray | None = None
    warnings: tuple[str, ...] = ()


def read_table(record: Record, form: str, scales: Scales, breaks_off: bool) -> Table:
    """Read one data table.

    Parameters
    ----------
    record : Record
        The table; its first line is the variable list.
    form : str
        The variable list without blanks, upper case: ``"(X++(Y..Y))"``.
    scales : Scales
    breaks_off : bool
        The file ends inside the last line of this table, so that its last number may be cut.

    Raises
    ------
    MalformedFile
        The data break the standard; says in which line.
    UnreadTable
        The table holds something else.
    """
    body = strip_comments(record.text.partition("\n")[2])
    line = record.line + 1
    if scales.decimal_comma:
        body = _DECIMAL_COMMA.sub(".", body)
    kind: Literal["curve", "peaks"] = "peaks" if record.label.startswith("PEAK") else "curve"
    if re.match(r"\(?X(\+\+|--)\(([A-Z])\.\.\2\)", form):
        return _equally_spaced(body, line, scales, breaks_off)
    if re.match(r"\(?([A-Z])([A-Z])\.\.\1\2\)?", form):
        return _tuples(body, line, scales, kind, 2, breaks_off)
    if re.match(r"\(?XYW\.\.XYW\)?", form):
        return _tuples(body, line, scales, kind, 3, breaks_off)
    if record.label.startswith("PEAKASSIGNMENT") and re.match(r"\(?XY?W?A\)?", form):
        return _assignments(body, form, scales)
    raise UnreadTable(f"##{record.label_as_written}={form[:40]} is no table of a curve or of peaks")


def _equally_spaced(body: str, first_line: int, scales: Scales, breaks_off: bool) -> Table:
    ordinates = decode_ordinates(body, first_line)
    values = ordinates.values[:-1] if breaks_off else ordinates.values
    if not values.size:
        raise MalformedFile(f"line {first_line}: the data table is empty")
    check_warnings = _judge_checks(ordinates)
    x = _axis(values.size, ordinates, scales)
    with np.errstate(over="ignore", invalid="ignore"):
        y = values * scales.y_factor
    misplaced = _misplaced_lines(x, ordinates, scales)
    if misplaced and scales.n_points in (None, values.size):
        raise MalformedFile(f"{misplaced}: lines are lost or doubled, copy or export the file again")
    warnings = check_warnings + ((misplaced,) if misplaced else ()) + _first_value_warnings(y, scales)
    return Table(x, y, "curve", None, warnings)


def _judge_checks(ordinates: Ordinates) -> tuple[str, ...]:
    """Refuse a failed check value; one that closes the data and has no point after it is only worth a warning."""
    failed = ordinates.failed_checks
    if not failed:
        return ()
    closes = ordinates.line_number[-1] == failed[0] and ordinates.line_index[-1] == ordinates.values.size - 1
    if closes:
        return (f"line {failed[0]}: the closing check value does not repeat the last ordinate",)
    raise MalformedFile(
        f"line {failed[0]}: the check value differs from the ordinate it repeats"
        f" ({len(failed)} such lines): copy or export the file again"
    )


def _axis(n: int, ordinates: Ordinates, scales: Scales) -> FloatArray:
    """[x units] First and last abscissa and the declared count rule; the step is only a substitute.

    Where a file has fewer points than it declares, they lie on the declared grid.
    """
    first = scales.first_x if scales.first_x is not None else float(ordinates.line_x[0]) * scales.x_factor
    step = _step(n, first, ordinates, scales)
    with np.errstate(over="ignore", invalid="ignore"):
        x = np.asarray(first + step * np.arange(n), dtype=np.float64)
    is_complete = scales.n_points == n or (scales.n_points is None and scales.delta_x is None)
    if scales.last_x is not None and is_complete and n > 1:
        x[-1] = scales.last_x
    return x


def _step(n: int, first: float, ordinates: Ordinates, scales: Scales) -> float:
    declared = scales.n_points or 0
    if scales.last_x is not None and (declared > 1 or scales.delta_x is None):
        intervals = (declared if declared > 1 else n) - 1
        return (scales.last_x - first) / intervals if intervals else 0.0
    if scales.delta_x is not None:
        descends = scales.last_x is not None and scales.last_x < first
        return -abs(scales.delta_x) if descends else scales.delta_x
    points = ordinates.line_index[-1] - ordinates.line_index[0]
    if points <= 0:
        raise MalformedFile("the file gives neither LASTX nor DELTAX, and its lines do not show the step of the axis")
    return float((ordinates.line_x[-1] - ordinates.line_x[0]) * scales.x_factor / points)


def _misplaced_lines(x: FloatArray, ordinates: Ordinates, scales: Scales) -> str | None:
    """Compare the abscissa each line begins with to the axis; a line lost in the middle shows here."""
    inside = ordinates.line_index < x.size
    index = ordinates.line_index[inside]
    written = ordinates.line_x[inside] * scales.x_factor
    step = abs(float(x[-1] - x[0])) / max(x.size - 1, 1)
    # Some writers give the abscissa of the check value, others that of the point after it.
    with np.errstate(invalid="ignore"):
        off = np.abs(written - x[index])
    rounding = 1e-5 * np.abs(x[index]) + abs(scales.x_factor) * _rounding_unit(ordinates.line_x)
    bad = np.flatnonzero(~(off <= 1.5 * step + rounding))
    if not bad.size:
        return None
    at = bad[0]
    return (
        f"{bad.size} of {index.size} lines do not begin where the axis is, the first in line"
        f" {ordinates.line_number[inside][at]}: {written[at]:.10g} written, {x[index[at]]:.10g} expected"
    )


def _rounding_unit(line_x: FloatArray) -> float:
    """The last decimal place that the abscissae of the lines are written with."""
    for decimals in range(6):
        if np.array_equal(np.round(line_x, decimals), line_x):
            return float(10.0**-decimals)
    return 0.0


def _first_value_warnings(y: FloatArray, scales: Scales) -> tuple[str, ...]:
    declared = scales.first_y
    if declared is None or not np.isfinite(y[0]):
        return ()
    tolerance = max(1e-2 * max(abs(declared), abs(float(y[0]))), 2.0 * abs(scales.y_factor))
    if abs(y[0] - declared) <= tolerance:
        return ()
    return (f"the first ordinate is {y[0]:g}, but FIRSTY says {declared:g}",)


def _tuples(
    body: str, first_line: int, scales: Scales, kind: Literal["curve", "peaks"], width: int, breaks_off: bool
) -> Table:
    numbers = _all_numbers(body, first_line, width)
    if numbers.size % width and breaks_off:
        numbers = numbers[: numbers.size - numbers.size % width]
    elif breaks_off:
        numbers = numbers[:-width]
    if numbers.size % width:
        raise MalformedFile(
            f"line {first_line}: the table holds {numbers.size} numbers, which do not make groups of {width}"
        )
    if not numbers.size:
        raise MalformedFile(f"line {first_line}: the data table is empty")
    columns = numbers.reshape(-1, width).T
    with np.errstate(over="ignore", invalid="ignore"):
        x, y = columns[0] * scales.x_factor, columns[1] * scales.y_factor
        widths = columns[2] * abs(scales.x_factor) if width == 3 else None
    return Table(x, y, kind, widths)


def _all_numbers(body: str, first_line: int, width: int) -> FloatArray:
    parts: list[FloatArray] = []
    for piece, line in pieces_of(body, first_line):
        found = _NUMBER.findall(piece)
        is_foreign = sum(map(len, found)) != len(piece.translate(_SEPARATORS))
        if is_foreign or max(map(len, found), default=0) > _LONGEST_NUMBER:
            _refuse_foreign_line(piece, line)
        parts.append(np.array([_float(text) for text in found], dtype=np.float64))
        if sum(part.size for part in parts) > width * MAX_VALUES:
            raise MalformedFile(f"line {line}: more than {MAX_VALUES:,} points in one table: this is no spectrum")
    return np.concatenate(parts)


def _float(text: str) -> float:
    return float(text) if text != "?" else np.nan


def _refuse_foreign_line(body: str, first_line: int) -> None:
    for offset, row in enumerate(body.split("\n")):
        found = _NUMBER.findall(row)
        is_foreign = sum(map(len, found)) != len(row.translate(_SEPARATORS))
        if is_foreign or max(map(len, found), default=0) > _LONGEST_NUMBER:
            raise MalformedFile(f"line {first_line + offset}: these are no numbers: {row.strip()[:40]!r}")
    raise MalformedFile(f"line {first_line}: the table holds something else than numbers")


def _assignments(body: str, form: str, scales: Scales) -> Table:
    """Positions, and heights and widths where given, of peaks that carry an assignment text."""
    columns = form.strip("()").removesuffix("A")
    rows: list[list[float]] = []
    for line in body.split("\n"):
        cells = [cell.strip() for cell in line.strip().removeprefix("(").split(",", len(columns))[: len(columns)]]
        if len(cells) == len(columns) and all(
            len(cell) <= _LONGEST_NUMBER and _NUMBER.fullmatch(cell) for cell in cells
        ):
            rows.append([_float(cell) for cell in cells])
    if not rows:
        raise UnreadTable("no positions could be read from the peak assignments")
    table = np.array(rows, dtype=np.float64)
    x = table[:, 0] * scales.x_factor
    y = table[:, columns.index("Y")] * scales.y_factor if "Y" in columns else np.full(x.size, np.nan)
    widths = table[:, columns.index("W")] * abs(scales.x_factor) if "W" in columns else None
    return Table(x, y, "peaks", widths)
