"""The CSV of Wasatch ENLIGHTEN: keys and values, a blank line, then named columns a pixel.

Older versions write a wavelength only, newer ones a Raman shift beside it, and NA where a pixel was cropped away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device_adapters.decoding import as_lines, is_text
from device_adapters.enlighten import auxiliary_of, laser_warning, metadata_of, technique_of
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.header_values import Header, number
from device_adapters.named_columns import NamedTable, read_named_table
from device_adapters.recording import Recording, XUnits

__all__ = ["FORMAT"]

_MARK = "ENLIGHTEN Version,"
_MAX_HEADER_LINES = 500
_AXES: tuple[tuple[str, XUnits], ...] = (("Wavenumber", "cm-1"), ("Wavelength", "nm"), ("Pixel", "points"))


class WasatchCsv:
    """The reader for ENLIGHTEN CSV."""

    name = "wasatch-csv"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """The first line names a version of ENLIGHTEN."""
        return Recognition.CERTAIN if is_text(head) and as_lines(head)[0].startswith(_MARK) else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read the processed scan, then the raw, dark and reference curves that belong to it.

        Raises
        ------
        MalformedFile
            There is no table below the header, or a row is broken.
        """
        lines = as_lines(data)
        header, at = _read_header(lines)
        table = read_named_table(lines, at, ",")
        x, x_units = _axis(table, at)
        names = [name for name in table.names if name not in dict(_AXES) and table.column(name) is not None]
        if not names:
            raise MalformedFile(f"line {at + 1}: no column beside the axes holds a number: export the scan again")
        declared = number(header.get("pixel count"))
        common: dict[str, Any] = {
            "format": self.name,
            "index": 0,
            "x": x,
            "x_units": x_units,
            "technique": technique_of(header),
            "n_declared": None if declared is None or not 0 < declared < 1e9 else int(declared),
            "metadata": metadata_of(header),
            "breaks_off": table.breaks_off,
            "header": "\n".join(lines[:at]),
        }
        said = list(laser_warning(header))
        recordings = [_recording(table, name, names, common, said) for name in names]
        scans = [recording for recording in recordings if recording.kind == "curve"]
        rest = [recording for recording in recordings if recording.kind != "curve"]
        if not scans:
            scans, rest = [replace(rest[0], kind="curve")], rest[1:]
        return scans + rest


FORMAT = WasatchCsv()


def _read_header(lines: list[str]) -> tuple[Header, int]:
    header = Header()
    for at, line in enumerate(lines[:_MAX_HEADER_LINES]):
        first = line.partition(",")[0].strip()
        if first in dict(_AXES):
            return header, at
        key, _, value = line.partition(",")
        header.add(key, value)
    raise MalformedFile(
        f"no line in the first {_MAX_HEADER_LINES} names the columns Pixel, Wavelength or Wavenumber: export the scan"
        " again"
    )


def _axis(table: NamedTable, at: int) -> tuple[NDArray[np.float64], XUnits]:
    for name, units in _AXES:
        column = table.column(name)
        if column is not None:
            if np.isnan(column).any():
                raise MalformedFile(f"line {at + 1}: the column {name} has blank cells: export the scan again")
            return column, units
    raise MalformedFile(f"line {at + 1}: no column of an axis holds a number: export the scan with its axis")


def _recording(table: NamedTable, name: str, names: list[str], common: dict[str, Any], said: list[str]) -> Recording:
    y = table.column(name)
    assert y is not None  # noqa: S101  # `names` holds only columns that are there
    n_missing = int(np.isnan(y).sum())
    declared = common["n_declared"]
    warnings = list(said)
    if n_missing:
        warnings.append(f"{n_missing:,} pixels have no value (NA)")
    if declared is not None and declared != y.size:
        warnings.append(f"{declared:,} points declared, {y.size:,} found")
    return Recording(
        y=y,
        y_units=_unit_of(name, common["metadata"].get("data_type", "")),
        kind="auxiliary" if auxiliary_of(name, names) else "curve",
        n_missing=n_missing,
        title=name,
        warnings=tuple(warnings),
        **common,
    )


def _unit_of(name: str, technique: str) -> str:
    """Detector values are counts; what was processed is what the software calls the technique."""
    if name != "Processed" or not technique or technique.lower() == "scope":
        return "counts"
    return technique
