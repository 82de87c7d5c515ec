"""The text export of B&W Tek's BWSpec and BWRam: keys with semicolons, then eleven named columns a pixel.

One instrument and version writes decimal commas in one file and points in another; pixels outside of the calibrated
range have blank axis cells; a reference of 65535 throughout is a fill, a raw value of 65535 is saturation.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device_adapters.decoding import as_lines, is_text
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.header_values import Header, laser_nm, number, present, seconds
from device_adapters.named_columns import NamedTable, read_named_table
from device_adapters.recording import Recording, XUnits

__all__ = ["FORMAT"]

FloatArray = NDArray[np.float64]

_MARK = "File Version;BW"
_MAX_HEADER_LINES = 500
_FULL = 65535.0  # [counts] of a detector with 16 bits
_INTEGRATION = re.compile(r"int[ei]gration times?\s*\((?P<unit>[^)]{1,4})\)")
_SAME = 0.02  # [counts] the cells are rounded to four decimals, the axis to two
_AXES = ("pixel", "wavelength", "wavenumber", "raman shift")
# Dark Subtracted is what the instrument calls the scan; the rest belongs to it.
_SCAN, _RAW = "dark subtracted", "raw data"


class BwTek:
    """The reader for B&W Tek text."""

    name = "bwtek"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """The first line names a version of BWSpec or BWRam."""
        return Recognition.CERTAIN if is_text(head) and as_lines(head)[0].startswith(_MARK) else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read the dark-subtracted scan first, then the raw and dark curves that belong to it.

        Raises
        ------
        MalformedFile
            There is no line of names, no axis or no scan below it, or a row is broken.
        """
        lines = as_lines(data)
        header, at = _read_header(lines)
        table = read_named_table(lines, at, ";")
        x, x_units = _axis(table, at)
        on_axis = ~np.isnan(x)
        common: dict[str, Any] = {
            "format": self.name,
            "index": 0,
            "x": x[on_axis],
            "x_units": x_units,
            # The name of the column is the only word for the technique in the file.
            "technique": "raman" if x_units == "cm-1" else "unknown",
            "n_declared": _declared(header, table, int((~on_axis).sum())),
            "breaks_off": table.breaks_off,
            "header": "\n".join(lines[: at + 1]),
        }
        metadata = _metadata(header)
        recordings = [
            Recording(
                y=column[on_axis],
                y_units=_unit_of(name),
                kind="auxiliary" if is_auxiliary else "curve",
                title=name,
                metadata=metadata | _of_column(name, table, on_axis),
                warnings=() if is_auxiliary else _warnings(header, table, name, column, on_axis),
                **common,
            )
            for name, column, is_auxiliary in _ordinates(table)
        ]
        if not recordings:
            raise MalformedFile(f"line {at + 1}: neither dark-subtracted nor raw data are named: export all data")
        return recordings


FORMAT = BwTek()


def _read_header(lines: list[str]) -> tuple[Header, int]:
    header = Header()
    for at, line in enumerate(lines[:_MAX_HEADER_LINES]):
        if line.startswith("Pixel;"):
            return header, at
        key, _, value = line.partition(";")
        header.add(key, value)
    raise MalformedFile(f"no line 'Pixel;…' names columns in the first {_MAX_HEADER_LINES} lines: export all data")


def _axis(table: NamedTable, at: int) -> tuple[FloatArray, XUnits]:
    shift = table.column("Raman Shift")
    if shift is not None:
        return shift, "cm-1"
    wavelength = table.column("Wavelength")
    if wavelength is not None:
        return wavelength, "nm"
    pixel = table.column("Pixel")
    if pixel is None:
        raise MalformedFile(f"line {at + 1}: no column of an axis holds a number: export the scan with its axis")
    return pixel, "points"


def _declared(header: Header, table: NamedTable, n_blank: int) -> int | None:
    declared = number(header.get("pixel_num"))
    if declared is None or not 0 < declared < 1e9 or int(declared) == table.n_rows:
        return None if declared is None else table.n_rows - n_blank
    return max(0, int(declared) - n_blank)


def _ordinates(table: NamedTable) -> list[tuple[str, FloatArray, bool]]:
    """Name, column and whether it is auxiliary: the scan first, fills and columns of zeros left out."""
    found = [(name, table.column(name)) for name in table.names if name.lower() not in _AXES]
    kept = [(name, column) for name, column in found if column is not None and not _is_fill(name, column)]
    scan = next((word for word in (_SCAN, _RAW) if any(name.lower().startswith(word) for name, _ in kept)), None)
    if scan is None:
        return []
    scans = [(name, column, False) for name, column in kept if name.lower().startswith(scan)]
    return scans + [(name, column, True) for name, column in kept if not name.lower().startswith(scan)]


def _is_fill(name: str, column: FloatArray) -> bool:
    if name.lower().startswith((_SCAN, _RAW, "dark")):
        return False
    return bool((column == (_FULL if name.lower() == "reference" else 0.0)).all())


def _unit_of(name: str) -> str:
    """The columns of pixel values are counts; the others say what they are."""
    return "counts" if name.lower().startswith((_SCAN, _RAW, "dark", "reference")) else name


def _metadata(header: Header) -> dict[str, Any]:
    match = next((match for key in header if (match := _INTEGRATION.fullmatch(key))), None)
    unit, exposure = (match["unit"], header[match[0]]) if match else ("", None)
    times = header.get("time_multiply", "1")
    integration = f"{exposure} {unit}" if exposure else None
    return present(
        vendor="B&W Tek",
        software=header.get("file version"),
        instrument=header.get("model"),
        comment=header.get("title"),
        operator=header.get("operator"),
        time_as_written=header.get("date"),
        laser_nm=laser_nm(header.get("laser_wavelength")),
        laser_power=header.get("laser_powerlevel"),
        accumulations=header.get("average number"),
        integration=integration if times == "1" or not integration else f"{integration}, time_multiply {times}",
        integration_s=seconds(exposure, unit) if times == "1" else None,
    )


def _of_column(name: str, table: NamedTable, on_axis: NDArray[np.bool_]) -> dict[str, Any]:
    is_scan, is_raw = name.lower().startswith(_SCAN), name.lower().startswith(_RAW)
    found: dict[str, Any] = {"block": name, "dark_subtracted": is_scan}
    raw = table.column(name) if is_raw else _raw_of(name, table)
    if raw is not None:
        found |= {"is_saturated": bool((raw[on_axis] >= _FULL).any()), "saturation_level": _FULL}
    return found


def _raw_of(name: str, table: NamedTable) -> FloatArray | None:
    return table.column("Raw data" + name[len(_SCAN) :]) if name.lower().startswith(_SCAN) else None


def _warnings(
    header: Header, table: NamedTable, name: str, scan: FloatArray, on_axis: NDArray[np.bool_]
) -> tuple[str, ...]:
    said: list[str] = []
    declared = number(header.get("pixel_num"))
    if declared is not None and int(declared) != table.n_rows:
        said.append(f"{declared:,.0f} pixels declared, {table.n_rows:,} found")
    if not on_axis.all():
        said.append(f"{int((~on_axis).sum()):,} pixels without a calibrated axis are left out")
    raw, dark = _raw_of(name, table), table.column("Dark")
    n_full = 0 if raw is None else int((raw[on_axis] >= _FULL).sum())
    if n_full:
        said.append(f"{n_full:,} raw values stand at {_FULL:.0f}, where the detector is full")
    if raw is not None and dark is not None:
        off = np.abs(scan - (raw - dark))[on_axis]
        if (off > _SAME).any():
            said.append(
                f"{int((off > _SAME).sum()):,} dark-subtracted values are not raw minus dark (by up to"
                f" {np.nanmax(off):.6g}): the file does not say what else was done to them"
            )
    if number(header.get("laser_powerlevel")) == 0.0:
        said.append("the laser's power level is 0: this is no Raman scan of a sample")
    return tuple(said)
