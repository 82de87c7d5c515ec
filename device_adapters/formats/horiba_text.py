"""The text of HORIBA LabSpec: ``#key=value`` lines, then a scan in two columns or several in rows.

The text is Latin-1, days stand as dd.mm.yyyy, the axis mostly descends. Older versions do not write the axis's unit;
there the unit of the spectrograph's position, ``Spectro (cm-¹)``, is that of the axis. Scans of a map or a series
stand in rows below a row with the axis; the cells left of it are the places (point, time, X, Y).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device_adapters.decoding import as_lines, is_text, parse_number
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.header_values import Header, present
from device_adapters.labspec import axis_of, metadata_of
from device_adapters.limits import MAX_RECORDINGS, MAX_VALUES
from device_adapters.named_columns import read_pairs
from device_adapters.recording import Recording

__all__ = ["FORMAT"]

FloatArray = NDArray[np.float64]

_KEY = re.compile(r"#([^=\t]{1,80})=\t?(.*)")
_MARKS = ("#Acq. time (s)=", "#Accumulations=", "#AxisType[0]=", "#Spectro (")
_SPECTRO = re.compile(r"spectro \((?P<unit>[^)]{1,12})\)")
_BREAKS_OFF = "the file breaks off inside a line; the scan in it is not used"


class HoribaText:
    """The reader for LabSpec text."""

    name = "horiba-text"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """Lines of ``#key=``, among them at least two of LabSpec's own."""
        if not is_text(head) or not head.lstrip().startswith(b"#"):
            return Recognition.NO
        lines = as_lines(head)
        found = sum(any(line.startswith(mark) for line in lines) for mark in _MARKS)
        return Recognition.CERTAIN if found >= 2 and _KEY.fullmatch(lines[0]) else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read the one scan, or every row of a map or series.

        Raises
        ------
        MalformedFile
            A row below the header is broken.
        """
        lines = as_lines(data)
        header, at = _read_header(lines)
        if at < len(lines) and lines[at].startswith("\t"):
            return _read_rows(lines, at, header)
        pairs, breaks_off = read_pairs(lines, at, "\t")
        scan = _recording(pairs[:, 0], pairs[:, 1], lines[:at], header)
        return [replace(scan, breaks_off=breaks_off)]


FORMAT = HoribaText()


def _read_header(lines: list[str]) -> tuple[Header, int]:
    header = Header()
    for at, line in enumerate(lines):
        match = _KEY.fullmatch(line)
        if match is None and not line.startswith("#"):
            return header, at
        if match is not None:
            header.add(match[1], match[2])
    return header, len(lines)


def _read_rows(lines: list[str], at: int, header: Header) -> list[Recording]:
    n_places = len(lines[at]) - len(lines[at].lstrip("\t"))
    x = np.array(_numbers(lines[at].lstrip("\t"), at + 1), dtype=np.float64)
    places = _place_names(header, n_places)
    recordings: list[Recording] = []
    for line, text in enumerate(lines[at + 1 : -1], at + 2):
        if not text.strip():
            continue
        cells = _numbers(text, line)
        if len(cells) != x.size + n_places:
            raise MalformedFile(f"line {line}: {len(cells):,} numbers stand below an axis of {x.size:,} points")
        if len(recordings) >= MAX_RECORDINGS or (len(recordings) + 1) * x.size > MAX_VALUES:
            raise MalformedFile(f"line {line}: the map is too large: export fewer spectra in one file")
        block = ", ".join(f"{name} {cell:g}" for name, cell in zip(places, cells, strict=False))
        y = np.array(cells[n_places:], dtype=np.float64)
        recordings.append(_recording(x, y, lines[:at], header, block))
    if not recordings:
        raise MalformedFile(f"line {at + 1}: no whole row of ordinates stands below the axis: export the scan again")
    if lines[-1].strip():
        recordings[-1] = replace(recordings[-1], warnings=(_BREAKS_OFF,))
    return recordings


def _numbers(text: str, line: int) -> list[float]:
    values = [parse_number(cell) for cell in text.rstrip("\t").split("\t")]
    if None in values:
        raise MalformedFile(f"line {line}: cell {values.index(None) + 1} is no number: export the scan again")
    return [value for value in values if value is not None]


def _place_names(header: Header, n_places: int) -> list[str]:
    """What the cells left of the axis are: the axes of the header beyond intensity and spectrum."""
    return [header.get(f"axistype[{i + 2}]", "place") for i in range(n_places)]


def _recording(x: FloatArray, y: FloatArray, above: list[str], header: Header, block: str | None = None) -> Recording:
    spectro = next((match for key in header if (match := _SPECTRO.fullmatch(key))), None)
    unit = header.get("axisunit[1]") or (spectro["unit"] if spectro else None)
    metadata = metadata_of(header)
    units, technique, said = axis_of(unit, "laser_nm" in metadata)
    common: dict[str, Any] = present(block=block) | said
    title = header.get("title")
    return Recording(
        format=FORMAT.name,
        index=0,
        x=x,
        y=y,
        x_units=units,
        y_units=header.get("axisunit[0]", "unknown"),
        technique=technique,
        title=f"{title or 'scan'}: {block}" if block else title,
        metadata=metadata | common,
        header="\n".join(above),
    )
