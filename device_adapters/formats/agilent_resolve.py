"""The CSV export of the Agilent Resolve: four columns a scan, any number of scans beside each other.

``SORS`` is what the instrument makes of its two measurements ``bZero`` and ``bOffset``; it is the scan, and they
belong to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device_adapters.decoding import as_lines, is_text, parse_number
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.limits import MAX_COLUMNS, MAX_RECORDINGS, MAX_VALUES
from device_adapters.recording import Recording

__all__ = ["FORMAT"]

_COLUMNS = ("xaxis", "sors", "bzero", "boffset")
_MARK = re.compile(r"\s*Resolve\s*,\s*[^,]{1,60},\s*Scan ID\s*,")


class AgilentResolve:
    """The reader for Resolve CSV."""

    name = "agilent-resolve"
    experimental = True

    def recognises(self, head: bytes, name: str) -> Recognition:
        """A first line of ``Resolve, serial, Scan ID, number``."""
        return Recognition.CERTAIN if is_text(head) and _MARK.match(as_lines(head)[0]) else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read every scan: SORS, then its two measurements.

        Raises
        ------
        MalformedFile
            The two lines of names do not fit each other, or a row is broken.
        """
        lines = as_lines(data)
        scans = _scans(lines)
        values, breaks_off = _rows(lines, 4 * len(scans))
        header = "\n".join(lines[:2])
        if not len(values):
            raise MalformedFile("line 3: there are no numbers below the two lines of names: export the scans again")
        return [
            _recording(scan, i, values[:, 4 * at : 4 * at + 4], header, breaks_off)
            for at, scan in enumerate(scans)
            for i in (1, 2, 3)
        ]


FORMAT = AgilentResolve()


@dataclass(frozen=True, slots=True)
class _Scan:
    serial: str
    number: str


def _scans(lines: list[str]) -> list[_Scan]:
    cells = [cell.strip() for cell in lines[0].split(",")]
    if len(cells) % 4 or len(cells) > MAX_COLUMNS or 3 * len(cells) // 4 > MAX_RECORDINGS:
        raise MalformedFile(f"line 1: {len(cells)} cells are no four a scan: export the scans again")
    names = [cell.strip().lower() for cell in lines[1].split(",")] if len(lines) > 1 else []
    if tuple(names) != _COLUMNS * (len(cells) // 4):
        raise MalformedFile("line 2: the names Xaxis, SORS, bZero and bOffset should stand here once a scan")
    found: list[_Scan] = []
    for model, serial, key, number in zip(*(cells[i::4] for i in range(4)), strict=True):
        if model != "Resolve" or key != "Scan ID":
            raise MalformedFile(
                f"line 1: 'Resolve, serial, Scan ID, number' should stand here once a scan: {key[:40]!r}"
            )
        found.append(_Scan(serial, number))
    return found


def _rows(lines: list[str], n_columns: int) -> tuple[NDArray[np.float64], bool]:
    values: list[float] = []
    for line, row in enumerate(lines[2:-1], 3):
        if not row.strip():
            continue
        cells = [parse_number(cell) for cell in row.split(",")]
        if len(cells) != n_columns or None in cells:
            raise MalformedFile(f"line {line}: {n_columns} numbers should stand here: {row.strip()[:40]!r}")
        values.extend(cell for cell in cells if cell is not None)
        if len(values) > MAX_VALUES:
            raise MalformedFile(f"line {line}: the table is too large for spectra: export fewer in one file")
    return np.array(values, dtype=np.float64).reshape(-1, n_columns), bool(lines[-1].strip())


def _recording(scan: _Scan, column: int, values: NDArray[np.float64], header: str, breaks_off: bool) -> Recording:
    name = ("Xaxis", "SORS", "bZero", "bOffset")[column]
    metadata = {"vendor": "Agilent", "instrument": "Resolve", "block": f"scan {scan.number} {name}"}
    if scan.serial:
        metadata["serial"] = scan.serial
    if column == 1:
        metadata["mode"] = "SORS"
    return Recording(
        format=FORMAT.name,
        index=0,
        x=values[:, 0],
        y=values[:, column],
        x_units="cm-1",
        y_units="unknown",
        technique="raman",
        kind="curve" if column == 1 else "auxiliary",
        title=f"{scan.number} {name}",
        metadata=metadata,
        header=header,
        breaks_off=breaks_off,
    )
