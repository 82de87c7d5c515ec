"""Columns of numbers in a text file: comma, semicolon, tab or blanks, decimal point or comma.

Only what the text plainly says is taken from it: a column called *Raman shift (cm-1)*, *wavenumber*,
*absorbance*, *%T*, *wavelength (nm)*; a line *Technique,Raman* or *Laser wavelength = 785 nm* above the table.
A bare table of two columns has neither technique nor units.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from device_adapters.column_names import Column, axis_column, column_names, columns_of
from device_adapters.decoding import as_lines, is_text, parse_number
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.header_values import number, present, seconds
from device_adapters.limits import MAX_VALUES
from device_adapters.metadata import KEYS
from device_adapters.number_table import NumberTable, find_table, has_number_row
from device_adapters.recording import Recording, XUnits

__all__ = ["FORMAT"]

_KEYS: tuple[tuple[str, str], ...] = (
    ("technique", r"technique"),
    ("laser_nm", r"(laser|excitation)(excitation)?(wavelength)?(nm)?|wl"),
    ("serial", r"(serialnumber|devicesn|instrumentserialnumber|serial)"),
    ("instrument", r"(model|instrument|instrumentmodel|device)"),
    ("operator", r"(operator|user)"),
    ("accumulations", r"(scanaveraging|averages|accumulations|repetitioncount)"),
    ("time_as_written", r"(date|timestamp|acquired)"),
    ("resolution", r"resolution"),
    ("sample", r"(sample|samplename)"),
    ("exposure_ms", r"(exposure|integrationtime)ms"),
    ("exposure", r"integtime"),
    ("exposure_unit", r"integunit"),
    ("laser_power", r"laserpower"),
    ("laser_power_mw", r"laserpowermw"),
)
_BESIDE_A_SCAN = re.compile(r"(dark|background|reference)([\s_-]*(data|spectrum|counts?))?", re.IGNORECASE)
_KEY_AND_VALUE = re.compile(r"^[#$%\s]*([A-Za-z][^:=,;\t]{0,59}?)\s*[:=,;\t]\s*(\S.*)$")
_LONGEST_LINE = 300  # characters of a line of key and value
_NO_TABLE_STARTS = ("<", "{", "[")
_INFRARED_LIMIT = 15_000.0  # [cm^-1] above it absorbance is that of visible light


class TextTable:
    """The reader for columns of numbers."""

    name = "text-table"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """A text with a line of two or more numbers that is no markup and no JSON."""
        if not is_text(head):
            return Recognition.NO
        lines = as_lines(head)
        first = next((line.strip() for line in lines if line.strip()), "")
        if first.startswith(_NO_TABLE_STARTS) or not has_number_row(lines):
            return Recognition.NO
        return Recognition.PERHAPS

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read every ordinate column as one recording.

        Raises
        ------
        UnknownFormat
            The text holds no table, or other things beside it.
        MalformedFile
            A row is broken, or the columns contradict their names.
        """
        if data.count(b"\n") + data.count(b"\r") > 2 * MAX_VALUES:
            raise MalformedFile(f"the text has more than {MAX_VALUES:,} lines: this is no spectrum")
        table = find_table(as_lines(data))
        n_columns = table.values.shape[1]
        names = column_names(table)
        _refuse_other_count(table, names)
        columns = columns_of(names) if names else [Column("", "unknown", 0, False)] * n_columns
        named_axis = axis_column(columns)
        axis = 0 if named_axis is None else named_axis
        if named_axis is None and n_columns > 2:
            _refuse_no_axis(table)
        ordinates = _ordinate_columns(columns, axis, named_axis is not None)
        said = _said_above(table)
        is_beside_others = not all(_BESIDE_A_SCAN.fullmatch(columns[y].name) for y in ordinates)
        recordings = [_recording(table, columns, axis, y, said, is_beside_others) for y in ordinates]
        if len(recordings) == 1:
            return recordings
        return [
            replace(recording, index=i, title=columns[y].name or f"column {y + 1}")
            for i, (recording, y) in enumerate(zip(recordings, ordinates, strict=True))
        ]


FORMAT = TextTable()


def _refuse_other_count(table: NumberTable, names: list[str] | None) -> None:
    """One line of names above rows of another length: most often decimal commas between commas."""
    above = [line for line in table.preamble if line.strip()]
    if names is not None or len(above) != 1:
        return
    cells = [cell for cell in re.split(r"[\t;,]", above[0]) if cell.strip()]
    if len(cells) >= 2 and not any(char.isdigit() for char in above[0].replace("-1", "")):
        raise MalformedFile(
            f"line {table.first_line}: the rows hold {table.values.shape[1]} numbers, but {len(cells)} columns are"
            " named above them: export with a decimal point, or with semicolons between the columns"
        )


def _refuse_no_axis(table: NumberTable) -> None:
    steps = np.diff(table.values[:, 0])
    if not (np.all(steps > 0) or np.all(steps < 0)):
        raise MalformedFile(
            f"line {table.first_line}: none of the {table.values.shape[1]} columns is named as an axis, and the first"
            " does not run steadily: name the columns, for example 'Raman shift (cm-1)'"
        )


def _ordinate_columns(columns: list[Column], axis: int, is_named: bool) -> list[int]:
    """Columns beside the axis; other axes and, left of a named axis, row numbers without a name are none."""
    kept = [
        i
        for i, column in enumerate(columns)
        if i != axis and not column.rank and not (is_named and i < axis and not column.name)
    ]
    if not kept:
        raise MalformedFile("all columns of the table are named as axes: there is no ordinate")
    return kept


def _said_above(table: NumberTable) -> dict[str, Any]:
    """Metadata from lines of key and value above the table."""
    said: dict[str, Any] = {}
    for line in table.preamble:
        match = _KEY_AND_VALUE.match(line.rstrip(" \t,;")) if len(line) <= _LONGEST_LINE else None
        if match is None:
            continue
        key = re.sub(r"[^a-z]", "", match[1].lower())
        meant = next((name for name, pattern in _KEYS if re.fullmatch(pattern, key)), None)
        value = _laser(match[2]) if meant == "laser_nm" else match[2]
        if meant is not None and value is not None:
            said.setdefault(meant, value)
    return said


def _laser(text: str) -> float | None:
    match = re.fullmatch(r"(\d[\d.,]*)\s*(?:nm)?", text.strip(), re.IGNORECASE)
    laser = parse_number(match[1].replace(",", ".")) if match else None
    return laser if laser is not None and 100.0 < laser < 3000.0 else None


def _metadata(said: dict[str, Any]) -> dict[str, Any]:
    """What was said above the table, durations and powers also as numbers."""
    told = {key: value for key, value in said.items() if key in KEYS and key != "laser_power_mw"}
    exposure, unit = said.get("exposure"), said.get("exposure_unit", "")
    if "exposure_ms" in said:
        exposure, unit = said["exposure_ms"], "ms"
    power = number(said.get("laser_power_mw"))
    if power is not None:
        told["laser_power"] = f"{said['laser_power_mw']} mW"
    return told | present(
        integration=f"{exposure} {unit}".strip() if exposure else None,
        integration_s=seconds(exposure, unit),
        laser_power_mw=power,
    )


def _recording(
    table: NumberTable, columns: list[Column], axis: int, y: int, said: dict[str, Any], is_beside_others: bool
) -> Recording:
    x_column, y_column = columns[axis], columns[y]
    x = table.values[:, axis]
    metadata = _metadata(said)
    if x_column.x_units == "unknown" and x_column.name:
        metadata["x_units_as_written"] = x_column.name
    return Recording(
        format=FORMAT.name,
        index=0,
        x=x,
        y=table.values[:, y],
        x_units=x_column.x_units,
        y_units=y_column.y_units,
        technique=_technique(x_column, y_column, x, said.get("technique")),
        kind="auxiliary" if is_beside_others and _BESIDE_A_SCAN.fullmatch(y_column.name) else "curve",
        metadata=metadata,
        header="\n".join(table.preamble),
        warnings=_warnings(columns, axis, x_column.x_units),
    )


def _technique(
    x_column: Column, y_column: Column, x: NDArray[np.float64], said: str | None
) -> Literal["raman", "ftir", "unknown"]:
    word = (said or "").strip().lower()
    if word:
        return "raman" if word == "raman" else "ftir" if word in ("ftir", "ft-ir", "infrared", "ir") else "unknown"
    if x_column.says_raman or y_column.says_raman:
        return "raman"
    is_infrared_axis = x_column.x_units == "cm-1" and bool(np.nanmax(np.abs(x), initial=0.0) <= _INFRARED_LIMIT)
    return "ftir" if is_infrared_axis and y_column.is_infrared_ordinate else "unknown"


def _warnings(columns: list[Column], axis: int, x_units: XUnits) -> tuple[str, ...]:
    left_out = [column.name for i, column in enumerate(columns) if i != axis and column.rank]
    if not left_out:
        return ()
    return (f"further axes are left out: {', '.join(left_out)} (the axis used is in {x_units})",)
