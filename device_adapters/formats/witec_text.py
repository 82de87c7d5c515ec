"""Two texts of WITec: TrueMatch with its sections, and the table with a line of names and a line of units."""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from device_adapters.decoding import as_lines, is_text, parse_number
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.header_values import Header, laser_nm, number, present
from device_adapters.limits import MAX_COLUMNS, MAX_RECORDINGS, MAX_VALUES
from device_adapters.recording import Recording, XUnits
from device_adapters.unit_words import x_units_of

__all__ = ["TABLE", "TRUE_MATCH"]

FloatArray = NDArray[np.float64]

_MARK = "[WITEC_TRUEMATCH_ASCII_HEADER]"
_RELATIVE = re.compile(r"rel\.?\s*1/cm", re.IGNORECASE)


class WitecTrueMatch:
    """The reader for TrueMatch text."""

    name = "witec-truematch"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """The first line is the format's own mark."""
        return Recognition.CERTAIN if is_text(head) and as_lines(head)[0].strip() == _MARK else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read every spectrum of the file.

        Raises
        ------
        MalformedFile
            A point is no pair of numbers, or there are none.
        """
        lines = as_lines(data)
        recordings: list[Recording] = []
        header, at, n_values = Header(), 0, 0
        above: list[str] = []
        while at < len(lines) - 1:
            section = lines[at].strip()
            at += 1
            if section == "[SpectrumHeader]" and recordings:
                header, above = Header(), []
            if section == "[SpectrumData]":
                points, at = _points(lines, at)
                n_values += len(points)
                if len(recordings) >= MAX_RECORDINGS or n_values > MAX_VALUES:
                    raise MalformedFile(f"line {at}: the file holds too many spectra: export fewer in one file")
                recordings.append(_true_match(points, header, above, bool(lines[-1].strip()) and at >= len(lines) - 1))
                continue
            above.append(section)
            key, equals, value = section.partition("=")
            if equals:
                header.add(key, value)
        if not recordings:
            raise MalformedFile("no section [SpectrumData] with a spectrum was found: export the spectrum again")
        return recordings


class WitecTable:
    """The reader for tables of WITec spectra."""

    name = "witec-table"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """A line ``X-Axis⇥name…`` above a line of units."""
        if not is_text(head):
            return Recognition.NO
        lines = as_lines(head)
        is_ours = lines[0].startswith("X-Axis\t") and len(lines) > 1 and "\t" in lines[1]
        return Recognition.LIKELY if is_ours and parse_number(lines[1].split("\t")[0]) is None else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read every column as a spectrum.

        Raises
        ------
        MalformedFile
            Names, units and rows are not of one length, or a cell is no number.
        """
        lines = as_lines(data)
        names, units = ([cell.strip() for cell in line.split("\t")] for line in lines[:2])
        if len(names) != len(units) or len(names) > MAX_COLUMNS:
            raise MalformedFile(f"line 2: {len(units)} units stand below {len(names)} names: export the spectra again")
        values = _rows(lines, len(names))
        x_units, technique, said = _axis(units[0])
        return [
            Recording(
                format=self.name,
                index=0,
                x=values[:, 0],
                y=values[:, i],
                x_units=x_units,
                y_units=units[i] or "unknown",
                technique=technique,
                title=names[i] or None,
                metadata=said | present(vendor="WITec", block=names[i]),
                header="\n".join(lines[:2]),
                breaks_off=bool(lines[-1].strip()),
            )
            for i in range(1, len(names))
        ]


TRUE_MATCH = WitecTrueMatch()
TABLE = WitecTable()


def _points(lines: list[str], at: int) -> tuple[FloatArray, int]:
    """Pairs from line ``at`` to the next section or the end, and where that is."""
    values: list[float] = []
    while at < len(lines) - 1 and not lines[at].startswith("["):
        text = lines[at].strip()
        at += 1
        if not text:
            continue
        cells = [parse_number(cell) for cell in text.split("\t")]
        if len(cells) != 2 or None in cells:
            raise MalformedFile(f"line {at}: this is no pair of numbers: {text[:40]!r}")
        values.extend(cell for cell in cells if cell is not None)
    return np.array(values, dtype=np.float64).reshape(-1, 2), at


def _true_match(points: FloatArray, header: Header, above: list[str], breaks_off: bool) -> Recording:
    units = x_units_of(header.get("xdatakind", ""))
    size = number(header.get("spectrumsize"))
    declared = int(size) if size is not None and 0 < size < 1e9 else None
    warnings: list[str] = []
    if declared is not None and declared != len(points):
        warnings.append(f"{declared:,} points declared, {len(points):,} found")
    return Recording(
        format=TRUE_MATCH.name,
        index=0,
        x=points[:, 0],
        y=points[:, 1],
        x_units=units,
        y_units="unknown",
        technique="raman",
        n_declared=declared,
        breaks_off=breaks_off,
        title=header.get("title"),
        metadata=present(
            vendor="WITec",
            software="TrueMatch",
            laser_nm=_laser(header),
            sample=header.get("title"),
            is_saturated={"true": True, "false": False}.get(header.get("isoversaturated", "").lower()),
            x_units_as_written=header.get("xdatakind") if units == "unknown" else None,
        ),
        header="\n".join(above),
        warnings=tuple(warnings),
    )


def _laser(header: Header) -> float | None:
    value = number(header.get("excitationwavelength"))
    return value if value is not None and laser_nm(f"{value:.6f}") is not None else None


def _rows(lines: list[str], n_columns: int) -> FloatArray:
    values: list[float] = []
    for line, text in enumerate(lines[2:-1], 3):
        if not text.strip():
            continue
        cells = [parse_number(cell) for cell in text.split("\t")]
        if len(cells) != n_columns or None in cells:
            raise MalformedFile(f"line {line}: {n_columns} numbers should stand here: {text.strip()[:40]!r}")
        values.extend(cell for cell in cells if cell is not None)
        if len(values) > MAX_VALUES:
            raise MalformedFile(f"line {line}: the table is too large for spectra: export fewer in one file")
    return np.array(values, dtype=np.float64).reshape(-1, n_columns)


def _axis(unit: str) -> tuple[XUnits, Literal["raman", "unknown"], dict[str, Any]]:
    if _RELATIVE.fullmatch(unit):
        return "cm-1", "raman", {}
    units = x_units_of(unit)
    return units, "unknown", {"x_units_as_written": unit} if units == "unknown" and unit else {}
