"""Metrohm Mira CSV of key and value rows: ``CreatedDate``, ``Intensities`` and others.

Known from what loaders of others look for, not from a file: the row ``Intensities`` holds the ordinates, and which
row holds the axis is not known. A row of as many numbers whose key says wavenumber or Raman shift is taken as the
axis; else the points are only counted, and the scan cannot be identified.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from device_adapters.decoding import as_lines, is_text, parse_number
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.header_values import Header, present
from device_adapters.limits import MAX_VALUES
from device_adapters.recording import Recording

__all__ = ["FORMAT"]

_AXIS = re.compile(r"(wave\s?numbers?|raman\s?shifts?)", re.IGNORECASE)
_NO_AXIS = "no row of the file says that it is the axis: export the scan as two columns or as SPC"


class MiraKeyValue:
    """The reader for Mira key and value CSV."""

    name = "metrohm-mira-key-value"
    experimental = True

    def recognises(self, head: bytes, name: str) -> Recognition:
        """A row ``CreatedDate,…`` and a row ``Intensities,…``, or the former first where the head ends too soon."""
        if not is_text(head):
            return Recognition.NO
        keys = [line.partition(",")[0].strip() for line in as_lines(head)]
        if "CreatedDate" not in keys:
            return Recognition.NO
        return Recognition.LIKELY if "Intensities" in keys or keys[0] == "CreatedDate" else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read the one scan of the file.

        Raises
        ------
        MalformedFile
            There is no whole row of intensities, or a cell of it is no number.
        """
        if data.count(b",") > MAX_VALUES:
            raise MalformedFile(f"the file holds more than {MAX_VALUES:,} cells: this is no spectrum")
        lines = as_lines(data)
        y, header, axis = _take_apart(lines)
        x = axis if axis is not None and axis.size == y.size else np.arange(y.size, dtype=np.float64)
        is_counted = axis is None or axis.size != y.size
        return [
            Recording(
                format=self.name,
                index=0,
                x=x,
                y=y,
                x_units="points" if is_counted else "cm-1",
                y_units="Intensities",
                metadata=present(time_as_written=header.get("createddate")),
                header="\n".join(line for line in lines if not line.startswith("Intensities"))[:100_000],
                warnings=(_NO_AXIS,) if is_counted else (),
            )
        ]


FORMAT = MiraKeyValue()


def _take_apart(lines: list[str]) -> tuple[NDArray[np.float64], Header, NDArray[np.float64] | None]:
    header, y, axis = Header(), None, None
    for line, row in enumerate(lines[:-1], 1):
        key, _, value = row.partition(",")
        if key.strip() == "Intensities":
            y = _numbers(value, line)
        elif _AXIS.fullmatch(key.strip()):
            axis = _numbers(value, line)
        else:
            header.add(key, value)
    if y is None:
        raise MalformedFile("there is no whole row 'Intensities': export the scan again, or as SPC")
    return y, header, axis


def _numbers(value: str, line: int) -> NDArray[np.float64]:
    cells = [parse_number(cell) for cell in re.split(r"[,;]", value.strip().strip('"').rstrip(",;"))]
    if None in cells:
        raise MalformedFile(f"line {line}: cell {cells.index(None) + 2} is no number: export the scan again")
    return np.array(cells, dtype=np.float64)
