"""The text of PerkinElmer (``PE … SPECTRUM ASCII PEDS``): a fixed run of lines, ``#HDR``, ``#GR``, ``#DATA``.

Below ``#GR`` stand unit and number of the axis's points, and the largest and smallest ordinate, which are held
against the points.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from device_adapters.decoding import as_lines, is_text
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.header_values import number, present
from device_adapters.named_columns import read_pairs
from device_adapters.recording import Recording
from device_adapters.unit_words import x_units_of

__all__ = ["FORMAT"]

_FIRST_LINE = re.compile(r"PE\s+(?P<kind>\w{2,4})\s+SPECTRUM\s+ASCII\s+PEDS\s+[\d.]+\s*")
_MAX_HEADER_LINES = 200
_SEEN = "FL"  # fluorescence; no file of another kind was available


class PerkinElmerText:
    """The reader for PerkinElmer text."""

    name = "perkinelmer-text"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """The first line is the format's own mark."""
        is_ours = is_text(head) and _FIRST_LINE.fullmatch(as_lines(head)[0])
        return Recognition.CERTAIN if is_ours else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read the one spectrum of the file.

        Raises
        ------
        MalformedFile
            A section is missing, or a line of the data is no pair of numbers.
        """
        lines = as_lines(data)
        match = _FIRST_LINE.fullmatch(lines[0])
        kind = match["kind"] if match else ""
        graph, at = _section(lines, "#GR"), _section(lines, "#DATA")
        above = lines[graph:at]
        pairs, breaks_off = read_pairs(lines, at, None)
        count = number(above[6]) if len(above) > 6 else None
        declared = int(count) if count is not None and 0 < count < 1e9 else None
        if declared is None:
            raise MalformedFile(f"line {graph + 7}: the number of points should stand here: export the spectrum again")
        word = above[0].strip()
        units = x_units_of(word)
        return [
            Recording(
                format=self.name,
                index=0,
                x=pairs[:, 0],
                y=pairs[:, 1],
                x_units=units,
                y_units=above[1].strip() or "unknown",
                technique="ftir" if kind == "IR" else "unknown",
                n_declared=declared,
                title=lines[2].strip() or None,
                metadata=_metadata(lines, kind, word if units == "unknown" else None),
                header="\n".join(lines[:at]),
                breaks_off=breaks_off,
                warnings=_warnings(pairs[:, 1], declared, above, kind),
            )
        ]


FORMAT = PerkinElmerText()


def _section(lines: list[str], mark: str) -> int:
    """The line below the mark."""
    at = next((i for i, line in enumerate(lines[:_MAX_HEADER_LINES]) if line.strip() == mark), None)
    if at is None:
        raise MalformedFile(f"the mark {mark} is missing in the first {_MAX_HEADER_LINES} lines: export it again")
    return at + 1


def _metadata(lines: list[str], kind: str, word: str | None) -> dict[str, Any]:
    day, hour = (line.strip() for line in lines[3:5])
    return present(
        vendor="PerkinElmer",
        data_type=f"PE {kind} SPECTRUM",
        time_as_written=f"{day} {hour}".strip(),
        x_units_as_written=word,
    )


def _warnings(y: np.ndarray[Any, np.dtype[np.float64]], declared: int, above: list[str], kind: str) -> tuple[str, ...]:
    said: list[str] = []
    if declared != y.size:
        said.append(f"{declared:,} points declared, {y.size:,} found")
    top = number(above[8]) if len(above) > 8 else None
    if top is not None and y.size and abs(float(y.max()) - top) > 1e-4 * max(1.0, abs(top)):
        said.append(f"the largest ordinate is {y.max():.6g}, the file says {top:.6g}")
    if kind != _SEEN:
        said.append(f"no real file of the kind {kind!r} was available to test this reader with")
    return tuple(said)
