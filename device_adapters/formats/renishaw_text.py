"""The text of Renishaw WiRE: ``#Wave ⇥⇥ #Intensity``, or with the place of each scan before them.

What ``#Wave`` is, a Raman shift or a wavelength, the file does not say.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from device_adapters.decoding import as_lines, is_text, parse_number
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.limits import MAX_RECORDINGS, MAX_VALUES
from device_adapters.recording import Recording

__all__ = ["FORMAT"]


class RenishawText:
    """The reader for WiRE text."""

    name = "renishaw-text"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """The first line names ``#Wave`` and ``#Intensity``."""
        if not is_text(head):
            return Recognition.NO
        names = as_lines(head)[0].split()
        return Recognition.LIKELY if names[-2:] == ["#Wave", "#Intensity"] else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read one scan, or one for each place.

        Raises
        ------
        MalformedFile
            A row is no row of numbers, or there are too many scans.
        """
        lines = as_lines(data)
        names = lines[0].split()
        values = _rows(lines, len(names))
        if not len(values):
            raise MalformedFile("line 2: no whole row of numbers stands below the names: export the scan again")
        places = values[:, :-2]
        starts = np.flatnonzero(np.any(np.diff(places, axis=0) != 0, axis=1)) + 1
        if starts.size >= MAX_RECORDINGS:
            raise MalformedFile(f"the file holds more than {MAX_RECORDINGS:,} scans: export fewer in one file")
        recordings = [_recording(part, names, lines[0]) for part in np.split(values, starts)]
        recordings[-1] = replace(recordings[-1], breaks_off=bool(lines[-1].strip()))
        return recordings


FORMAT = RenishawText()


def _rows(lines: list[str], n_columns: int) -> NDArray[np.float64]:
    values: list[float] = []
    for line, text in enumerate(lines[1:-1], 2):
        cells = [parse_number(cell) for cell in text.split()]
        if not cells:
            continue
        if len(cells) != n_columns or None in cells:
            raise MalformedFile(f"line {line}: {n_columns} numbers should stand here: {text.strip()[:40]!r}")
        values.extend(cell for cell in cells if cell is not None)
        if len(values) > MAX_VALUES:
            raise MalformedFile(f"line {line}: the table is too large for spectra: export fewer in one file")
    return np.array(values, dtype=np.float64).reshape(-1, n_columns)


def _recording(part: NDArray[np.float64], names: list[str], header: str) -> Recording:
    place = ", ".join(f"{name[1:]} {value:g}" for name, value in zip(names[:-2], part[0], strict=False))
    return Recording(
        format=FORMAT.name,
        index=0,
        x=part[:, -2],
        y=part[:, -1],
        x_units="unknown",
        y_units="Intensity",
        title=place or None,
        metadata={"block": place} if place else {},
        header=header,
    )
