"""Agilent ASP: six lines of numbers, then one ordinate a line. Experimental: no real file was at hand.

The lines are the number of points, the first and last wavenumber, a one, a code of the ordinate and the resolution.
That code 2 is absorbance and 128 transmission is inferred, as is the axis in cm^-1.
"""

from __future__ import annotations

import numpy as np

from device_adapters.decoding import as_lines, is_text, parse_number
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.limits import MAX_VALUES
from device_adapters.recording import Recording

__all__ = ["FORMAT"]

_HEADER_LINES = 6
_ORDINATES = {2.0: "absorbance", 128.0: "transmittance"}


class Asp:
    """The ASP reader."""

    name = "asp"
    experimental = True

    def recognises(self, head: bytes, name: str) -> Recognition:
        """Six lines of one fitting number each, and another number below."""
        if not is_text(head):
            return Recognition.NO
        header = _header(as_lines(head[:1024]))
        return Recognition.LIKELY if header is not None else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read the spectrum.

        Raises
        ------
        MalformedFile
            A line holds no number, or there is none.
        """
        lines = [line.strip() for line in as_lines(data)]
        while lines and not lines[-1]:
            lines.pop()
        header = _header(lines)
        if header is None:
            raise MalformedFile("the first six lines are no head of an ASP file: export the spectrum again")
        n_points, first, last, code, resolution = header
        y = _ordinates(lines[_HEADER_LINES:])
        differs = y.size != n_points
        step = (last - first) / (n_points - 1) if n_points > 1 else 0.0
        return [
            Recording(
                format=self.name,
                index=0,
                x=first + np.arange(y.size, dtype=np.float64) * step,
                y=y,
                x_units="unknown",
                y_units=_ORDINATES[code],
                technique="ftir",
                n_declared=n_points,
                metadata={"vendor": "Agilent", "resolution": resolution},
                header="\n".join(lines[:_HEADER_LINES]),
                warnings=(f"{n_points:,} points declared, {y.size:,} found",) if differs else (),
            )
        ]


FORMAT = Asp()


def _header(lines: list[str]) -> tuple[int, float, float, float, str] | None:
    if len(lines) <= _HEADER_LINES:
        return None
    numbers = [parse_number(line) for line in lines[: _HEADER_LINES + 1]]
    n_points, first, last, one, code, resolution, y = numbers
    if n_points is None or first is None or last is None or code is None or resolution is None or y is None:
        return None
    fits = one == 1.0 and code in _ORDINATES and 0.0 < first != last > 0.0 and 0.0 < resolution < 1000.0
    if not (fits and n_points == int(n_points) and 1 < n_points <= MAX_VALUES):
        return None
    return int(n_points), first, last, code, lines[_HEADER_LINES - 1].strip()


def _ordinates(lines: list[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if len(lines) > MAX_VALUES:
        raise MalformedFile(f"the file has more than {MAX_VALUES:,} lines: this is no spectrum")
    values = []
    for i, line in enumerate(lines):
        value = parse_number(line)
        if value is None:
            raise MalformedFile(f"line {i + _HEADER_LINES + 1}: {line[:40]!r} is no number: export the file again")
        values.append(value)
    return np.array(values, dtype=np.float64)
